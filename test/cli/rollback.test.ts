// A run taken back: what is put back and in which order, everything for which it is refused, and what Git has to do.
import { expect, test } from "vitest";
import { reseal } from "../support/reseal.ts";
import { webhookName } from "../../src/model/ownership.ts";
import {
  answer,
  loggedIn,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const trailPath = "audit-logs/subscription_audit.log";
const pool = ["https://p.example.com/1", "https://p.example.com/2", "https://p.example.com/3"];
const betaOf = (urls: readonly string[]) =>
  manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
    "https://events.example.com/beta",
    "https://p.example.com/1",
  );
const oldName = webhookName("old", "https://events.example.com/old");
const alphaOf = (...eventTypes: string[]) => manifest("alpha", { eventTypes });

/** A run of each kind of change: alpha updated, beta split further, gamma adopted, old pruned, new made. */
async function changed(
  more: Partial<WorldOptions> = {},
): Promise<{ world: TestWorld; runId: string; before: string[] }> {
  const files = {
    "subscriptions/alpha.yaml": alphaOf("a.created", "a.ended"),
    "subscriptions/beta.yaml": betaOf(pool.slice(0, 2)),
    "subscriptions/old.yaml": manifest("old"),
  };
  const { world } = await runWorld({ argv: "", files, commit: commits.first });
  putWebhook(world.state, { id: "w1", group: "gamma" });
  const before = shapesIn(world);
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.created", "a.muted"));
  world.files.set("subscriptions/beta.yaml", betaOf([...pool.slice(0, 1), ...pool.slice(2)]));
  world.files.set("subscriptions/gamma.yaml", manifest("gamma"));
  world.files.set("subscriptions/new.yaml", manifest("new"));
  world.files.take("subscriptions/old.yaml");
  await runWorld({ argv: "--adopt --prune", from: world, commit: commits.second, ...more });
  return { world, runId: runsIn(world).at(-1) ?? "", before };
}

const commits = { first: "1".repeat(40), second: "2".repeat(40) };

function runsIn({ files }: TestWorld): string[] {
  return [...new Set(trailOf(files).map(({ runId }) => runId))];
}

/** Every webhook without its id, in one order. */
function shapesIn({ state }: TestWorld): string[] {
  return [...state.webhooks.values()]
    .map((webhook) => JSON.stringify({ ...webhook, id: null, links: null }))
    .sort();
}

function writesOf({ requests }: TestWorld): string[] {
  return requests.filter((line) => /^(PUT|DELETE)|^POST .*webhooks/.test(line));
}

function rollback(from: TestWorld, flags: string, more: Partial<WorldOptions> = {}) {
  return runWorld({ argv: `rollback ${flags}`, from, ...more });
}

function errorsIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("error: "))
    .map((line) => line.slice(7));
}

test("each webhook is put back to where the run found it: created, updated, adopted and deleted ones", async () => {
  const { world, before } = await changed();
  expect(shapesIn(world)).not.toEqual(before);
  const { status, out, err } = await rollback(world, "--last");
  expect(shapesIn(world)).toEqual(before);
  expect(out).toMatch(
    /\nDone: 1 created, 3 updated, 1 deleted, 0 adopted, 1 unchanged; 2 event types moved\n$/,
  );
  expect([status, err]).toEqual([0, ""]);
});

test("`--dry-run` shows the inverse and does none of it", async () => {
  const { world } = await changed();
  const trail = world.files.text(trailPath);
  const { status, out, world: after } = await rollback(world, "--last --dry-run");
  expect(out).toContain(
    `
alpha  subscriptions/alpha.yaml:1
  ~ https://events.example.com/alpha  2 event types, about 160 events/s
      as before run RUN
      + a.ended
      - a.muted
        1 more stay
`.replace("RUN", runsIn(world).at(-1) ?? ""),
  );
  expect(out).toMatch(
    /\nPlan: 1 to create, 3 to update, 1 to delete, 0 to adopt, 1 unchanged; 2 event types move\n$/,
  );
  expect([status, writesOf(after), world.files.text(trailPath)]).toEqual([0, [], trail]);
});

