// What the daemon logs and answers: one story each, from its start to its stop.
import { guarded, loopback, makeTestApp, open, said } from "../daemon/asking.ts";
import { startDaemon, type TestDaemon } from "../daemon/daemon.ts";
import {
  answer,
  brokenOff,
  manifest,
  putWebhook,
  type Intercept,
  type WorldOptions,
} from "../support/world.ts";
import { alpha } from "./scenario.ts";

interface Story {
  readonly given: string;
  readonly argv?: string;
  readonly more?: Partial<WorldOptions>;
  /** What happens after its first pass; whatever it is about ends with another pass. */
  readonly then?: (daemon: TestDaemon) => Promise<unknown>;
}

const file = "subscriptions/alpha.yaml";
const interval = 66_000;

/** A platform that gives out tokens, and after the first pass nothing else. */
function outage(refuse: () => ReturnType<Intercept>) {
  let isDown = false;
  const intercept: Intercept = (request, forward) =>
    isDown && !request.url.includes("/oauth/") ? refuse() : forward();
  return {
    more: { intercept },
    then: async (daemon: TestDaemon) => {
      isDown = true;
      await daemon.world.clock.advance(interval);
      // It waits between its tries, and time moves only here.
      await daemon.until(async () => {
        await daemon.world.clock.advance(1000);
        return (await daemon.status()).phase === "backoff";
      });
    },
  };
}

async function save(daemon: TestDaemon, path: string, text: string): Promise<void> {
  await daemon.world.files.write(path, text);
  daemon.touch();
  await daemon.pass(300);
}

const stories: readonly Story[] = [
  { given: "a group that is new, and a stop" },
  { given: "a group that is new, with --dry-run", argv: "watch --dry-run" },
  { given: "a manifest that becomes invalid", then: (daemon) => save(daemon, file, "kind: Nonsense\n") },
  {
    given: "a config that becomes invalid",
    then: (daemon) => save(daemon, "reconcile.yaml", "nonsense: true\n"),
  },
  {
    given: "a webhook that somebody changed",
    then: async (daemon) => {
      const { webhooks } = daemon.world.state;
      for (const [id, one] of webhooks) webhooks.set(id, { ...one, eventTypes: ["a.created"] });
      await daemon.pass(interval);
    },
  },
  {
    given: "a webhook that somebody deleted",
    then: async (daemon) => {
      daemon.world.state.webhooks.clear();
      await daemon.pass(interval);
    },
  },
  {
    given: "a manifest that becomes invalid and webhooks that somebody deleted, with --keep-healing",
    argv: "watch --keep-healing",
    more: { files: { [file]: manifest("alpha"), "subscriptions/beta.yaml": manifest("beta") } },
    then: (daemon) => {
      daemon.world.state.webhooks.clear();
      return save(daemon, file, "kind: Nonsense\n");
    },
  },
  {
    given: "a webhook without a marker in the way",
    then: async (daemon) => {
      putWebhook(daemon.world.state, { id: "w1", group: "alpha" });
      daemon.touch();
      await daemon.pass(300);
    },
  },
  {
    given: "an endpoint with a query string",
    more: {
      files: { [file]: manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=1") },
    },
  },
  { given: "a platform that forbids", ...outage(() => answer(403)) },
  { given: "a platform that fails", ...outage(() => answer(503)) },
  { given: "a network that breaks off", ...outage(() => brokenOff()) },
];

/** The log, whether it is ready, and its conditions. */
async function tell({ given, argv = "watch", more, then }: Story): Promise<string> {
  const daemon = await startDaemon({ files: alpha, argv, ...more });
  await daemon.pass(0);
  await then?.(daemon);
  const words = await answersOf(daemon);
  const status = await daemon.stop();
  return [`## ${given}`, `$ reconcile ${argv}`, ...logOf(daemon), ...words, `--- exit ${status}`, ""].join(
    "\n",
  );
}

/** Above the level `debug`; each line once, for how often a pass is tried again is not what this shows. */
const logOf = ({ world }: TestDaemon): readonly string[] => [
  ...new Set(world.logged.filter((line) => !line.startsWith("debug: "))),
];

async function answersOf(daemon: TestDaemon): Promise<readonly string[]> {
  const ready = await said(daemon.get("/readyz"));
  const { conditions } = await daemon.status();
  return [
    `--- GET /readyz: ${ready}`,
    "--- conditions on the page",
    ...conditions.map(
      ({ type, status, reason, message }) => `${type} ${status}, ${reason}${message && `: ${message}`}`,
    ),
  ];
}

async function standby(): Promise<string> {
  const one = await startDaemon({ argv: "watch", files: alpha, processes: { pid: 1 } });
  await one.pass(0);
  const two = await startDaemon({ argv: "watch", from: one.world, processes: { pid: 2 } });
  await two.until(async () => (await two.status()).phase === "standby");
  const words = await answersOf(two);
  await one.stop();
  await two.pass(1000);
  const status = await two.stop();
  const head = ["## a second daemon, until the first has stopped", "$ reconcile watch"];
  return [...head, ...logOf(two), ...words, `--- exit ${status}`, ""].join("\n");
}

const questions = [
  ["no token", guarded, "/api/status", {}],
  ["a wrong token", guarded, "/api/status", { headers: { authorization: "Bearer x" } }],
  ["another host", loopback, "/api/status", { headers: { host: "evil.example" } }],
  ["no token from afar", open, "/metrics", {}],
  ["a path that there is not", loopback, "/nothing", {}],
  ["a method that it has not", loopback, "/api/status", { method: "POST" }],
  ["a number that is none", loopback, "/api/audit?limit=0", {}],
  [
    "a body that is too large",
    loopback,
    "/api/reconcile",
    { method: "POST", body: "x".repeat(1025), headers: { "content-length": "1025" } },
  ],
] as const;

async function refusals(): Promise<string> {
  const lines = ["## what it refuses over HTTP"];
  for (const [given, access, path, init] of questions)
    lines.push(`${given}: ${await said(makeTestApp(access).ask(path, init))}`);
  return `${lines.join("\n")}\n`;
}

export async function watchWords(): Promise<string> {
  const words: string[] = [];
  for (const story of stories) words.push(await tell(story));
  words.push(await standby(), await refusals());
  return words.join("\n");
}
