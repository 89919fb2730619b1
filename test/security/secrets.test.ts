// The client secret, the token, the audit key: in no output, whoever repeats them. (Every other test checks it, too:
// test/support/canary.ts.)
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { readProvenance, readRepository } from "../../src/git/provenance.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { expectNoSecret, secretsIn, tokensIn } from "../support/canary.ts";
import {
  answer,
  credentials,
  loggedIn,
  makeWorld,
  manifest,
  putWebhook,
  runWorld,
  trailPath,
} from "../support/world.ts";
import { manifestsIn } from "../support/manifests-in.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-audit-key-of-tests-that-is-long" };
const { clientId, clientSecret } = credentials;
const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
const escaped = (text: string): string =>
  text.replaceAll(/[^]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** `runWorld` throws where one of them appears in output, log or trail. */
test.each(["sync", "sync -v", "sync --output json", "sync --output markdown", "plan", "plan --prune -v"])(
  "a platform that repeats the secret and the token brings them into no output, log or record: %s",
  async (argv) => {
    for (const status of [200, 400, 401, 403, 409, 422, 429, 500]) {
      for (const write of [
        (text: string) => JSON.stringify(text),
        (text: string) => `"${escaped(text)}"`,
      ]) {
        const { world } = await runWorld({
          argv,
          files,
          environment,
          intercept: ({ method, url, headers }, forward) => {
            const token = headers["authorization"]?.split(" ")[1] ?? "";
            const said = write(`${token} ${clientSecret} ${basic}`);
            const words = `"message":${said},"contextId":${write(token)},"error":${said}`;
            const echo = {
              "inin-correlation-id": clientSecret,
              location: `https://${clientSecret}.example/`,
            };
            if (url.endsWith("/oauth/token") && status !== 401) return forward();
            if (status === 200 && method === "GET") {
              const group = write("Consumer group: alpha | Managed by: reconcile (default)");
              const texts = `"name":${said},"endpoint":${said},"state":${said},"eventTypes":[${said}]`;
              const listed = `{"id":"w1",${texts},"description":${group}},{"id":"w2",${texts},"description":${said}}`;
              return { status, headers: echo, body: `{"entities":[${listed}],"total":2}` };
            }
            const errors = `"errors":[{"field":${said},"message":${said}}]`;
            return { status, headers: echo, body: `{${words},${errors}}` };
          },
        });
        expect(world.requests.length).toBeGreaterThan(0);
      }
    }
  },
);

test("what is not JSON is not repeated, either, nor is a token shown as a correlation id", async () => {
  const { err, out } = await runWorld({
    argv: "plan -v",
    files,
    environment,
    intercept: ({ url, headers }, forward) =>
      url.endsWith("/oauth/token")
        ? forward()
        : {
            ...answer(500),
            headers: { "inin-correlation-id": headers["authorization"]?.split(" ")[1] ?? "" },
            body: `<b>${clientSecret}`,
          },
  });
  expect(out + err).toContain("the platform failed (500)");
});

test("the audit key signs, and is in no record", async () => {
  const { world, status } = await runWorld({ argv: "sync", files, environment });
  expect(status).toBe(0);
  expect(world.files.paths()).toContain("/audit-logs/subscription_audit.log");
});

test("the trail and the sandbox's state are readable by their owner only", async () => {
  const synced = await runWorld({ argv: "sync", files });
  expect(synced.world.files.mode(trailPath)).toBe(0o600);
  const local = await runWorld({ argv: "sync --sandbox", files, send: makeSend() });
  expect(local.status).toBe(0);
  for (const path of [".reconcile/sandbox.json", ".reconcile/sandbox-audit.log"])
    expect(local.world.files.mode(path)).toBe(0o600);
});

test("no flag takes a secret, so none stands among a process's arguments", () => {
  const program = makeProgram(makeWorld({ argv: "" }), () => undefined);
  const flags = program.commands.flatMap(({ options }) => options.map(({ long }) => long ?? ""));
  expect(flags.length).toBeGreaterThan(10);
  expect(flags.filter((flag) => /secret|token|password|key|client|credential/i.test(flag))).toEqual([]);
});

test("Git gets no secret, and a folder's name is no option of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "security-"));
  const record = join(folder, "asked");
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  execFileSync(real, ["init", "--quiet", folder]);
  await mkdir(join(folder, "--name-only"));
  await writeFile(join(folder, "--name-only/a.yaml"), "a: 1\n");
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-C", folder];
  for (const words of [
    ["add", "--all"],
    ["commit", "--quiet", "-m", "first"],
  ])
    execFileSync(real, [...author, ...words]);
  await writeFile(join(folder, "git"), `#!/bin/sh\n{ echo "$@"; env; } >> ${record}\nexec ${real} "$@"\n`);
  await chmod(join(folder, "git"), 0o755);
  const secrets = {
    GENESYS_CLIENT_ID: "the-client-id-of-git",
    GENESYS_CLIENT_SECRET: "the-client-secret-of-git",
    RECONCILE_AUDIT_KEY: "the-audit-key-of-git",
    HTTPS_PROXY: "http://user:the-password-of-git@proxy.example.com",
  };
  for (const [name, value] of Object.entries(secrets)) vi.stubEnv(name, value);
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"] ?? ""}`);
  try {
    const { commit } = await readProvenance(manifestsIn("--name-only"), process.env, systemClock);
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    await readRepository(folder, systemClock);
    const asked = await readFile(record, "utf8");
    expect(asked).toContain("-- --name-only\n");
    expect(asked).not.toMatch(/of-git/);
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});

test("the check that runs after every command finds each form of a secret", () => {
  const proxy = { HTTPS_PROXY: "http://me:proxy-password@proxy.example.com" };
  const secrets = secretsIn({ ...environment, ...proxy }, "GENESYS_CLIENT_SECRET=from-dotenv\n");
  for (const secret of [
    clientSecret,
    basic,
    "from-dotenv",
    "the-audit-key-of-tests-that-is-long",
    "proxy-password",
  ])
    expect(() => {
      expectNoSecret({ trail: `x${secret}x` }, secrets);
    }).toThrow("appears in trail");
  expectNoSecret({ trail: "nothing", stdout: clientId }, secrets);
  expect(tokensIn('{"access_token": "token-of-tests","expires_in":1}')).toEqual(["token-of-tests"]);
});

test("webhooks are compared and restored as if a repeated secret were anybody's edit", async () => {
  const first = await runWorld({ argv: "sync", files });
  const [id = ""] = first.world.state.webhooks.keys();
  putWebhook(first.world.state, { id, group: "alpha", owner: "default", name: clientSecret });
  const { out, world } = await runWorld({ argv: "sync", from: first.world });
  expect(out).toContain("1 updated");
  expect(out).toContain("~ name *** → alpha-");
  expect((await runWorld({ argv: "sync", from: world })).out).toContain("1 unchanged");
});