test("a rollback is a run of its own, which says what it takes back, and can be taken back", async () => {
  const { world, runId } = await changed();
  const after = shapesIn(world);
  await rollback(world, "--last");
  const own = trailOf(world.files).filter((entry) => entry.rollbackOf === runId);
  expect(own.at(0)).toMatchObject({ event: "run.started", runId: runsIn(world).at(-1) });
  expect(own.at(-1)).toMatchObject({ event: "run.finished", success: true });
  expect((await runWorld({ argv: "audit verify", from: world })).status).toBe(0);
  const { status } = await rollback(world, "--last");
  expect([status, shapesIn(world)]).toEqual([0, after]);
});

test("who gains an event type is written before who loses it", async () => {
  const { world } = await changed();
  const delivered = () => {
    const webhooks = [...world.state.webhooks.values()].filter(({ name }) => name.startsWith("beta"));
    return [...new Set(webhooks.flatMap(({ eventTypes }) => eventTypes))].sort();
  };
  const seen: string[][] = [];
  await rollback(world, "--last", {
    intercept: (_request, forward) => {
      const response = forward();
      seen.push(delivered());
      return response;
    },
  });
  expect(new Set(seen.map(String))).toEqual(new Set(["e.a,e.b,e.c,e.d"]));
});

test("what is already as it was is not written", async () => {
  const { world } = await changed();
  await rollback(world, "--last");
  const trail = world.files.text(trailPath);
  const runId = runsIn(world).at(-2) ?? "";
  const { status, out, world: after } = await rollback(world, `--run ${runId}`);
  expect(out).toMatch(
    /\nDone: 0 created, 0 updated, 0 deleted, 0 adopted, \d unchanged; 0 event types moved\n$/,
  );
  expect([status, writesOf(after), world.files.text(trailPath)]).toEqual([0, [], trail]);
});

function find({ state }: TestWorld, group: string, part = "") {
  const found = [...state.webhooks.values()].find(
    ({ name, endpoint }) => name.startsWith(`${group}-`) && endpoint.includes(part),
  );
  if (!found) throw new Error(`no webhook of ${group}`);
  return found;
}

test.each<[string, string, (world: TestWorld) => unknown]>([
  [
    "changed by hand",
    'group "alpha" is not rolled back: someone changed webhook "alpha-7226f318" (id ID) since: state',
    (world) =>
      world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" }),
  ],
  [
    "deleted by hand",
    'group "alpha" is not rolled back: someone deleted webhook "alpha-7226f318" (id ID) since',
    (world) => world.state.webhooks.delete(find(world, "alpha").id),
  ],
  [
    "a deleted one was made again, another way",
    'group "old" is not rolled back: someone made webhook "OLD" (id w9) since',
    (world) => {
      putWebhook(world.state, {
        id: "w9",
        group: "old",
        name: oldName,
        owner: "default",
        eventTypes: ["x.y"],
      });
    },
  ],
  [
    "written by a later run",
    'group "alpha" is not rolled back: run LAST wrote webhook "alpha-7226f318" (id ID) since',
    async (world) => {
      world.files.set("subscriptions/alpha.yaml", alphaOf("a.later"));
      await runWorld({ argv: "", from: world });
    },
  ],
])("touched since, its group is left alone without --force: %s", async (_, message, touch) => {
  const { world, runId, before } = await changed();
  await touch(world);
  const { status, out } = await rollback(world, `--run ${runId}`);
  const shown = errorsIn(out).map((line) =>
    line
      .replace(/id id-\d+/, "id ID")
      .replace(oldName, "OLD")
      .replace(`run ${runsIn(world).at(-2) ?? ""} wrote`, "run LAST wrote"),
  );
  expect(shown).toEqual([`${message} [rollback/touchedSince]`]);
  expect(out).toContain("  = pass --force to roll it back nevertheless, or change its manifest and sync\n");
  expect(status).toBe(1);
  const forced = await rollback(world, `--run ${runId} --force`);
  expect([forced.status, shapesIn(world)]).toEqual([0, before]);
});

