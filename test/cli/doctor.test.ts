// `doctor`: how each check ends, what is asked of the platform for it, and what is kept out of it. What it prints is in
// test/words/doctor.txt.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import manifestOfPackage from "../../package.json" with { type: "json" };
import { makeSend } from "../../src/genesys/client/send.ts";
import type { HttpRequest } from "../../src/model/http.ts";
import { answer, credentials, loggedIn, manifest, runWorld, trailPath } from "../support/world.ts";
import type { Intercept } from "../support/world.ts";
import { doctorCases, hosts, oneHost } from "./doctor-cases.ts";
import {
  delivers,
  doctor,
  doctorWords,
  files,
  instead,
  offering,
  platform,
  source,
} from "./doctor-world.ts";

const all = [
  "node",
  "config",
  "region",
  "credentials",
  "token",
  "api",
  "permissions",
  "resources",
  "clock",
  "rate limit",
  "manifests",
  "endpoints",
  "state",
  "store",
  "trail",
  "git",
  "notify",
];

test("where all is well each check passes; it reads, and leaves nothing behind", async () => {
  const { status, is, checks, world } = await doctor();
  expect([status, checks.map(({ check }) => check)]).toEqual([0, all]);
  expect(is(...all)).toEqual(Object.fromEntries(all.map((name) => [name, "passed"])));
  expect(world.requests.toSorted()).toEqual([
    "GET /api/v2/integrations",
    "GET /api/v2/integrations/types/amazon-eventbridge-source",
    "GET /api/v2/processautomation/triggers",
    "GET /api/v2/tokens/me",
    "GET /api/v2/webhooks",
    "OPTIONS /",
    "POST /oauth/token",
  ]);
  expect(world.files.paths()).toEqual(["/subscriptions/a.yaml"]);
});

test.each(doctorCases)("$given: $is", async ({ argv, options, is: expected }) => {
  const names = Object.keys(expected);
  const { status, checks, is } = await doctor({ ...(argv && { argv }), ...(await options()) });
  expect(is(...names)).toEqual(expected);
  expect(status).toBe(checks.some(({ status: how }) => how === "failed") ? 1 : 0);
  // Whatever is amiss comes with something to do about it.
  const amiss = checks.filter(({ status: how }) => how === "failed" || how === "warning");
  expect(amiss.filter(({ toDo }) => toDo === null)).toEqual([]);
  const failed = checks.filter(({ status: how }) => how === "failed").map(({ check }) => check);
  expect(failed.filter((check) => expected[check] !== "failed")).toEqual([]);
});

const typePath = "/api/v2/integrations/types/amazon-eventbridge-source";

test.each([
  [200, { maxInstances: 5 }, "offered; the organisation can have 5"],
  [200, {}, "offered; the platform does not state how many the organisation can have"],
  [404, { message: "no" }, `not offered: ${typePath} answers 404`],
  [403, { message: "no" }, "offered; how many the organisation can have is not known: "],
])("the type of integrations, answered %i %j, is told", async (status, body, words) => {
  const intercept = instead(typePath, () => answer(status, body));
  const { checks } = await doctor({ files: delivers("a", source), intercept });
  const found = checks.find(({ check }) => check === "resources");
  expect(found?.details.join("\n")).toContain(`EventBridge integrations (/api/v2/integrations): ${words}`);
  if (status === 404)
    expect(found?.seen).toBe(
      `this organisation does not offer EventBridge integrations, which the manifests name: ${typePath} answers 404`,
    );
});

test("--output json is one object with every check", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: "no" }));
  const { status, out } = await doctorWords({ argv: "doctor --output json", intercept });
  const { checks, ...rest } = JSON.parse(out) as { checks: Record<string, unknown>[] };
  expect([status, rest]).toEqual([
    1,
    { formatVersion: 1, ok: false, environment: "mypurecloud.com", owner: "default" },
  ]);
  expect(checks.map(({ check }) => check)).toEqual(all);
  expect(checks[6]).toEqual({
    check: "permissions",
    status: "failed",
    seen: expect.any(String) as string,
    details: [],
    toDo: expect.any(String) as string,
  });
});

