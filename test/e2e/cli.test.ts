// The built command as a user runs it: its own process, a real disk, a real loopback port.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectNoSecret, secretsIn } from "../support/canary.ts";
import { certificatePath, startProxy, startTlsPlatform } from "../support/proxy.ts";

const root = resolve(import.meta.dirname, "../..");
const command = join(root, "dist/reconcile.js");
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reconcile-"));
});

afterAll(() => rm(folder, { recursive: true }));

const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"] };

function start(words: string, more: Record<string, string> = {}): ChildProcess {
  const argv = [command, ...words.split(" ").filter(Boolean)];
  return spawn(process.execPath, argv, { cwd: folder, env: { ...environment, ...more } });
}

async function reconcile(words: string, more: Record<string, string> = {}) {
  const child = start(words, more);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const status = await exitOf(child);
  const dotenv = await readFile(join(folder, ".env"), "utf8").catch(() => "");
  expectNoSecret({ stdout: out(), stderr: err() }, secretsIn(more, dotenv));
  return { status, out: out(), err: err() };
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once("close", done));
}

const placeholder = `warning: the URL is a placeholder: no events arrive until you replace it [endpointUrl/placeholder]
  --> subscriptions/example.yaml:9:16
    9 |   endpointUrl: https://events.example.com/genesys
      |                ^
  = put the URL of your own endpoint there
`;

test("init, plan, sync, sync again, edit, sync", async () => {
  expect(await reconcile("init --owner mine")).toMatchObject({ status: 0, err: "" });
  expect(await reconcile("plan --sandbox --detailed-exitcode")).toMatchObject({ status: 2, err: "" });
  const first = await reconcile("--sandbox");
  expect(first.out).toMatch(
    /\nDone: 1 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved\n$/,
  );
  expect(await reconcile("--sandbox")).toEqual({
    status: 0,
    out: `sandbox as owner "mine"\n${placeholder}\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, 1 unchanged; 0 event types moved\n`,
    err: "",
  });
  const path = join(folder, "subscriptions/example.yaml");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace("conversation.updated", "conversation.ended"));
  expect(await reconcile("--sandbox")).toEqual({
    status: 0,
    err: "",
    out: `sandbox as owner "mine"

example  subscriptions/example.yaml:3
  ~ https://events.example.com/genesys  2 event types
      1 event type is added; 1 event type is removed
      + routing.queue.conversation.ended
      - routing.queue.conversation.updated
        1 more stays

${placeholder}
Done: 0 created, 1 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved
`,
  });
  expect((await stat(join(folder, ".reconcile/sandbox-audit.log"))).mode & 0o777).toBe(0o600);
});

test.each(["SIGTERM", "SIGINT"] as const)("`sandbox` serves other processes until %s", async (signal) => {
  const sandbox = start("sandbox --port 0");
  const [out, err] = [collect(sandbox.stdout), collect(sandbox.stderr)];
  // Two pipes: the one written last may be read first.
  const listening = Promise.all(
    [sandbox.stdout, sandbox.stderr].map((stream) => new Promise((done) => stream?.once("data", done))),
  );
  const ended = exitOf(sandbox);
  await listening;
  expect(out()).toMatch(/^(GENESYS_[A-Z_]+=\S+\n){4}$/);
  const variables = Object.fromEntries(
    out()
      .trim()
      .split("\n")
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  ) as Record<string, string>;
  const plan = await reconcile("plan --output json", variables);
  expect([plan.status, plan.err]).toEqual([0, ""]);
  expect(JSON.parse(plan.out)).toMatchObject({ ok: true, summary: { unchanged: 1 } });
  sandbox.kill(signal);
  expect(await ended).toBe(130);
  expect(err()).toMatch(/^The sandbox runs until Ctrl-C; .*\n\nStopping\n$/);
});

test("a wrong command line exits 1, and --version is the package's", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  expect(await reconcile("--version")).toEqual({ status: 0, out: `${version}\n`, err: "" });
  expect(await reconcile("--wat")).toEqual({ status: 1, out: "", err: "error: unknown option '--wat'\n" });
});

test("with -v every request is logged", async () => {
  const { status, err } = await reconcile("plan --sandbox -v");
  expect(err).toMatch(/^debug: .*POST.*\/oauth\/token/m);
  expect(err).toMatch(/^debug: .*GET.*\/api\/v2\/webhooks/m);
  expect(status).toBe(0);
});

test("a torn last line of the trail is reported and blocks nothing", async () => {
  await appendFile(join(folder, ".reconcile/sandbox-audit.log"), '{"torn');
  const manifest = join(folder, "subscriptions/example.yaml");
  const text = await readFile(manifest, "utf8");
  await writeFile(
    manifest,
    text.replace("  offsetTracking:", "    - torn.tail.survived\n  offsetTracking:"),
  );
  const { status, out, err } = await reconcile("--sandbox");
  expect(err).toMatch(/^warning: .*sandbox-audit\.log/);
  expect(out).toMatch(/^Done: 0 created, 1 updated/m);
  expect(status).toBe(0);
});

