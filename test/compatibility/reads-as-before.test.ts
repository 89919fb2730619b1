// What version 0.1 left on users' disks is read as it read it itself: test/fixtures/as-of-0.1/README.md says how its
// files were made, and all that is expected here was printed by that version.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeWorld, runWorld, type TestWorld, type WorldOptions } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const fixtures = join(root, "test/fixtures/as-of-0.1");
const trailPath = ".reconcile/sandbox-audit.log";
/** How much of the trail was there when a run was killed; the rest came after it. */
const recordsOfKilled = 59;
const auditKey = { RECONCILE_AUDIT_KEY: "a-made-up-key-of-the-fixtures" };

/** Every file below a folder of the fixtures, by its path there. */
function filesOf(name: string): Record<string, string> {
  const folder = join(fixtures, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

const expected = filesOf("expected");
const settled = filesOf("settled");
const signed = filesOf("signed");
const linesOf = (text: string): string[] => text.split("\n").filter(Boolean);
const killed = {
  ...filesOf("killed"),
  [trailPath]: `${linesOf(settled[trailPath] ?? "")
    .slice(0, recordsOfKilled)
    .join("\n")}\n`,
};

/** The machine on which it was left, later; the processes of then are gone. */
const around: Partial<WorldOptions> = {
  environment: {},
  send: makeSend(),
  processes: { host: "build-7", machine: "build-7", isAlive: () => false },
};

function leave(files: Readonly<Record<string, string>>): TestWorld {
  return { ...makeWorld({ argv: "", files }), clock: makeFakeClock(Date.UTC(2027, 0, 1)) };
}

async function go(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  return runWorld({ argv, from, ...around, ...more });
}

/** Version 0.1 did not tell whether a rate was given. */
const assumedRate = /,\s*"rateAssumed": true/g;

/**
 * A result without what is another one in each run: its id, the requests that it took, ids that the platform gives; and
 * without the number of orphans, which version 0.1 only listed, and the organisation.
 */
function steady(json: string, before = settled): string {
  const known = before[".reconcile/sandbox.json"] ?? "";
  return (
    json
      .replace(/,\s*"organization": (?:null|\{[^}]*\})/g, "")
      .replace(/("skipped": \d+),\s*"orphans": \d+/g, "$1")
      .replace(/(?<=\.) \d+ webhooks? of a group without a manifest goes on delivering\.(?=\*\*)/, "")
      // `status` gives the trail's head, as its last key: version 0.1 gave it only in `audit head`.
      .replace(/,\s*"head": \{[^}]*\}(?=\s*\}\s*$)/, "")
      // `status` gives the last run on record, too.
      .replace(/\s*"recordedRun": (?:null|\{[^}]*\}),/, "")
      // `audit log` shows the commit, in a last column.
      .replace(/^(time \(UTC\) .* who) +commit$/m, "$1")
      .replace(/^(\d{4}-.*\S) {2,}[0-9a-f]{12}(-dirty)?$/gm, "$1")
      // An estimate by the default rate, 80 a second for each event type, is marked in JSON, and left out elsewhere.
      .replace(assumedRate, "")
      .replace(
        /((\d+)(?: event types?|\/\d+)), (?:about )?(\d+) events\/s/g,
        (whole, types: string, count, rate) => (Number(rate) === 80 * Number(count) ? types : whole),
      )
      .replace(/^ {2}"runId": "[^"]*"/m, '  "runId": "…"')
      .replace(/^ {2}"traffic": \{[^}]*\}/m, '  "traffic": {}')
      .replace(/"webhookId": "([^"]*)"/g, (whole, id: string) =>
        known.includes(`"${id}"`) ? whole : '"webhookId": "new"',
      )
  );
}