test("what failed and what is doubtful becomes annotations where GitHub runs it", async () => {
  const { err } = await doctorWords({
    argv: "doctor --skip-endpoints",
    environment: { ...loggedIn, GITHUB_ACTIONS: "true" },
    nodeVersion: "18.20.0",
    commit: null,
  });
  expect(err.split("\n")).toEqual([
    expect.stringMatching(/^::error::node: 18\.20\.0 /),
    expect.stringMatching(/^::warning::git: /),
    "",
  ]);
});

test("the Node that is asked for is the one that package.json asks for", async () => {
  const least = manifestOfPackage.engines.node.replace(">=", "");
  expect((await doctor({ nodeVersion: `${least}.0` })).is("node")).toEqual({ node: "passed" });
  const [major = 0, minor = 0] = least.split(".").map(Number);
  const { status, checks } = await doctor({ nodeVersion: `${major}.${minor - 1}.9` });
  const [node] = checks;
  expect([status, node?.status]).toEqual([1, "failed"]);
  expect([node?.seen, node?.toDo]).toEqual([
    expect.stringContaining(`${major}.${minor - 1}.9`),
    expect.stringContaining(least),
  ]);
});

test("nothing is sent without a region or credentials, and after a refused login nothing more", async () => {
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nownr: me\n";
  const odd = await doctor({ files: { ...files, "reconcile.yaml": config } });
  const argv = "doctor --skip-endpoints";
  const unset = await doctor({ argv, environment: { GENESYS_CLIENT_ID: "x" } });
  const environment = { ...loggedIn, GENESYS_CLIENT_SECRET: "another-secret" };
  const refused = await doctor({ argv, environment });
  expect([odd, unset, refused].map(({ world }) => world.requests)).toEqual([[], [], ["POST /oauth/token"]]);
});

test("endpoints: each host is asked once, without path, query, token or body", async () => {
  const asked: HttpRequest[] = [];
  const intercept: Intercept = (request, forward) => {
    if (!new URL(request.url).host.endsWith("mypurecloud.com")) asked.push(request);
    return oneHost(request, forward);
  };
  await doctor({ intercept, files: hosts });
  expect(asked.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
    { method: "OPTIONS", url: "https://gone.example.com/", headers: {} },
    { method: "OPTIONS", url: "https://p.example.com/", headers: {} },
  ]);
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
  const { status, is, world } = await doctor({ files: { "subscriptions/a.yaml": file }, intercept });
  expect([status, is("endpoints"), world.requests.includes("OPTIONS /")]).toEqual([
    isPrivate ? 1 : 0,
    { endpoints: isPrivate ? "failed" : "passed" },
    !isPrivate,
  ]);
});

test("endpoints: none is asked of event sources, with --skip-endpoints, or with --sandbox", async () => {
  const found = await Promise.all([
    doctor({ files: delivers("b", source) }),
    doctor({ argv: "doctor --skip-endpoints" }),
    doctor({ argv: "doctor --sandbox", environment: {}, send: makeSend() }),
  ]);
  for (const { status, world } of found) {
    expect(status).toBe(0);
    expect(world.requests).not.toContain("OPTIONS /");
  }
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

test("resources: each is shown with its path, whatever is amiss", async () => {
  const { checks } = await doctor({ intercept: offering({ webhooks: 404, integrations: 403 }) });
  const { details } = checks.find(({ check }) => check === "resources") ?? { details: [] };
  expect(details.map((line) => /\((\/\S+)\)/.exec(line)?.[1])).toEqual([
    "/api/v2/webhooks",
    "/api/v2/integrations",
    "/api/v2/processautomation/triggers",
  ]);
});

test("trail: it is read, and not changed", async () => {
  const { world } = await runWorld({ argv: "", files });
  const before = world.files.text(trailPath);
  await doctor({ from: world });
  expect(world.files.text(trailPath)).toBe(before);
});

test("the secret is in nothing that it prints, whoever repeats it", async () => {
  const intercept = instead("/api/v2/webhooks", () => answer(403, { message: credentials.clientSecret }));
  const { out } = await doctorWords({ intercept });
  expect(out).toContain("forbidden (403): ***");
});