test("a manifest that is a link to a file with secrets shows none of it", async () => {
  const link = join(folder, "subscriptions/link.yaml");
  await writeFile(join(folder, "secret.txt"), "GENESYS_CLIENT_SECRET=topsecret-123\n");
  await symlink("../secret.txt", link);
  const { status, out, err } = await reconcile("validate");
  await rm(link);
  expect(out).toContain("[link/outside]");
  expect(out + err).not.toContain("topsecret");
  expect(status).toBe(1);
});

test("a catalogue that is a file with secrets shows none of it", async () => {
  const config = join(folder, "reconcile.yaml");
  const text = await readFile(config, "utf8");
  await writeFile(config, `${text}catalog: secret.txt\n`);
  const { status, out, err } = await reconcile("validate");
  await writeFile(config, text);
  expect(out).toContain("secret.txt:1:1");
  expect(out + err).not.toContain("topsecret");
  expect(status).toBe(1);
});

test("validate knows the regions", async () => {
  const config = join(folder, "reconcile.yaml");
  const text = await readFile(config, "utf8");
  await writeFile(config, text.replace("mypurecloud.com", "mypurecloud.xx"));
  const { status, out } = await reconcile("validate");
  await writeFile(config, text);
  expect(out).toContain('unknown Genesys Cloud region "mypurecloud.xx" in reconcile.yaml');
  expect(status).toBe(1);
});

test("the region is reached through HTTPS_PROXY, whose credentials nobody sees", async () => {
  const seen: string[] = [];
  const platform = await startTlsPlatform((request, response) => {
    seen.push(`${request.method} ${request.headers.host} ${request.url}`);
    const isLogin = request.url === "/oauth/token";
    const body = isLogin
      ? { access_token: "t0ken-1", expires_in: 86_400 }
      : { entities: [], total: 0, organization: { id: "an-organisation", name: "Acme" } };
    response.end(JSON.stringify(body));
  });
  const proxy = await startProxy(platform);
  const [user, password] = ["proxy-user", "proxy-pass-word"];
  const variables = {
    GENESYS_CLIENT_ID: "id",
    GENESYS_CLIENT_SECRET: "client-secret-1",
    HTTPS_PROXY: `http://${user}:${password}@127.0.0.1:${proxy.port}`,
    NODE_EXTRA_CA_CERTS: certificatePath,
    DEBUG: "https-proxy-agent*",
  };
  const { status, out, err } = await reconcile("plan -v", variables);
  proxy.close();
  const failed = await reconcile("plan -v", { ...variables, DEBUG: "" });
  platform.close();
  expect(out).toMatch(/^mypurecloud\.com as owner "mine", organisation "Acme"\n[^]*Plan: 1 to create/);
  expect([status, failed.status]).toEqual([0, 1]);
  // Who the organisation is and what is live are asked for at once, over a connection each.
  expect(proxy.connects).toEqual([
    "login.mypurecloud.com:443",
    "api.mypurecloud.com:443",
    "api.mypurecloud.com:443",
  ]);
  expect(proxy.authorizations[0]).toBe(`Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`);
  expect(seen.toSorted()).toEqual([
    "GET api.mypurecloud.com /api/v2/tokens/me",
    "GET api.mypurecloud.com /api/v2/webhooks?pageSize=100&pageNumber=1",
    "POST login.mypurecloud.com /oauth/token",
  ]);
  expect(failed.err).toContain(`could not connect to the proxy 127.0.0.1:${proxy.port} (ECONNREFUSED)`);
  expect(err).toContain("https-proxy-agent");
  const secrets = /proxy-user|proxy-pass-word|cHJveHktdXNlc|t0ken-1|client-secret-1/;
  expect(out + err + failed.out + failed.err).not.toMatch(secrets);
});

test("--prune-removed asks the Git of the working directory", async () => {
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...words], {
      cwd: folder,
    });
  const save = (name: string) => {
    git("add", "--all", "subscriptions");
    git("commit", "--quiet", "--message", name);
  };
  git("init", "--quiet");
  const text = await readFile(join(folder, "subscriptions/example.yaml"), "utf8");
  const other = join(folder, "subscriptions/other.yaml");
  await writeFile(other, text.replace("name: example", "name: other").replaceAll("/example", "/other"));
  save("two");
  expect((await reconcile("--sandbox")).out).toMatch(/^Done: 1 created/m);
  await rm(other);
  save("one");
  const { status, out } = await reconcile("--sandbox --prune-removed");
  expect(out).toMatch(/^Done: 0 created, 0 updated, 1 deleted/m);
  expect(status).toBe(0);
});
