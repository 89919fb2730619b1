// `reconcile notify`, which a workflow runs, and doctor's row about the addresses.
import { expect, test } from "vitest";
import { makeFakeClock } from "../support/fake-clock.ts";
import { loggedIn, makeWorld, manifest, organisationOfTests, runWorld } from "../support/world.ts";
import { away, makeMemoryStore } from "../state/shared/memory-store.ts";
import {
  bodiesOf,
  configOf,
  environmentOf,
  startReceiver,
  toReceivers,
  type WebhookBody,
} from "./receiver.ts";

const words = [
  "--summary",
  "Genesys Cloud differs",
  "--link",
  "https://ci.example.com/run/42?token=hidden",
];

async function runNotify(topic: string, config: string, environment: Record<string, string | undefined>) {
  return runWorld({
    argv: ["notify", topic, ...words],
    files: { "reconcile.yaml": config },
    environment,
    intercept: toReceivers,
  });
}

test("a message goes to each receiver that wants it", async () => {
  const receiver = await startReceiver();
  const config = configOf("slack", "webhook");
  const { status, out, world } = await runNotify("drift", config, environmentOf(receiver));
  expect([status, out]).toEqual([0, "The message went to slack and webhook.\n"]);
  const [slack, webhook] = receiver.received.map(({ body }) => JSON.parse(body) as Partial<WebhookBody>);
  expect([slack, webhook?.data]).toEqual([
    {
      text: [
        '*Drift* · mypurecloud.com as owner "default"',
        "Genesys Cloud differs.",
        "• https://ci.example.com/run/42?…",
        "`reconcile notify`",
      ].join("\n"),
    },
    {
      ...{ environment: "mypurecloud.com", owner: "default", organization: null },
      ...{ command: "notify", runId: null },
      ...{ summary: "Genesys Cloud differs", details: ["https://ci.example.com/run/42?…"], groups: [] },
    },
  ]);
  expect(world.files.paths()).toEqual(["/reconcile.yaml"]);
});

test.each([
  ["a region's name in AWS", "environment: eu-central-1", {}, "mypurecloud.de"],
  [
    "an address",
    "environment: mypurecloud.de",
    { GENESYS_API_URL: "https://genesys.example.com" },
    "genesys.example.com",
  ],
  ["a region that does not exist", "environment: moon", {}, "moon"],
])("with %s it names the platform as a sync that fails does", async (_, line, variables, named) => {
  const receiver = await startReceiver();
  const config = `${configOf("webhook")}${line}\n`;
  const environment = { ...environmentOf(receiver), ...variables };
  await runNotify("drift", config, environment);
  const files = { "reconcile.yaml": config, "subscriptions/alpha.yaml": "kind: Other\n" };
  await runWorld({ argv: "sync", files, environment, intercept: toReceivers });
  expect(bodiesOf(receiver).map(({ type, data }) => [type, data.environment])).toEqual([
    ["reconcile.drift", named],
    ["reconcile.failure", named],
  ]);
});

const organisation = { ...organisationOfTests, name: "Acme" };
const acme = { id: organisation.id, name: "Acme" };
const other = "11111111-0000-4000-8000-000000000001";
const withoutLogin = { GENESYS_CLIENT_ID: undefined, GENESYS_CLIENT_SECRET: undefined };

