// Which run is taken back, by which trail, and for what a rollback is refused.
import { expect, test } from "vitest";
import { reseal } from "../support/reseal.ts";
import {
  forgetTrail,
  loggedIn,
  plantTrail,
  runWorld,
  trailOf,
  trailPath,
  type TestWorld,
  writesOf,
} from "../support/world.ts";
import { changed, errorsIn, find, rollback, runsIn, shapesIn } from "./rolled-back.ts";

// Which run

test("which run: by the beginning of its id; `--last` is the last that changed something here", async () => {
  const { world, runId } = await changed();
  world.files.set("subscriptions/bad.yaml", "a: [");
  await runWorld({ argv: "", from: world });
  world.files.take("subscriptions/bad.yaml");
  expect(runsIn(world).at(-1)).not.toBe(runId);
  const last = await rollback(world, "--last --dry-run");
  const named = await rollback(world, `--run ${runId} --dry-run`);
  expect(last.out).toBe(named.out);
  const nothing = await rollback(world, `--run ${runsIn(world).at(-1) ?? ""}`);
  expect(nothing.out).toContain("changed nothing that could be rolled back [rollback/nothing]");
  expect(nothing.status).toBe(0);
});

test.each([
  ["--run nope", 'no run in audit-logs/subscription_audit.log begins with "nope" [audit/unknownRun]'],
  ["--run id-1 --audit nothing.log", "there is no audit trail at nothing.log [audit/missing]"],
])("`%s` is refused", async (flags, message) => {
  const { world } = await changed();
  const { status, err, out } = await rollback(world, flags);
  expect([status, out, errorsIn(err)]).toEqual([1, "", [message]]);
});

test("a beginning that several runs have is ambiguous, and they are listed", async () => {
  const { world } = await changed();
  const text = world.files.text(trailPath).replaceAll('"runId":"id-1"', '"runId":"abcd-1"');
  const runId = runsIn(world).at(-1) ?? "";
  plantTrail(world.files, reseal(text.replaceAll(`"runId":"${runId}"`, '"runId":"abcd-2"')));
  const { status, err } = await rollback(world, "--run abcd");
  expect(err).toContain(
    'error: 2 runs begin with "abcd" [audit/ambiguousRun]\n  = write more characters of the run\'s id: abcd-1, abcd-2\n',
  );
  expect(status).toBe(1);
});

/** Before it chooses its run, a rollback asks which organisation it works in. */
const askedWhose = ["POST /oauth/token", "GET /api/v2/tokens/me"];

test("another environment's run is refused, with both names; `--last` passes over it", async () => {
  const { world, runId } = await changed();
  const environment = { ...loggedIn, GENESYS_ENVIRONMENT: "mypurecloud.de" };
  const { status, err, world: after } = await rollback(world, `--run ${runId}`, { environment });
  expect(errorsIn(err)).toEqual([
    `run ${runId} was on mypurecloud.com, and this is mypurecloud.de [rollback/otherEnvironment]`,
  ]);
  expect([status, after.requests]).toEqual([1, askedWhose]);
  const last = await rollback(world, "--last", { environment });
  expect(errorsIn(last.err)).toEqual([
    "no run in audit-logs/subscription_audit.log has changed anything on mypurecloud.de [rollback/noRun]",
  ]);
});

test.each([
  [
    "",
    "error: which run? name it with --run <id>, or pass --last (`reconcile audit log` lists the runs)\n",
  ],
  ["--last --run abcd", "error: option '--last' cannot be used with option '--run <id>'\n"],
  [
    "--run abc",
    "error: option '--run <id>' argument 'abc' is invalid. Give at least the first 4 characters of the run's id.\n",
  ],
])("`rollback %s`: a wrong command line", async (flags, message) => {
  const { status, err, world } = await runWorld({ argv: `rollback ${flags}` });
  expect([status, err, world.requests]).toEqual([1, message, []]);
});

// Runs that were cut short

