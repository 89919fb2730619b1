// The built daemon as a user runs it, in a folder of its own, and what a user does to that folder.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DaemonView, PassResults } from "../../src/daemon/view.ts";

const command = resolve(import.meta.dirname, "../../dist/reconcile.js");

export interface RunningDaemon {
  readonly url: string;
  readonly folder: string;
  readonly status: () => Promise<DaemonView & PassResults>;
  readonly askForPass: () => Promise<void>;
  /** Resolves once so many passes have ended since it started. */
  readonly passes: (number: number) => Promise<DaemonView & PassResults>;
  /** Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

interface Start {
  readonly flags?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** By the name of the group. */
  readonly manifests: Readonly<Record<string, string>>;
  readonly dotenv?: string;
}

export async function startDaemon({
  flags,
  variables = {},
  manifests,
  dotenv,
}: Start): Promise<RunningDaemon> {
  const folder = await mkdtemp(join(tmpdir(), "reconcile-"));
  await mkdir(join(folder, "subscriptions"));
  for (const [name, text] of Object.entries(manifests)) await writeManifest(folder, name, text);
  if (dotenv !== undefined) await writeFile(join(folder, ".env"), dotenv);
  const words = `watch --listen 127.0.0.1:0 --debounce 50ms ${flags ?? "--sandbox --interval 10m"}`;
  const child = run(words, folder, variables);
  const [, url = ""] = await waitForText(child, /listening on (\S+)/);
  const headers = variables["RECONCILE_HTTP_TOKEN"]
    ? { authorization: `Bearer ${variables["RECONCILE_HTTP_TOKEN"]}` }
    : {};
  const status = async (): Promise<DaemonView & PassResults> =>
    (await (await fetch(`${url}/api/status`, { headers })).json()) as DaemonView & PassResults;
  return {
    url,
    folder,
    status,
    askForPass: async () => {
      await fetch(`${url}/api/reconcile`, { method: "POST", headers });
    },
    passes: async (number) => {
      for (;;) {
        const now = await status();
        if (now.passes >= number && now.phase !== "reconciling") return now;
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    stop: async () => {
      await stop(child);
      await rm(folder, { recursive: true });
    },
  };
}

export function run(
  words: string,
  folder: string,
  variables: Readonly<Record<string, string>> = {},
): ChildProcess {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables };
  return spawn(process.execPath, [command, ...words.split(" ")], { cwd: folder, env });
}

/** Rejects with what it said where it ends before. */
export function waitForText(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((found, reject) => {
    let text = "";
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match) found(match);
    };
    child.stderr?.on("data", look);
    child.stdout?.on("data", look);
    child.once("close", () => {
      reject(new Error(text));
    });
  });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((done) => child.once("close", done));
  child.kill("SIGTERM");
  await ended;
}

export async function writeManifest(folder: string, name: string, text: string): Promise<void> {
  await writeFile(join(folder, "subscriptions", `${name}.yaml`), text);
}

export function manifest(
  name: string,
  endpoints: readonly string[],
  eventTypes: readonly string[],
): string {
  const list = (key: string, texts: readonly string[]): string =>
    `  ${key}:\n${texts.map((text) => `    - ${text}\n`).join("")}`;
  return `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: ${name}
spec:
  endpointUrl: ${endpoints[0] ?? ""}
${endpoints.length > 1 ? list("endpointPool", endpoints) : ""}${list("eventTypes", eventTypes)}  offsetTracking:
    stateFile: /var/data/${name}.json
`;
}

interface SandboxWebhook {
  readonly name: string;
  eventTypes: string[];
  state: string;
}

interface Sandbox {
  readonly webhooks: SandboxWebhook[];
  readonly triggers: { readonly id: string; name: string; description: string }[];
}

/** Edits a webhook of the sandbox, as a person may edit it in Genesys Cloud. `name` is how the webhook's name begins. */
export async function editByHand(
  folder: string,
  name: string,
  edit: (webhook: SandboxWebhook) => void,
): Promise<void> {
  await editSandbox(folder, ({ webhooks }) => {
    const webhook = webhooks.find((other) => other.name.startsWith(name));
    if (webhook) edit(webhook);
  });
}

export async function editSandbox(folder: string, edit: (sandbox: Sandbox) => void): Promise<void> {
  const path = join(folder, ".reconcile/sandbox.json");
  const sandbox = JSON.parse(await readFile(path, "utf8")) as Sandbox;
  edit(sandbox);
  await writeFile(path, JSON.stringify(sandbox));
}