test.each([
  ["by the memory", "", "/.reconcile/metrics.json", {}, acme],
  ["by the last run, without a login", "", "/.reconcile/organizations.json", withoutLogin, acme],
  ["not by the last run of another owner", "owner: other\n", null, withoutLogin, null],
  ["not by the last run on another platform", "environment: mypurecloud.de\n", null, {}, null],
  ["by the config, with the name on record", `organization: ${acme.id}\n`, null, {}, acme],
  ["by the config alone", `organization: ${other}\n`, null, {}, { id: other, name: null }],
] as const)("it tells the organisation %s, and asks nobody", async (_, lines, lost, without, told) => {
  const receiver = await startReceiver();
  const config = configOf("webhook");
  const environment = environmentOf(receiver);
  const files = { "reconcile.yaml": config, "subscriptions/alpha.yaml": manifest("alpha") };
  const from = makeWorld({ argv: "", files, organisation });
  const sync = await runWorld({ argv: "sync", from, environment, intercept: toReceivers });
  expect(sync.status).toBe(0);
  from.files.set("reconcile.yaml", `${config}${lines}`);
  if (lost !== null) from.files.take(lost);
  const kept = from.files.paths();
  const { status, world } = await runWorld({
    ...{ argv: ["notify", "drift", ...words], from, intercept: toReceivers },
    environment: { ...environment, ...without },
  });
  expect([status, bodiesOf(receiver).map(({ data }) => data.organization)]).toEqual([0, [told]]);
  expect([world.requests, from.files.paths()]).toEqual([["POST /hook"], kept]);
});

test("it tells the organisation that a shared store remembers, and goes out while the store is away", async () => {
  const receiver = await startReceiver();
  const config = `${configOf("webhook")}state: { store: postgres }\n`;
  const store = makeMemoryStore(makeFakeClock());
  await store.rememberOrganization(
    { environment: "mypurecloud.com", clientId: loggedIn.GENESYS_CLIENT_ID },
    acme,
  );
  const tell = () =>
    runWorld({
      ...{ argv: ["notify", "drift", ...words], files: { "reconcile.yaml": config } },
      ...{ environment: environmentOf(receiver), intercept: toReceivers },
      openStore: () => Promise.resolve(store),
    });
  expect((await tell()).status).toBe(0);
  store.before = away;
  expect((await tell()).status).toBe(0);
  expect(bodiesOf(receiver).map(({ data }) => data.organization)).toEqual([acme, null]);
});

test("a topic that nobody wants is no error, and needs no address", async () => {
  const receiver = await startReceiver();
  const failures = configOf("slack").replace(/on: .*\]/, "on: [failure]");
  const { status, out } = await runNotify("recovery", failures, environmentOf(receiver));
  expect([status, out]).toEqual([0, "reconcile.yaml asks for no message about recovery.\n"]);
  const empty = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
  expect((await runNotify("drift", empty, {})).status).toBe(0);
  expect(receiver.received).toEqual([]);
});

test("a message that does not arrive is an error, and so is a missing address", async () => {
  const receiver = await startReceiver();
  receiver.respond = (_, response) => response.writeHead(404).end();
  const refused = await runNotify("drift", configOf("slack"), environmentOf(receiver));
  expect([refused.status, refused.err]).toEqual([
    1,
    expect.stringMatching(/^error: the message was not sent: 127\.0\.0\.1:\d+ answered with 404\n$/),
  ]);
  const missing = await runNotify("drift", configOf("slack"), loggedIn);
  expect([missing.status, missing.err]).toEqual([
    1,
    expect.stringContaining("RECONCILE_NOTIFY_SLACK_URL is not set"),
  ]);
});

test.each([
  ["no `notify`", "", {}, "passed", "reconcile.yaml asks for no messages"],
  ["addresses", "both", {}, "passed", "messages go to slack and webhook; none was sent"],
  [
    "no secret",
    "both",
    { RECONCILE_NOTIFY_SECRET: undefined },
    "failed",
    "reconcile.yaml:4: RECONCILE_NOTIFY_SECRET is not set",
  ],
] as const)("doctor with %s", async (_, asked, without, status, seen) => {
  const receiver = await startReceiver();
  const config = asked === "both" ? configOf("slack", "webhook") : configOf().replace("notify:\n", "");
  const environment = { ...environmentOf(receiver), ...without };
  const { out } = await runWorld({
    argv: "doctor --skip-endpoints --output json",
    files: { "reconcile.yaml": config },
    ...{ environment, intercept: toReceivers },
  });
  const { checks } = JSON.parse(out) as { readonly checks: readonly Readonly<Record<string, unknown>>[] };
  const row = checks.find(({ check }) => check === "notify");
  expect([row?.["status"], row?.["seen"]]).toEqual([status, expect.stringContaining(seen)]);
  expect(receiver.received).toEqual([]);
});