/** All that the embedded platform holds, without the ids and times that it gives itself. */
function liveIn(text: string, before: Readonly<Record<string, string>>): unknown {
  const known = before[".reconcile/sandbox.json"] ?? "";
  return JSON.parse(text, (key, value: unknown) => {
    if (key === "intendedAtMs") return 0;
    // Version 0.1 had no embedded AWS.
    if (key === "eventSources") return undefined;
    return key === "id" && !known.includes(`"${String(value)}"`) ? "new" : value;
  });
}

/** What a run wrote, without its own times, numbers and hashes; an intent of before keeps its number. */
function recordsIn(lines: readonly string[], before: Readonly<Record<string, string>>): unknown[] {
  const known = before[".reconcile/sandbox.json"] ?? "";
  const own = {
    seq: 0,
    timestamp: "",
    runId: "",
    actor: "",
    latencyMs: 0,
    metrics: {},
    prevHash: "",
    hash: "",
  };
  return lines.map((line) => {
    const record = JSON.parse(line) as Record<string, unknown>;
    const { intent, webhookId } = record;
    expect(Object.keys(record)).toEqual(expect.arrayContaining(Object.keys(own)));
    return {
      ...{ ...record, ...own },
      // Version 0.1 did not record these.
      ...{ platformTime: undefined, owner: undefined, organization: undefined },
      intent: typeof intent === "number" && intent > recordsOfKilled ? "own" : intent,
      webhookId: typeof webhookId === "string" && !known.includes(webhookId) ? "new" : webhookId,
    };
  });
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(name: string): ValidateFunction {
  const made = validators.get(name);
  if (made) return made;
  const schema = JSON.parse(readFileSync(join(root, "schemas", name), "utf8")) as AnySchemaObject;
  const validate = new Ajv2020({ strict: false }).compile(schema);
  validators.set(name, validate);
  return validate;
}

test("the fixtures have every event, operation and outcome of a trail", () => {
  const records = linesOf(settled[trailPath] ?? "").map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  );
  const valuesOf = (key: string) => new Set(records.map((record) => record[key]));
  expect([...valuesOf("event")].sort()).toEqual([
    ...["change.applied", "change.failed", "change.intended", "change.recovered"],
    ...["run.finished", "run.started", "validation.failed"],
  ]);
  expect([...valuesOf("operation")].sort()).toEqual(["adopt", "create", "delete", null, "update"]);
  expect(records.some((record) => typeof record["rollbackOf"] === "string")).toBe(true);
});

/** A command on a folder as it was left prints what it printed then. */
const prints: readonly (readonly [argv: string, file: string])[] = [
  ["validate --output json", "validate.json"],
  ["audit verify --sandbox --json", "verify.json"],
  ["audit head --sandbox --json", "head.json"],
  ["audit log --sandbox", "log.txt"],
  ["audit log --sandbox --all", "log-all.txt"],
  ["status --sandbox --output json", "status.json"],
  ["plan --sandbox --output json", "plan.json"],
  ["plan --sandbox --explain", "plan.txt"],
  ["plan --sandbox --output markdown", "plan.md"],
  ["import --sandbox --dry-run --manifests nothing --output json", "import.json"],
  ["import --sandbox --dry-run --manifests nothing", "import.txt"],
];

test.each(prints)("`%s` prints what it printed", async (argv, file) => {
  const world = leave(settled);
  world.files.makeDirectory("nothing");
  // That version's import named the schema whether it was there or not.
  world.files.set("schemas/webhook-subscription.v1.json", "{}");
  const { out } = await go(world, argv);
  expect(steady(out)).toBe(steady(withoutPlaceholder(expected[file] ?? "")));
});

