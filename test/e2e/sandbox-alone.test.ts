// With --sandbox the built command replaces everything outside, whatever the config and the environment name: it opens no
// socket beyond loopback, asks no name server, and starts no program but the local `git`.
import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import { configOf, topics } from "../kinds/route/aws-world.ts";

const command = resolve(import.meta.dirname, "../../dist/reconcile.js");

/** Writes a line for each socket, look-up and program, before it is opened, asked or started. */
const witness = `
import child from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
const note = (...words) => appendFileSync(process.env.SEEN_FILE, words.join(" ") + "\\n");
const watch = (object, names, say) => {
  for (const name of names) {
    const own = object[name];
    if (typeof own !== "function") continue;
    object[name] = function (...given) {
      say(name, ...given);
      return own.apply(this, given);
    };
  }
};
watch(net.Socket.prototype, ["connect"], (_, ...given) => {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  const { host, path, port } = typeof first === "object" ? first : { host: second, port: first };
  note("connect", path ?? (host ?? "localhost") + ":" + port);
});
watch(dgram.Socket.prototype, ["connect", "send"], (name) => note("datagram", name));
const asks = ["lookup", "resolve", "resolve4", "resolve6", "resolveAny", "resolveSrv", "resolveTxt", "reverse"];
for (const one of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
  watch(one, asks, (_, name) => note("look-up", name));
watch(child, ["spawn", "spawnSync", "execFile", "execFileSync", "exec", "execSync", "fork"], (_, program, words) =>
  note("program", program, ...(Array.isArray(words) ? words : [])));
syncBuiltinESMExports();
`;

const hostile = {
  GENESYS_CLIENT_ID: "outside",
  GENESYS_CLIENT_SECRET: "outside-secret",
  GENESYS_API_URL: "https://api.genesys.example",
  RECONCILE_DATABASE_URL: "postgres://reconcile:outside-secret@db.example:5432/reconcile",
  RECONCILE_GIT_TOKEN: "outside-token",
  RECONCILE_NOTIFY_SLACK_URL: "https://hooks.slack.example/x",
  AWS_ACCESS_KEY_ID: "AKIAOUTSIDE",
  AWS_SECRET_ACCESS_KEY: "outside-secret",
  AWS_REGION: "eu-west-1",
  AWS_PROFILE: "outside",
  AWS_ENDPOINT_URL: "https://aws.example",
  AWS_ENDPOINT_URL_EVENTBRIDGE: "https://events.aws.example",
  AWS_ENDPOINT_URL_STS: "https://sts.aws.example",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/outside",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/nowhere/token",
};

const organisation = "organization: 0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d\n";
const stores: Readonly<Record<string, string>> = {
  postgres: "state: { store: postgres }\n",
  git: "state: { store: git, git: { remote: state } }\n",
};

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "reconcile-alone-"));
});
afterAll(() => rm(root, { recursive: true }));

interface Seen {
  readonly status: number;
  readonly out: string;
  readonly seen: readonly string[];
}

async function makeFolder(store: string): Promise<string> {
  const folder = join(root, store);
  const profile = `[profile outside]\nrole_arn = arn:aws:iam::1:role/x\ncredential_process = /nowhere/credentials\nsource_profile = outside\n`;
  const files = {
    "subscriptions/alpha.yaml": manifest("alpha", {
      eventTypes: topics,
      pool: ["https://hooks.example.com/1", "https://hooks.example.com/2"],
    }),
    "reconcile.yaml": `${configOf({ settle: "PT0S" })}${organisation}${stores[store] ?? ""}notify: [{ kind: slack, on: [drift, failure] }]\n`,
    ".aws/config": profile,
    "witness.mjs": witness,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const git = (...words: readonly string[]) => execFileSync("git", words, { cwd: folder });
  git("init", "-q", "-b", "main");
  git("remote", "add", "state", "https://git.example/state.git");
  return folder;
}

async function watched(folder: string, words: string): Promise<Seen> {
  const file = join(folder, `seen-${words.replaceAll(" ", "-")}`);
  await writeFile(file, "");
  const env = { ...hostile, PATH: process.env["PATH"], HOME: folder, SEEN_FILE: file };
  const argv = ["--import", pathToFileURL(join(folder, "witness.mjs")).href, command, ...words.split(" ")];
  const told = await new Promise<Omit<Seen, "seen">>((done) => {
    execFile(process.execPath, argv, { cwd: folder, env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : Number(error.code);
      done({ status, out: stdout + stderr });
    });
  });
  const text = await readFile(file, "utf8");
  return { ...told, seen: [...new Set(text.split("\n").filter(Boolean))] };
}

/** Git is asked for what is in the clone alone. */
const local =
  /^(connect (127\.0\.0\.1|localhost|::1):\d+|look-up localhost|look-up 127\.0\.0\.1)$|^program git (?!.*\b(fetch|push|pull|clone|ls-remote)\b)/;

test.each(["postgres", "git"])("with a shared store in %s", async (store) => {
  const folder = await makeFolder(store);
  for (const words of [
    "plan --sandbox",
    "sync --sandbox",
    "sync --sandbox",
    "doctor --sandbox",
    "import --sandbox",
  ]) {
    const { status, out, seen } = await watched(folder, words);
    expect([words, seen.filter((line) => !local.test(line))]).toEqual([words, []]);
    expect([words, status, out]).toEqual([words, 0, expect.not.stringContaining("outside")]);
  }
});

test("and the same command without the flag is seen to go out", async () => {
  const folder = await makeFolder("files");
  const { status, seen } = await watched(folder, "plan");
  expect(status).toBe(1);
  expect(seen.filter((line) => !local.test(line))).toContainEqual(
    expect.stringContaining("api.genesys.example"),
  );
});
