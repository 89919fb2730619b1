// What docs/operations.md shows is what the daemon and the commands print. Ids and times differ from run to run, so they are
// compared by their form.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { HttpRequest } from "../../src/model/http.ts";
import { startDaemon } from "../daemon/daemon.ts";
import {
  loggedIn,
  organisationOfTests,
  runWorld,
  trailPath,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

const text = readFileSync(resolve(import.meta.dirname, "../../docs/operations.md"), "utf8");

/** What stands in the fenced blocks of a section, of which the language is the first word. */
function blocksIn(heading: string, language: string): readonly string[] {
  const [, section = ""] = new RegExp(`^## ${heading}\n([^]*?)^## `, "m").exec(text) ?? [];
  return [...section.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , body = ""]) => body);
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|id-\d+/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

function formOf(shown: string): string {
  return shown.replaceAll(uuid, "ID").replaceAll(time, "TIME").trimEnd();
}

function manifest(name: string, host: string): string {
  const spec = `  endpointUrl: https://${host}/hooks/genesys\n  eventTypes: [conversation.call.ended]\n`;
  return `apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription\nmetadata:\n  name: ${name}\nspec:\n${spec}`;
}

const config = `apiVersion: reconcile.genesys/v1
kind: ReconcileConfig
environment: mypurecloud.de
owner: contact-centre
`;
const files = {
  "reconcile.yaml": `${config}${blocksIn("Notifications", "yaml").join("")}`,
  "subscriptions/crm.yaml": manifest("crm-sync", "crm.example.com"),
  ...Object.fromEntries(
    ["a", "b", "c"].map((name) => [`subscriptions/${name}.yaml`, manifest(name, `${name}.example.com`)]),
  ),
};

const slack = "https://hooks.slack.com/services/T0/B0/secret-of-the-channel";
const receiver = "https://receiver.example.com/reconcile";
const environment = {
  ...loggedIn,
  RECONCILE_NOTIFY_SLACK_URL: slack,
  RECONCILE_NOTIFY_WEBHOOK_URL: receiver,
  RECONCILE_NOTIFY_SECRET: `whsec_${Buffer.alloc(32, "a secret").toString("base64")}`,
};

const messages: HttpRequest[] = [];
const intercept: Intercept = (request, forward) => {
  if (request.url !== slack && request.url !== receiver) return forward();
  messages.push(request);
  return { status: 200, headers: {}, body: "" };
};
const run = (argv: string, from: TestWorld) => runWorld({ argv, from, environment, intercept });

const organisation = { ...organisationOfTests, name: "Acme" };

let synced: TestWorld;
beforeAll(async () => {
  const { world, status } = await runWorld({ argv: "sync", files, environment, intercept, organisation });
  expect([status, messages.length]).toEqual([0, 0]);
  synced = world;
});

test("the log's lines hold what the page shows", async () => {
  const shown = blocksIn("Logs", "")
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(shown).toHaveLength(2);
  const daemon = await startDaemon({ argv: "watch --log-format json", files, environment, intercept });
  await daemon.pass(0);
  await daemon.stop();
  const { logged, logFields } = daemon.world;
  for (const { timestamp, level, message, ...fields } of shown) {
    expect(timestamp).toMatch(new RegExp(`^${time.source}$`));
    const isMeant = (_: unknown, index: number): boolean =>
      logged[index] === `${String(level)}: ${String(message)}` &&
      logFields[index]?.["group"] === fields["group"];
    const found = logFields.find(isMeant);
    const comparable = { runId: expect.any(String) as string, durationMs: expect.any(Number) as number };
    expect(found, logged.join("\n")).toEqual({
      ...fields,
      ...("durationMs" in fields ? comparable : { runId: comparable.runId }),
    });
    expect(Object.keys(found ?? {})).toEqual(Object.keys(fields));
  }
});

test("every path of the table is served, and asked as it says", async () => {
  const daemon = await startDaemon({ argv: "watch", files, environment, intercept });
  await daemon.pass(0);
  const [, table = ""] = /^## Endpoints\n\n([^]*?)\n\n/m.exec(text) ?? [];
  const paths = [...table.matchAll(/^\| `(POST )?(\/[^`]*)`/gm)];
  expect(paths.length).toBeGreaterThan(8);
  for (const [, post, path = ""] of paths) {
    const { status, body } = await daemon.get(path, post ? { method: "POST" } : {});
    expect([path, status]).toEqual([path, post ? 202 : 200]);
    await body?.cancel();
  }
  expect(table).toContain("`?after=SEQ&limit=N`");
  const audit = (await (await daemon.get("/api/audit?after=1&limit=2")).json()) as {
    readonly records: readonly { readonly seq: number }[];
  };
  expect(audit.records.map(({ seq }) => seq)).toEqual([2, 3]);
  await daemon.stop();
});

test("Slack and the receiver get what the page shows", async () => {
  const [id] = [...synced.state.webhooks].find(([, { endpoint }]) => endpoint.includes("crm")) ?? [""];
  synced.state.webhooks.delete(id);
  await run("sync", synced);
  expect(messages.map(({ url }) => url)).toEqual([slack]);
  const { text: sent } = JSON.parse(messages.pop()?.body ?? "") as { readonly text: string };
  expect(formOf(sent)).toBe(formOf(blocksIn("Notifications", "").join("")));

  const sound = synced.files.text("/subscriptions/crm.yaml");
  const misspelt = sound.replace(/( {2}endpointUrl.*\n)( {2})eventTypes(.*\n)/, "$2evntTypes$3$1");
  await synced.files.write("subscriptions/crm.yaml", misspelt);
  await run("sync", synced);
  await synced.files.write("subscriptions/crm.yaml", sound);
  const failure = messages.splice(0).find(({ url }) => url === receiver);
  expect(Object.keys(failure?.headers ?? {})).toEqual(
    expect.arrayContaining(["webhook-id", "webhook-timestamp", "webhook-signature"]),
  );
  expect(JSON.parse(formOf(failure?.body ?? ""))).toEqual(
    JSON.parse(formOf(blocksIn("Notifications", "json").join(""))),
  );
});

test("every command that the page names is one that there is", async () => {
  const served = /^reconcile (?:watch|sandbox|notify|init|state init)$/;
  const named = [...text.matchAll(/`(reconcile(?: [^`]+)?)`/g)].map(([, command = ""]) => command);
  const commands = [...new Set(named)].filter((command) => !served.test(command));
  expect(commands.length).toBeGreaterThan(8);
  const head = (await run("audit head", synced)).out.trim();
  const [, runId = ""] = /"runId":"([^"]+)"/.exec(synced.files.text(trailPath)) ?? [];
  for (const command of commands) {
    const argv = command.replace("HASH", head).replace(/--run \S+/, `--run ${runId}`);
    const { status, err } = await run(argv.replace(/^reconcile ?/, ""), synced);
    expect([command, status, err]).toEqual([command, 0, expect.any(String)]);
  }
});