/** That version's import had to make a state file up, because a manifest had to have one. */
function withoutPlaceholder(printed: string): string {
  return printed
    .replace(/\n *! [^\n]* stateFile is a placeholder, [^\n]*/, "")
    .replace(/\n *offsetTracking:\n *stateFile: [^\n]* # a placeholder: [^\n]*/, "")
    .replace(/\[\s*"[^"\n]* stateFile is a placeholder, [^"\n]*"\s*\]/, "[]")
    .replace(/\\n *offsetTracking:\\n *stateFile: [^\\]* # a placeholder: [^\\]*(?=\\n)/, "");
}

test("`audit log --json` gives the records as they are on disk", async () => {
  const { out } = await go(leave(settled), "audit log --sandbox --json");
  expect(out).toBe(settled[trailPath]);
});

describe("a signed trail", () => {
  test.each([
    ["audit verify --json", "signed-verify.json"],
    ["audit log", "signed-log.txt"],
    ["status --output json", "signed-status.json"],
  ])("`%s` prints what it printed", async (argv, file) => {
    const { out } = await go(leave(signed), argv, { environment: auditKey });
    expect(steady(out)).toBe(steady(expected[file] ?? ""));
  });

  test("is broken at its first line without its key", async () => {
    const { status, out } = await go(leave(signed), "audit verify --json");
    expect([status, out]).toEqual([1, expected["keyless-verify.json"]]);
  });

  test("that a crash cut in the middle of a line is as sound as it was", async () => {
    const trail = signed["audit-logs/trail.log"] ?? "";
    const torn = trail + (linesOf(trail).at(-1) ?? "").slice(0, 300);
    const argv = "audit verify --file torn.log --json";
    const { status, out } = await go(leave({ ...signed, "torn.log": torn }), argv, {
      environment: auditKey,
    });
    expect([status, out]).toEqual([0, expected["torn-verify.json"]]);
  });
});

describe("a sync", () => {
  test.each([
    ["json", "sync.json"],
    ["text", "sync.txt"],
    ["markdown", "sync.md"],
  ])("says as %s what it said, and makes what it made", async (format, file) => {
    const argv = `--prune --allow-deletes --sandbox --output ${format}`;
    const { out, world } = await go(leave(settled), argv);
    expect(steady(out)).toBe(steady(expected[file] ?? ""));
    const live = world.files.text(".reconcile/sandbox.json");
    expect(liveIn(live, settled)).toEqual(liveIn(expected["sync-live.json"] ?? "", settled));
  });
});

describe("a saved plan", () => {
  test("is applied to what it was made from, once", async () => {
    const { status, out, world } = await go(leave(settled), "apply plan.json --sandbox --output json");
    expect([status, steady(out)]).toEqual([0, steady(expected["apply.json"] ?? "")]);
    const live = world.files.text(".reconcile/sandbox.json");
    expect(liveIn(live, settled)).toEqual(liveIn(expected["sync-live.json"] ?? "", settled));
    const again = await go(world, "apply plan.json --sandbox");
    expect([again.status, again.err + again.out]).toEqual([
      1,
      expect.stringContaining("[plan/appliedAlready]"),
    ]);
  });

  test("that was applied by then is known to have been", async () => {
    const { status, out, err } = await go(leave(settled), "apply plan-applied.json --sandbox");
    expect([status, err + out]).toEqual([1, expect.stringContaining("[plan/appliedAlready]")]);
  });

  test("is what is saved today", async () => {
    const { world } = await go(leave(settled), "plan --sandbox --prune --allow-deletes --out again.json");
    const [then, now] = [settled["plan.json"] ?? "", world.files.text("again.json")].map((text) => ({
      ...(JSON.parse(text.replace(assumedRate, "")) as Record<string, unknown>),
      ...{ runId: "", madeBy: "", organization: undefined },
    }));
    expect(now).toEqual(then);
  });
});

test.each([
  ["first", ""],
  ["pool", "--force"],
  ["adoption", "--force"],
  ["killed", "--force"],
])("what a rollback of the run `%s` would do is what it would have done", async (name, flags) => {
  const text = expected[`rollback-${name}.json`] ?? "";
  const run = /run ([0-9a-f]{8}) /.exec(text)?.[1] ?? "";
  const argv = `rollback --sandbox --run ${run} --dry-run ${flags} --output json`;
  const { out } = await go(leave(settled), argv);
  expect(steady(out)).toBe(steady(text));
});

describe("a run that was killed", () => {
  test.each([
    ["status --sandbox --output json", "killed-status.json"],
    ["audit log --sandbox --limit 12", "killed-log.txt"],
    ["plan --sandbox --output json", "killed-plan.json"],
  ])("`%s` prints what it printed", async (argv, file) => {
    const { out } = await go(leave(killed), argv);
    expect(steady(out, killed)).toBe(steady(expected[file] ?? "", killed));
  });

  test("is followed: its open intent is closed, and all converges", async () => {
    const { status, out, world } = await go(leave(killed), "--sandbox --output json");
    expect([status, steady(out, killed)]).toEqual([0, steady(expected["killed-sync.json"] ?? "", killed)]);
    const live = world.files.text(".reconcile/sandbox.json");
    expect(liveIn(live, killed)).toEqual(liveIn(expected["killed-live.json"] ?? "", killed));
    const added = linesOf(world.files.text(trailPath)).slice(recordsOfKilled);
    const then = linesOf(expected["killed-records.jsonl"] ?? "");
    expect(recordsIn(added, killed)).toEqual(recordsIn(then, killed));
    const after = await go(world, "status --sandbox --output json");
    expect(JSON.parse(after.out)).toMatchObject({ openIntents: [], holder: null });
    expect((await go(world, "audit verify --sandbox")).status).toBe(0);
    expect((await go(world, "plan --sandbox --detailed-exitcode")).status).toBe(0);
  });

  test("its lock is not taken for free by another machine, and its number is not used again", async () => {
    const elsewhere = { processes: { host: "build-8", machine: "build-8", isAlive: () => true } };
    const { out } = await go(leave(killed), "status --sandbox --output json", elsewhere);
    expect(JSON.parse(out)).toMatchObject({ holder: { pid: 4242, host: "build-7", task: "sync" } });
    const { world } = await go(leave(killed), "--sandbox");
    const locks = world.files.paths().filter((path) => path.includes("lock."));
    expect(locks).toEqual([
      "/.reconcile/lock.12",
      "/.reconcile/sandbox-audit.log.lock.1",
      "/.reconcile/sandbox-lock.12",
    ]);
  });

  test("a line that it left half written is moved away", async () => {
    const half = '{"seq":60,"timestamp":"2026-11';
    const torn = { ...killed, [trailPath]: killed[trailPath] + half };
    const { status, world } = await go(leave(torn), "--sandbox");
    expect([status, world.files.text(`${trailPath}.torn`).trimEnd()]).toEqual([0, half]);
    expect((await go(world, "audit verify --sandbox")).status).toBe(0);
  });
});

describe("what was made fits the schemas of today", () => {
  const textsOf = (texts: Readonly<Record<string, string>>, schema: string, names: RegExp) =>
    Object.entries(texts).flatMap(([path, text]) => (names.test(path) ? [{ schema, path, text }] : []));
  const results = /^((killed-)?(plan|sync)|apply|validate|rollback-\w+)\.json$/;

  test.each([
    ...textsOf(expected, "result.v1.json", results),
    ...textsOf(settled, "plan.v1.json", /^plan.*\.json$/),
  ])("$schema: $path", ({ schema, text }) => {
    expect(validatorOf(schema)(JSON.parse(text))).toBe(true);
  });
});

test("the built command reads it from a disk", () => {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-as-before-"));
  try {
    cpSync(join(fixtures, "settled"), folder, { recursive: true });
    const command = (words: string): string =>
      execFileSync(process.execPath, [join(root, "dist/reconcile.js"), ...words.split(" ")], {
        cwd: folder,
        env: { PATH: process.env["PATH"] },
        encoding: "utf8",
      });
    expect(command("audit verify --sandbox --json")).toBe(expected["verify.json"]);
    const plan = command("plan --sandbox --output json");
    expect(steady(plan)).toBe(steady(expected["plan.json"] ?? ""));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