/** As if the process had died before it recorded the last outcome: its request was carried out. */
function cutOutcomes({ files }: TestWorld, group: string): void {
  const lines = files.text(trailPath).split("\n");
  const first = lines.findLastIndex((line) => line.includes('"run.started"'));
  const isCut = (line: string, index: number) =>
    index > first &&
    (line.includes('"run.finished"') ||
      (line.includes('"change.applied"') && line.includes(`"group":"${group}"`)));
  plantTrail(files, reseal(lines.filter((line, index) => !isCut(line, index)).join("\n")));
}

test("what a killed run had done without a record is looked up, and taken back as well", async () => {
  const { world, before } = await changed();
  cutOutcomes(world, "alpha");
  const { status, out } = await rollback(world, "--last");
  expect(out).toContain("left the outcome of 1 write open [run/cutShort]");
  expect([status, shapesIn(world)]).toEqual([0, before]);
});

test("what a later run recorded of it counts as the run's", async () => {
  const { world, runId, before } = await changed();
  cutOutcomes(world, "alpha");
  await runWorld({ argv: "--adopt --prune", from: world });
  expect(trailOf(world.files).map(({ event }) => event)).toContain("change.recovered");
  const { status } = await rollback(world, `--run ${runId}`);
  expect([status, shapesIn(world)]).toEqual([0, before]);
});

test("where nobody can tell what came of a write, its group is left alone without --force", async () => {
  const { world } = await changed();
  cutOutcomes(world, "alpha");
  world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" });
  const { status, out } = await rollback(world, "--last");
  expect(errorsIn(out)).toEqual([
    'group "alpha" is not rolled back: it is not known whether the run\'s update of "alpha-7226f318" took effect: someone else changed it [rollback/unclear]',
  ]);
  expect(status).toBe(1);
});

// A trail from elsewhere

test("`--audit` goes by another machine's trail; what is done is recorded in this one's", async () => {
  const { world, runId, before } = await changed();
  const text = world.files.text(trailPath);
  world.files.set("ci/trail.log", text);
  forgetTrail(world.files);
  const { status, out } = await rollback(world, `--run ${runId} --audit ci/trail.log`);
  expect(out).toContain(
    "warning: ci/trail.log is not signed: anyone who can write to it can forge any former state [rollback/unsignedTrail]",
  );
  expect([status, shapesIn(world), world.files.text("ci/trail.log")]).toEqual([0, before, text]);
  expect(trailOf(world.files)[0]).toMatchObject({ seq: 1, event: "run.started", rollbackOf: runId });
});

/** As somebody would who wants a rollback to send events elsewhere. */
const redirect = (text: string) =>
  text.replace(/("before":\{[^}]*"endpoint":)"[^"]*"/, '$1"https://evil.example.com/"');

test.each([
  ["this machine's own", trailPath, "--last"],
  ["this machine's own, forced", trailPath, "--last --force"],
  ["another machine's", "ci.log", "--last --audit ci.log"],
  ["another machine's, forced", "ci.log", "--last --audit ci.log --force"],
])("a trail with a broken chain is refused, and nothing is written: %s", async (_, path, flags) => {
  const { world } = await changed();
  world.files.set(path, redirect(world.files.text(trailPath)));
  const { status, err, world: after } = await rollback(world, flags);
  expect(errorsIn(err)).toEqual([
    expect.stringMatching(
      /^line \d+ of \S+ breaks its chain: its hash does not match its content: .* \[rollback\/brokenTrail\]$/,
    ),
  ]);
  expect([status, after.requests]).toEqual([1, []]);
});

test("a signed trail whose chain is broken is refused under its key", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123" };
  const { world } = await changed({ environment });
  world.files.set(trailPath, redirect(world.files.text(trailPath)));
  for (const flags of ["--last", "--last --dry-run", "--last --force"]) {
    const { status, err, world: after } = await rollback(world, flags, { environment });
    expect(errorsIn(err).join()).toContain("[rollback/brokenTrail]");
    expect([status, after.requests]).toEqual([1, []]);
  }
});

