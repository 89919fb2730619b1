// `doctor` around the platform: manifests, endpoints, the disk, Git and the sandbox.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import type { HttpRequest } from "../../src/model/http.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { answer, credentials, manifest, runWorld, type Intercept } from "../support/world.ts";
import { broken, delivers, doctor, files, instead, platform, source, workflow } from "./doctor-world.ts";

test("manifests: errors and warnings are counted, the first errors shown", async () => {
  const bad = manifest("alpha").replace("eventTypes:", "eventTypez:");
  const { status, about } = await doctor({ files: { "subscriptions/a.yaml": bad } });
  expect(about("manifests")).toBe(
    '✗ manifests 1 error\nsubscriptions/a.yaml:7: unknown key "eventTypez" in spec\n' +
      "→ reconcile validate shows each with its line and the way out",
  );
  expect([status, about("endpoints")]).toEqual([
    1,
    "- endpoints not checked: it takes valid manifests first",
  ]);
  const secret = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");
  const warned = await doctor({ files: { "subscriptions/a.yaml": secret } });
  expect([warned.status, warned.about("manifests")]).toEqual([
    0,
    "! manifests 1 manifest is valid, with 1 warning\n→ reconcile validate shows them",
  ]);
});

test("endpoints: each host is asked once, without path, query, token or body; who cannot be reached is named", async () => {
  const asked: HttpRequest[] = [];
  const intercept: Intercept = (request, forward) => {
    const { host } = new URL(request.url);
    if (host.endsWith("mypurecloud.com")) return platform(request, forward);
    asked.push(request);
    return host === "gone.example.com" ? broken("network/unreachable", "ENOTFOUND")() : answer(500);
  };
  const at = (group: string, url: string): string =>
    manifest(group).replace(`https://events.example.com/${group}`, url);
  const { status, about } = await doctor({
    intercept,
    files: {
      "subscriptions/a.yaml": manifest("alpha", {
        pool: ["https://p.example.com/1?key=abc", "https://p.example.com/2", "https://gone.example.com/1"],
      }),
      "subscriptions/b.yaml": at("beta", "https://10.1.2.3:8443/x"),
      "subscriptions/c.yaml": at("gamma", "https://[::1]/x"),
      "subscriptions/d.yaml": at("delta", "https://hooks.local/x"),
      "subscriptions/e.yaml": at("off", "https://off.example.com/x").replace(
        "spec:",
        "spec:\n  state: disabled",
      ),
    },
  });
  expect(asked.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
    { method: "OPTIONS", url: "https://gone.example.com/", headers: {} },
    { method: "OPTIONS", url: "https://p.example.com/", headers: {} },
  ]);
  const isPrivate = "a private address, which Genesys Cloud cannot reach; it was not asked";
  expect(about("endpoints")).toBe(
    "✗ endpoints 4 of 5 hosts cannot be reached, as seen from here, which is not where Genesys Cloud is\n" +
      "gone.example.com (group alpha): its name is unknown to DNS (ENOTFOUND)\n" +
      `10.1.2.3:8443 (group beta): ${isPrivate}\n[::1] (group gamma): ${isPrivate}\nhooks.local (group delta): ${isPrivate}\n` +
      "→ have the endpoints put up where the internet reaches them; where only this machine is not let out, pass --skip-endpoints",
  );
  expect(status).toBe(1);
});

test("endpoints: of event sources and workflows no host is asked; that a new source is to be associated is said", async () => {
  const [[path, text] = ["", ""]] = Object.entries(delivers("off", `${source}-off`));
  const off = { [path]: text.replace("spec:", "spec:\n  state: disabled") };
  const all = { ...delivers("b", source), ...delivers("c", workflow), ...off };
  const reminder =
    "1 event source in AWS: a new one reaches nobody until it is associated with an event bus there, which cannot be seen from here; docs/eventbridge.md says how";
  const alone = await doctor({ files: all });
  expect([alone.status, alone.about("endpoints")]).toEqual([
    0,
    `✓ endpoints none is https, so there is nobody to ask\n${reminder}`,
  ]);
  expect(alone.world.requests).not.toContain("OPTIONS /");
  const mixed = await doctor({ files: { ...files, ...all } });
  expect(mixed.about("endpoints")).toBe(
    `✓ endpoints 1 host answers, as seen from here, which is not where Genesys Cloud is\n${reminder}`,
  );
  const skipped = await doctor({ argv: "doctor --skip-endpoints", files: all });
  expect(skipped.about("endpoints")).toBe(
    `- endpoints not checked: left out, as --skip-endpoints says\n${reminder}`,
  );
  const workflows = await doctor({ files: delivers("b", workflow) });
  expect(workflows.about("endpoints")).toBe("✓ endpoints none is https, so there is nobody to ask");
});