test("another owner's webhook is never touched, not even with --force", async () => {
  const { world, runId } = await changed();
  const webhook = find(world, "alpha");
  const description = webhook.description.replace("(default)", "(voice)");
  world.state.webhooks.set(webhook.id, { ...webhook, description });
  const { status, out, world: after } = await rollback(world, `--run ${runId} --force`);
  expect(errorsIn(out)).toEqual([
    `group "alpha" is not rolled back: webhook "alpha-7226f318" (id ${webhook.id}) is managed by owner "voice" now [rollback/forbidden]`,
  ]);
  expect(writesOf(after)).not.toContain(`PUT /api/v2/webhooks/${webhook.id}`);
  expect([status, find(world, "alpha").description]).toEqual([1, description]);
});

test("a former endpoint that the config forbids by now is not used again", async () => {
  const { world } = await changed();
  const config =
    'apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nallowedEndpointHosts: ["events.example.com"]\n';
  world.files.set("reconcile.yaml", config);
  const { status, out } = await rollback(world, "--last --force");
  expect(errorsIn(out)).toEqual([
    'group "beta" is not rolled back: webhook "beta-NAME" went to https://p.example.com/2 then, which is no endpoint that the config allows [rollback/forbidden]'.replace(
      "NAME",
      /beta-(\w+)" went/.exec(out)?.[1] ?? "",
    ),
  ]);
  expect(status).toBe(1);
});

test("deleting more than maxDeletePercent, where event types go nowhere else, needs --allow-deletes", async () => {
  const { world } = await runWorld({
    argv: "",
    files: { "subscriptions/a.yaml": `${manifest("alpha")}---\n${manifest("beta")}` },
  });
  const refused = await rollback(world, "--last");
  expect(errorsIn(refused.out)).toEqual([
    "would delete 2 of 2 webhooks (100 %, the limit is 30 %) [rollback/tooManyDeletes]",
  ]);
  expect(refused.out).toContain("  = pass --allow-deletes to go on\n");
  expect(refused.out).toMatch(
    /\nDone: .* 0 deleted, 0 adopted, 0 unchanged, 2 skipped; 0 event types moved\n$/,
  );
  expect(refused.out).not.toContain("Git must follow");
  expect([refused.status, world.state.webhooks.size]).toEqual([1, 2]);
  const { status } = await rollback(world, "--last --allow-deletes");
  expect([status, world.state.webhooks.size]).toEqual([0, 0]);
});

test("a group that today's manifests freeze is shown with the reason, and left as it is", async () => {
  const { world } = await changed();
  const frozen = alphaOf("a.created", "a.muted").replace(
    "  name: alpha",
    '$&\n  annotations: { reconcile.genesys/freeze: "until Friday" }',
  );
  world.files.set("subscriptions/alpha.yaml", frozen);
  const alphaNow = shapesIn(world).filter((shape) => shape.includes("events.example.com/alpha"));
  const { status, out } = await rollback(world, "--last");
  expect(status).toBe(0);
  expect(shapesIn(world)).toEqual(expect.arrayContaining(alphaNow));
  expect(out).toContain("\n      skipped: frozen: until Friday\n");
  expect(out).toContain(
    'warning: group "alpha" is frozen (until Friday): 1 operation is held back [group/frozen]\n' +
      "  --> subscriptions/alpha.yaml:1:1\n" +
      "  = take the annotation reconcile.genesys/freeze away to let the group go on\n",
  );
  expect(out).toMatch(/\nDone: 1 created, 2 updated, 1 deleted, .*, 1 skipped; 2 event types moved\n$/);
});

test("invalid manifests keep nobody from a rollback, and it says that freezes are not known", async () => {
  const { world, before } = await changed();
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.created").replace("eventTypes", "eventTypez"));
  const { status, out } = await rollback(world, "--last");
  expect([status, shapesIn(world)]).toEqual([0, before]);
  expect(out).toContain(
    "warning: the manifests of today are invalid, so which groups they freeze is not known: " +
      'unknown key "eventTypez" in spec [rollback/freezesUnknown]\n  --> subscriptions/alpha.yaml:7:3\n',
  );
});