test("without the key a signed trail is shown by a dry run with a warning, and else refused", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123" };
  const { world } = await changed({ environment });
  const shown = await rollback(world, "--last --dry-run");
  expect(shown.out).toMatch(
    /^warning: line \d+ of \S+ breaks its chain: .* it is signed, and no key is set \[rollback\/brokenTrail\]\n {2}= set RECONCILE_AUDIT_KEY/m,
  );
  expect(shown.status).toBe(0);
  const refused = await rollback(world, "--last");
  expect(errorsIn(refused.err).join()).toContain("[rollback/brokenTrail]");
  expect([refused.status, refused.world.requests]).toEqual([1, []]);
});

test("a dry run without a key refuses a chain that is broken in any other way", async () => {
  const { world } = await changed();
  const lines = world.files.text(trailPath).split("\n");
  world.files.set(trailPath, lines.toSpliced(2, 1).join("\n"));
  const { status, err } = await rollback(world, "--last --dry-run");
  expect(errorsIn(err)).toEqual([
    `line 3 of ${trailPath} breaks its chain: its seq is 4 where 3 is due [rollback/brokenTrail]`,
  ]);
  expect(status).toBe(1);
});

test.each([
  ["this machine's own", trailPath, "--last"],
  ["this machine's own, forced", trailPath, "--last --force"],
  ["another machine's", "ci.log", "--last --audit ci.log"],
  ["another machine's, forced", "ci.log", "--last --audit ci.log --force"],
])("with a key set, the run's records have to be signed: %s", async (_, path, flags) => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123" };
  const unsigned = await changed();
  unsigned.world.files.set(path, unsigned.world.files.text(trailPath));
  const refused = await rollback(unsigned.world, flags, { environment });
  expect(errorsIn(refused.err)).toEqual([
    `the records of run ${unsigned.runId} in ${path} are not signed [rollback/unsignedTrail]`,
  ]);
  expect([refused.status, refused.world.requests]).toEqual([1, askedWhose]);
  const signed = await changed({ environment });
  signed.world.files.set(path, signed.world.files.text(trailPath));
  const { status, out } = await rollback(signed.world, flags, { environment });
  expect(out).not.toContain("unsignedTrail");
  expect([status, shapesIn(signed.world)]).toEqual([0, signed.before]);
});

const malformed = "is not a valid audit record [audit/malformed]";

test.each<[string, Partial<Record<"before" | "group", unknown>>, string]>([
  [
    "another owner's webhook",
    { before: doc("Consumer group: alpha | Managed by: reconcile (voice)") },
    'was managed by owner "voice" then [rollback/forbidden]',
  ],
  ["no group", { group: 7 }, malformed],
  ...Object.keys(doc("")).map((key): [string, object, string] => [
    `a document without ${key}`,
    { before: { ...doc(""), [key]: undefined } },
    malformed,
  ]),
  ["a state of its own", { before: { ...doc(""), state: "paused" } }, malformed],
  ["an event type that is no text", { before: { ...doc(""), eventTypes: ["a.b", 7] } }, malformed],
  ["event types as one text", { before: { ...doc(""), eventTypes: "a.b" } }, malformed],
  [
    "a retry policy of texts",
    {
      before: { ...doc(""), retryPolicy: { retryCount: "3", retryInterval: "PT1M", retryOnTimeout: true } },
    },
    malformed,
  ],
  [
    "a retry policy in part",
    { before: { ...doc(""), retryPolicy: { retryCount: 3, retryInterval: "PT1M" } } },
    malformed,
  ],
])("a trail that somebody made up cannot bring about %s", async (_, change, message) => {
  const { world, runId } = await changed();
  const forged = reseal(world.files.text(trailPath), (record) => {
    const isIt = record.runId === runId && record.event === "change.applied" && record.group === "alpha";
    return isIt ? change : {};
  });
  world.files.set("ci.log", forged);
  const { status, out, err, world: after } = await rollback(world, "--last --audit ci.log --dry-run");
  expect(errorsIn(out + err).join()).toContain(message);
  expect([status, writesOf(after)]).toEqual([1, []]);
});

function doc(description: string) {
  const retryPolicy = { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true };
  const endpoint = "https://events.example.com/alpha";
  return {
    name: "alpha-7226f318",
    endpoint,
    eventTypes: ["a.b"],
    retryPolicy,
    state: "enabled",
    description,
  };
}