test.each([
  ["127.0.0.1", true],
  ["172.31.255.255", true],
  ["172.32.0.1", false],
  ["169.254.169.254", true],
  ["8.8.8.8", false],
  ["[::ffff:10.0.0.1]", true],
  ["[fd00::1]", true],
  ["[2001:db8::1]", false],
  ["hooks", true],
  ["hooks.corp.internal", true],
  ["hooks.example.com", false],
])("endpoints: whether %s is private is %s", async (host, isPrivate) => {
  const file = manifest("alpha").replace("events.example.com", host);
  const intercept: Intercept = (request, forward) =>
    request.method === "OPTIONS" ? answer(404) : platform(request, forward);
  const { status, about } = await doctor({ files: { "subscriptions/a.yaml": file }, intercept });
  expect([status, about("endpoints").includes("private")]).toEqual(isPrivate ? [1, true] : [0, false]);
});

test("endpoints: a host that does not answer in time is given up", async () => {
  const intercept: Intercept = (request, forward) =>
    request.method === "OPTIONS" ? new Promise(() => undefined) : platform(request, forward);
  const { status, about } = await doctor({ intercept });
  expect(about("endpoints")).toContain("events.example.com (group alpha): no answer within 10 s");
  expect(status).toBe(1);
});

test("endpoints: --skip-endpoints asks none", async () => {
  const { status, about, world } = await doctor({ argv: "doctor --skip-endpoints" });
  expect([status, about("endpoints"), world.requests.includes("OPTIONS /")]).toEqual([
    0,
    "- endpoints not checked: left out, as --skip-endpoints says",
    false,
  ]);
});

test("endpoints: over a real connection the question has no body", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    seen.push(
      `${method ?? ""} ${url ?? ""} ${headers["content-length"] ?? "0"} ${headers.authorization ?? "-"}`,
    );
    response.writeHead(405).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/`;
  const { status } = await makeSend()({ method: "OPTIONS", url, headers: {} });
  server.closeAllConnections();
  server.close();
  expect([status, seen]).toEqual([405, ["OPTIONS / 0 -"]]);
});

test("state and trail: a disk that refuses, before it keeps a pass from its work", async () => {
  const { world } = await runWorld({ argv: "validate", files });
  world.files.failNext("create", "EACCES");
  world.files.failNext("create", "EROFS");
  const { status, about } = await doctor({ from: world });
  expect([status, about("state"), about("trail")]).toEqual([
    1,
    "✗ state the working directory cannot be written: permission denied\n→ give this user write permission there; without it no pass can apply anything",
    "✗ trail the working directory cannot be written: the system says EROFS\n" +
      "→ give this user write permission there, or set audit.file in the config to another path: nothing is changed that cannot be recorded",
  ]);
});

test("trail: sound, not writable, broken", async () => {
  const { world } = await runWorld({ argv: "", files });
  const path = "audit-logs/subscription_audit.log";
  const before = world.files.text(path);
  const sound = await doctor({ from: world });
  expect(sound.about("trail")).toBe(
    `✓ trail ${path}: 4 records, unbroken, none signed\nRECONCILE_AUDIT_KEY is not set, so records are not signed`,
  );
  expect(world.files.text(path)).toBe(before);
  world.files.failNext("openAppend", "EACCES");
  const shut = await doctor({ from: world });
  expect(shut.about("trail")).toContain(`✗ trail ${path} cannot be written: permission denied\n→ `);
  world.files.set(path, before.replace("alpha", "alphb"));
  const cut = await doctor({ from: world });
  expect(cut.about("trail")).toMatch(
    /^✗ trail audit-logs\/subscription_audit\.log is broken at line \d: [^]*\n→ reconcile audit verify says more/,
  );
  expect([sound.status, shut.status, cut.status]).toEqual([0, 1, 1]);
});

test("git: without a commit a warning", async () => {
  const { status, about } = await doctor({ commit: null });
  expect([status, about("git")]).toEqual([
    0,
    "! git no commit is known here: the trail would name tester@host, and not which commit a change came from\n" +
      "→ install Git, and run in a clone; in a repository without a commit, make a first commit; in a workflow, check the repository out first",
  ]);
});

test("git: too old to be asked in a partial clone, it is a warning that says what to do", async () => {
  const refusal = new ReconcileError("git/tooOld", "git version 2.30.2 is too old", {
    hint: "install another",
  });
  const { status, about } = await doctor({ refusal });
  expect([status, about("git")]).toEqual([0, "! git git version 2.30.2 is too old\n→ install another"]);
});

test("with --sandbox all of it is checked against the embedded Genesys Cloud", async () => {
  const { status, about, world } = await doctor({
    argv: "doctor --sandbox",
    environment: {},
    send: makeSend(),
  });
  expect([status, about("region"), about("permissions"), about("endpoints")]).toEqual([
    0,
    "✓ region the embedded Genesys Cloud (--sandbox)",
    "✓ permissions webhooks can be listed; scopes webhook:read webhook:write",
    "- endpoints not checked: the sandbox delivers nothing",
  ]);
  expect(world.requests).not.toContain("OPTIONS /");
});

test("the secret is in nothing that it prints, whoever repeats it", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: credentials.clientSecret }));
  const { out } = await doctor({ intercept });
  expect(out).toContain("forbidden (403): ***");
});