test("a webhook that the run enabled is disabled again, with a warning", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/alpha.yaml": manifest("alpha") } });
  const [webhook] = [...world.state.webhooks.values()];
  if (!webhook) throw new Error("a webhook");
  world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
  await runWorld({ argv: "", from: world });
  const { status, out } = await rollback(world, "--last");
  expect([status, [...world.state.webhooks.values()][0]?.state]).toEqual([0, "disabled"]);
  expect(out).toContain(
    'warning: group "alpha" is disabled again, as before the run: nothing delivers a.created and 1 other event type [rollback/endsDelivery]\n',
  );
});

test("`status` tells a rollback, whole or refused, from a pass", async () => {
  const { world } = await changed();
  const said = async () => (await runWorld({ argv: "status", from: world })).out.split("\n")[0];
  expect(await said()).toMatch(/: everything is as the manifests declare$/);
  await rollback(world, "--last");
  expect(await said()).toMatch(/: a run was rolled back$/);
  await rollback(world, "--run nosuchrun");
  expect(await said()).toMatch(/: a rollback that changed nothing$/);
});

test("a group that turns out to be outdated meanwhile stops; the others go on", async () => {
  const { world } = await changed();
  const { status, out } = await rollback(world, "--last", {
    intercept: (request, forward) =>
      request.method === "PUT" && request.body?.includes("alpha") ? answer(404) : forward(),
  });
  expect(errorsIn(out).join()).toContain('group "alpha" was changed by someone else meanwhile');
  expect(out).toContain("Done: 1 created, 2 updated, 1 deleted, 0 adopted, 1 unchanged, 1 failed;");
  expect(status).toBe(1);
});

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
  expect(nothing.out).toContain("changed nothing that could be taken back [rollback/nothing]");
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
  world.files.set(trailPath, reseal(text.replaceAll(`"runId":"${runId}"`, '"runId":"abcd-2"')));
  const { status, err } = await rollback(world, "--run abcd");
  expect(err).toContain(
    'error: 2 runs begin with "abcd" [audit/ambiguousRun]\n  = write more of the one that is meant: abcd-1, abcd-2\n',
  );
  expect(status).toBe(1);
});

test("another environment's run is refused, with both names; `--last` passes over it", async () => {
  const { world, runId } = await changed();
  const environment = { ...loggedIn, GENESYS_ENVIRONMENT: "mypurecloud.de" };
  const { status, err, world: after } = await rollback(world, `--run ${runId}`, { environment });
  expect(errorsIn(err)).toEqual([
    `run ${runId} was on mypurecloud.com, and this is mypurecloud.de [rollback/otherEnvironment]`,
  ]);
  expect([status, after.requests]).toEqual([1, []]);
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
  files.set(trailPath, reseal(lines.filter((line, index) => !isCut(line, index)).join("\n")));
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
    'group "alpha" is not rolled back: what came of the run\'s update of "alpha-7226f318" cannot be told: someone else changed it [rollback/unclear]',
  ]);
  expect(status).toBe(1);
});

// A trail from elsewhere

test("`--audit` goes by another machine's trail; what is done is recorded in this one's", async () => {
  const { world, runId, before } = await changed();
  const text = world.files.text(trailPath);
  world.files.set("ci/trail.log", text);
  world.files.take(trailPath);
  const { status, out } = await rollback(world, `--run ${runId} --audit ci/trail.log`);
  expect(out).toContain(
    "warning: ci/trail.log is not signed: whoever can write it can make any former state up [rollback/unsignedTrail]",
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
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "key-of-tests" };
  const { world } = await changed({ environment });
  world.files.set(trailPath, redirect(world.files.text(trailPath)));
  for (const flags of ["--last", "--last --dry-run", "--last --force"]) {
    const { status, err, world: after } = await rollback(world, flags, { environment });
    expect(errorsIn(err).join()).toContain("[rollback/brokenTrail]");
    expect([status, after.requests]).toEqual([1, []]);
  }
});

test("without the key a signed trail is shown by a dry run with a warning, and else refused", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "key-of-tests" };
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
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "key-of-tests" };
  const unsigned = await changed();
  unsigned.world.files.set(path, unsigned.world.files.text(trailPath));
  const refused = await rollback(unsigned.world, flags, { environment });
  expect(errorsIn(refused.err)).toEqual([
    `the records of run ${unsigned.runId} in ${path} are not signed [rollback/unsignedTrail]`,
  ]);
  expect([refused.status, refused.world.requests]).toEqual([1, []]);
  const signed = await changed({ environment });
  signed.world.files.set(path, signed.world.files.text(trailPath));
  const { status, out } = await rollback(signed.world, flags, { environment });
  expect(out).not.toContain("unsignedTrail");
  expect([status, shapesIn(signed.world)]).toEqual([0, signed.before]);
});

const malformed = "is no whole record of a change [audit/malformed]";

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

// Git

test("it says that Git must follow: which manifests, of which run, and back to which commit", async () => {
  const { world, runId } = await changed();
  const { out } = await rollback(world, "--last --dry-run");
  const files = ["alpha", "beta", "gamma", "new", "old"]
    .map((name) => `subscriptions/${name}.yaml`)
    .join(", ");
  expect(out).toMatch(
    new RegExp(
      `^warning: Git must follow: the manifests \\(${files}\\) still say what run ${runId} \\(2026-\\S+Z, tester@host\\) applied, and the next sync or daemon applies it again \\[rollback/gitMustFollow\\]\n` +
        "  = take the change of commit 222222222222 back in Git and commit, or pass --write-manifests, which puts them back as they were \\(as at commit 111111111111\\)\n",
      "m",
    ),
  );
});

/** A repository whose first commit has the files named. */
function tree(has: readonly string[] = ["alpha", "beta", "old"], edited: readonly string[] = []) {
  const restored: string[] = [];
  const workingTree: WorldOptions["workingTree"] = {
    edited: () => Promise.resolve(edited),
    filesAt: (_commit, paths) =>
      Promise.resolve(paths.filter((path) => has.some((name) => path.includes(name)))),
    restore: (commit, paths) =>
      Promise.resolve(void restored.push(`${commit.slice(0, 4)}: ${paths.join(" ")}`)),
  };
  return { restored, workingTree };
}

test("`--write-manifests` puts them as they were before the run, and says what is left to do", async () => {
  const { world } = await changed();
  const { restored, workingTree } = tree();
  const dry = await rollback(world, "--last --dry-run --write-manifests", { workingTree });
  expect(dry.out).toContain(
    "  = without --dry-run they are put back as they were (as at commit 111111111111); then commit them\n",
  );
  expect(restored).toEqual([]);
  const { status, out } = await rollback(world, "--last --write-manifests", { workingTree });
  const path = (name: string) => `subscriptions/${name}.yaml`;
  expect(restored).toEqual([`1111: ${["alpha", "beta", "gamma", "new", "old"].map(path).join(" ")}`]);
  expect(out).toContain(
    `warning: Git must follow: the manifests are as at commit 111111111111 (${path("alpha")}, ${path("beta")}, ${path("old")}; removed ${path("gamma")}, ${path("new")}) [rollback/manifestsWritten]\n  = look at git diff, and commit`,
  );
  expect(status).toBe(0);
});

test("manifests of groups that are not rolled back stay as they are", async () => {
  const { world } = await changed();
  world.state.webhooks.set(find(world, "alpha").id, { ...find(world, "alpha"), state: "disabled" });
  const { restored, workingTree } = tree();
  const { status } = await rollback(world, "--last --write-manifests", { workingTree });
  expect(restored.join()).not.toContain("alpha");
  expect([status, restored.length]).toEqual([1, 1]);
});

test.each<[string, Partial<WorldOptions>, Partial<WorldOptions>, string, string]>([
  [
    "edits that are not committed",
    {},
    { workingTree: tree([], ["subscriptions/alpha.yaml"]).workingTree },
    "subscriptions/alpha.yaml has edits that are not committed",
    "commit or stash them, and try again",
  ],
  [
    "no Git",
    {},
    {},
    "Git does not give commit 111111111111: fatal: not a git repository",
    "it has to be in this clone",
  ],
])("`--write-manifests` is refused before anything is changed: %s", async (_, run, options, why, hint) => {
  const { world } = await changed(run);
  const { status, err, world: after } = await rollback(world, "--last --write-manifests", options);
  expect(errorsIn(err)).toEqual([`the manifests cannot be written: ${why} [rollback/manifests]`]);
  expect(err).toContain(`  = ${hint}`);
  expect([status, writesOf(after)]).toEqual([1, []]);
});

test.each<[string, (trail: string) => string, string]>([
  [
    "the run before was on edited manifests",
    (trail) => trail.replaceAll(commits.first, `${commits.first}-dirty`),
    "before the run they were edited on top of commit 111111111111-dirty, and the edits are nowhere on record",
  ],
  [
    "no commit is known",
    (trail) => trail.replaceAll(`"${commits.first}"`, "null").replaceAll(`"${commits.second}"`, "null"),
    "no commit of before the run is known",
  ],
  [
    "a file elsewhere",
    (trail) => trail.replaceAll("subscriptions/alpha.yaml", ".github/workflows/x.yaml"),
    "the trail names .github/workflows/x.yaml, which is none in subscriptions/",
  ],
  [
    "a file outside",
    (trail) => trail.replaceAll("subscriptions/alpha.yaml", "subscriptions/../../x.yaml"),
    "the trail names subscriptions/../../x.yaml, which is none in subscriptions/",
  ],
  [
    "a commit that is a flag",
    (trail) => trail.replaceAll(commits.first, "--output=x"),
    "before the run they were edited on top of commit --output=x, and the edits are nowhere on record",
  ],
])("`--write-manifests` cannot be done: %s", async (_, edit, why) => {
  const { world } = await changed();
  world.files.set(trailPath, reseal(edit(world.files.text(trailPath))));
  const { workingTree, restored } = tree();
  const { status, err, world: after } = await rollback(world, "--last --write-manifests", { workingTree });
  expect(errorsIn(err)).toEqual([`the manifests cannot be written: ${why} [rollback/manifests]`]);
  expect([status, writesOf(after), restored]).toEqual([1, [], []]);
});

test("of the first run on record, the commit of before is the parent of its own", async () => {
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "", files, commit: commits.second });
  const { restored, workingTree } = tree([]);
  const parentOf = (commit: string) => Promise.resolve(commit === commits.second ? "3".repeat(40) : null);
  const { out } = await rollback(world, "--last --write-manifests", {
    workingTree: { ...workingTree, parentOf },
  });
  expect(restored).toEqual(["3333: subscriptions/a.yaml"]);
  expect(out).toContain("as at commit 333333333333 (removed subscriptions/a.yaml)");
});

test("a rollback has the commit that its state is from: the next one goes back to there", async () => {
  const { world } = await changed();
  await rollback(world, "--last");
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.third"));
  world.files.set("subscriptions/old.yaml", manifest("old"));
  await runWorld({ argv: "", from: world, commit: "4".repeat(40) });
  const { out } = await rollback(world, "--last --dry-run");
  expect(out).toContain("(as at commit 111111111111)");
});

test("Git's refusal after the webhooks are rolled back is an error", async () => {
  const { world, before } = await changed();
  const restore = () => Promise.reject(new Error("error: unable to write file"));
  const { workingTree } = tree();
  const { status, out } = await rollback(world, "--last --write-manifests", {
    workingTree: { ...workingTree, restore },
  });
  expect(errorsIn(out)).toEqual([
    "the webhooks are rolled back, the manifests are not: error: unable to write file [rollback/manifests]",
  ]);
  expect([status, shapesIn(world)]).toEqual([1, before]);
});

test("JSON and Markdown, as of any pass", async () => {
  const { world } = await changed();
  const json = await rollback(world, "--last --dry-run --output json --detailed-exitcode");
  expect(JSON.parse(json.out)).toMatchObject({
    dryRun: true,
    ok: true,
    summary: { create: 1, update: 3, delete: 1, failed: 0, skipped: 0 },
    diagnostics: [{ code: "rollback/gitMustFollow" }],
  });
  expect(json.status).toBe(2);
  const markdown = await rollback(world, "--last --output markdown");
  expect(markdown.out).toMatch(
    /^<!-- reconcile -->\n\*\*This run created 1 webhook, updated 3 and deleted 1/,
  );
  expect(markdown.out).toContain("- **warning**: Git must follow");
});
