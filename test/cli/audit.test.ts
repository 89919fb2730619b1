// `reconcile audit log`, `verify` and `head`, as a user runs them.
import { expect, test } from "vitest";
import { count } from "../../src/lib/count.ts";
import { run } from "../../src/cli/run.ts";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { formatRecord, genesisHash, sealRecord } from "../../src/audit/record.ts";
import type { AuditEntry, AuditRecord } from "../../src/model/audit-record.ts";
import { makeApplied, makeDocument, makeEntry } from "../audit/samples.ts";
import { loggedIn, makeWorld, manifest, runWorld, type WorldOptions } from "../support/world.ts";

const path = "audit-logs/subscription_audit.log";
const startMs = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

type More = Partial<Omit<AuditRecord, "hash">>;

/** A trail of these, one second after the other, chained and sealed. */
function trailOf(records: readonly More[], key?: string): string {
  let [prevHash, text] = [genesisHash, ""];
  for (const [index, more] of records.entries()) {
    const record = sealOne({ seq: index + 1, prevHash, ...more }, key);
    prevHash = record.hash;
    text += formatRecord(record);
  }
  return text;
}

function sealOne(more: More, key?: string): AuditRecord {
  const { seq = 1 } = more;
  const content = {
    timestamp: new Date(startMs + seq * 1000).toISOString(),
    runId: "aaaaaaaa-1111",
    environment: "mypurecloud.com",
    actor: "ada@host",
    metrics: emptyMetrics,
    ...{ seq, prevHash: genesisHash },
    ...makeEntry(),
    ...more,
  };
  return sealRecord(content, key);
}

const runEntry: AuditEntry = {
  ...makeEntry({ event: "run.started", operation: null, group: null, endpoint: null }),
  ...{ after: null, patch: null, source: null },
};
const started = (runId: string): More => ({ ...runEntry, runId });
const finished = (runId: string, success = true): More => ({
  ...runEntry,
  ...{ runId, success, event: "run.finished" },
});

const [few, many] = [["a.one"], ["a.one", "b.two", "c.three"]].map((eventTypes) =>
  makeDocument({ eventTypes }),
);
const policy = { retryCount: 5, retryInterval: "PT1M", retryOnTimeout: true };
const grown = { ...makeDocument({ eventTypes: ["b.two", "c.three"] }), retryPolicy: policy };
const [runA, runB] = ["aaaaaaaa-1111", "bbbbbbbb-2222"];

const twoRuns: readonly More[] = [
  started(runA),
  makeEntry({ after: many ?? null }),
  makeApplied("1", { after: many ?? null }),
  finished(runA),
  { ...started(runB), actor: "CI run 7" },
  { ...makeEntry({ operation: "update", group: "h", before: few ?? null, after: grown }), runId: runB },
  {
    ...makeEntry({ operation: "update", group: "h", before: few ?? null, after: grown }),
    ...{ runId: runB, event: "change.failed", success: false, error: "the platform refused it (422)" },
  },
  { ...makeEntry({ operation: "delete", before: few ?? null, after: null }), runId: runB },
  finished(runB, false),
];

function audit(argv: string, text: string, more: Partial<WorldOptions> = {}): ReturnType<typeof runWorld> {
  return runWorld({ argv: `audit ${argv}`, files: { [path]: text }, environment: {}, ...more });
}

/** Changes one line. */
function withLine(text: string, number: number, change: (line: string) => string): string {
  return text
    .split("\n")
    .map((line, index) => (index + 1 === number ? change(line) : line))
    .join("\n");
}

const hashOf = (text: string, number: number): string =>
  (JSON.parse(text.split("\n")[number - 1] ?? "") as AuditRecord).hash;

test("log shows what was changed, oldest first, and each intent once", async () => {
  const { status, out, err } = await audit("log", trailOf(twoRuns));
  expect(out).toBe(`\
time (UTC)           run       what                 group  endpoint                 change                          who
2026-01-02 03:04:06  aaaaaaaa  run started                                                                          ada@host
2026-01-02 03:04:08  aaaaaaaa  create applied       g      https://a.example.com/x  +3 event types                  ada@host
2026-01-02 03:04:09  aaaaaaaa  run finished                                                                         ada@host
2026-01-02 03:04:10  bbbbbbbb  run started                                                                          CI run 7
2026-01-02 03:04:12  bbbbbbbb  update failed        h      https://a.example.com/x  +2 −1 event types, retryPolicy  ada@host
                               the platform refused it (422)
2026-01-02 03:04:13  bbbbbbbb  delete outcome open  g      https://a.example.com/x  −1 event type                   ada@host
2026-01-02 03:04:14  bbbbbbbb  run finished                                         with failures                   ada@host
`);
  expect([status, err]).toEqual([0, ""]);
});

test("log says of a write that was never tried that it was not attempted, and of no other", async () => {
  const failed = makeEntry({ event: "change.failed", success: false });
  const texts = [false, true, null].map((attempted) => trailOf([{ ...failed, attempted }]));
  const shown = await Promise.all(texts.map((text) => audit("log", text, { colours: true })));
  const [yellow, red] = ["\u001b[33m", "\u001b[31m"];
  expect(shown.map(({ out }) => /\S*create [a-z ]+[a-z]/.exec(out)?.[0])).toEqual([
    `${yellow}create not attempted`,
    `${red}create failed`,
    `${red}create failed`,
  ]);
});

/** The third column. */
function whats(out: string): string[] {
  return out
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ {2,}/)[2] ?? "");
}

test("log --all shows settled intents, too", async () => {
  const { out } = await audit("log --all --run aaaaaaaa", trailOf(twoRuns));
  expect(whats(out)).toEqual(["run started", "create intended", "create applied", "run finished"]);
});

test("an outcome that names its intent settles that one, in whichever run", async () => {
  const text = trailOf([
    { ...makeEntry(), runId: runA },
    { ...makeEntry(), runId: runA },
    { ...makeApplied("1", { event: "change.recovered" }), runId: runB, intent: 1 },
    { ...makeEntry({ event: "change.failed", success: null }), runId: runB, intent: 99 },
    makeEntry({ event: "validation.failed", operation: null, group: null, endpoint: null, after: null }),
  ]);
  const { out } = await audit("log", text);
  expect(out).toContain("2026-01-02 03:04:07  aaaaaaaa  create outcome open ");
  expect(whats(out)).toEqual([
    "create outcome open",
    "create recovered",
    "create outcome unknown",
    "validation failed",
  ]);
});

test("outcomes of older records settle the intents of their own run, one each", async () => {
  const intent = makeEntry();
  const text = trailOf([intent, intent, makeApplied("1"), { ...makeApplied("2"), runId: runB }]);
  const { out } = await audit("log", text);
  expect(whats(out)).toEqual(["create outcome open", "create applied", "create applied"]);
});

test("log --json has the records byte for byte, whatever their spelling", async () => {
  const text = trailOf(twoRuns);
  expect(await audit("log --json", text)).toMatchObject({ status: 0, out: text, err: "" });
  const respelt = withLine(
    text,
    2,
    (line) => `${line.replace('"group":"g"', '"group":\t"\u0067\u009b"')}  `,
  );
  expect((await audit("log --json", respelt)).out).toBe(respelt);
});

test("a terminal gets the same JSON with control characters escaped", async () => {
  const text = trailOf([makeEntry({ group: "\u009b2J\u2028" })]);
  const { out } = await audit("log --json", text, { terminal: true });
  expect(out).not.toMatch(/[\u009b\u2028]/);
  expect(JSON.parse(out)).toEqual(JSON.parse(text));
});

const lineOf = (text: string, ...numbers: number[]): string =>
  numbers.map((number) => `${text.split("\n")[number - 1] ?? ""}\n`).join("");

test.each([
  ["--group h", [6, 7]],
  ["--group g h", [2, 3, 6, 7, 8]],
  ["--group nobody", []],
  ["--run aaaa", [1, 2, 3, 4]],
  ["--run aaaaaaaa-1111", [1, 2, 3, 4]],
  ["--limit 2", [8, 9]],
  ["--limit 100", [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["--group g --limit 1", [8]],
  ["--since 2026-01-02T03:04:13Z", [8, 9]],
  ["--since 2026-01-02T03:04:13", [8, 9]],
  ["--since 2026-01-02T04:04:13+01:00", [8, 9]],
  ["--since 2026-01-02", [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["--since 2026-01-03", []],
])("log --json %s", async (flags, numbers) => {
  const text = trailOf(twoRuns);
  const { status, out, err } = await audit(`log --json ${flags}`, text);
  expect(out).toBe(lineOf(text, ...numbers));
  const nothing = `Nothing to show from ${path}: none of its 9 records matches\n`;
  expect([status, err]).toEqual([0, numbers.length > 0 ? "" : nothing]);
});

test.each(["2h", "120m", "7200s", "PT2H", "pt2h"])("--since %s counts back from now", async (age) => {
  // The clock of the tests stands at 2026-01-01T00:00Z.
  const nowMs = Date.UTC(2026, 0, 1);
  const text = trailOf([
    { ...makeEntry(), timestamp: new Date(nowMs - 7_200_001).toISOString() },
    { ...makeEntry(), timestamp: new Date(nowMs - 7_200_000).toISOString() },
    { ...makeEntry(), timestamp: "no time at all" },
  ]);
  expect((await audit(`log --json --since ${age}`, text)).out).toBe(lineOf(text, 2, 3));
});

test("filters and the limit count rows in the table, not the intents behind them", async () => {
  const { out } = await audit("log --group g --limit 2", trailOf(twoRuns));
  expect(whats(out)).toEqual(["create applied", "delete outcome open"]);
});

test.each([
  ["log --since yesterday", "--since <time>", "yesterday", "Write it as a date (2026-01-31)"],
  ["log --since 2026-02-30", "--since <time>", "2026-02-30", "Write it as a date (2026-01-31)"],
  ["log --since 2026-01-01T25:00", "--since <time>", "2026-01-01T25:00", "Write it as a date"],
  ["log --run abc", "--run <id>", "abc", "Give at least the first 4 characters of the run's id."],
  ["log --limit 0", "--limit <n>", "0", "Give a whole number from 1 to 1000000."],
  ["verify --expect-head 12ab", "--expect-head <hash>", "12ab", "A hash has 64 hexadecimal digits"],
])("`audit %s` is a wrong command line", async (argv, option, value, why) => {
  const { status, out, err } = await audit(argv, "");
  expect(err).toContain(`error: option '${option}' argument '${value}' is invalid. ${why}`);
  expect([status, out]).toEqual([1, ""]);
});

test("a run's beginning that several share is refused, and so is one that none has", async () => {
  const text = trailOf([started("abcd-1"), started("abcd-2"), started("abcd")]);
  expect(await audit("log --json --run abcd-", text)).toMatchObject({
    status: 1,
    out: "",
    err: 'error: 2 runs begin with "abcd-"\n' + "  = write more of the one that is meant: abcd-1, abcd-2\n",
  });
  expect((await audit("log --json --run abcd", text)).out).toBe(lineOf(text, 3));
  expect(await audit("log --run abce", text)).toMatchObject({
    status: 1,
    out: "",
    err: `error: no run in ${path} begins with "abce"\n  = \`reconcile audit log\` shows the runs\n`,
  });
});

test("lines that are no records are named, and the others are shown", async () => {
  const text = trailOf(twoRuns);
  const odd = `not JSON\n${text}{"seq":1}\n${text.slice(0, -1)}`;
  const { status, out, err } = await audit("log --json --limit 100", odd);
  expect(out).toBe(text + lineOf(text, 1, 2, 3, 4, 5, 6, 7, 8));
  expect(err).toBe(
    `warning: 2 lines of ${path} are not records: lines 1, 11\n` +
      `warning: the last line of ${path} is incomplete, as after a crash, and is not shown\n`,
  );
  expect(status).toBe(0);
  const many = await audit("log", "x\n".repeat(25));
  expect(many.err).toBe(
    `Nothing to show from ${path}: it has no records\n` +
      `warning: 25 lines of ${path} are not records: lines ` +
      "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 and 5 more\n",
  );
});

test("control characters in records reach no terminal, and endpoints keep their query to themselves", async () => {
  const evil = "x\n::warning::forged\u001b[2J\u009b2J\u202e\r\u0007";
  const text = trailOf([
    {
      ...makeEntry({ event: "change.failed", success: false, error: evil, group: evil }),
      ...{ endpoint: `https://a/${evil}?token=hidden`, actor: evil, runId: evil, timestamp: evil },
    },
    { ...runEntry, event: evil as "run.started", group: 7 as unknown as string },
  ]);
  for (const terminal of [false, true]) {
    const { status, out, err } = await audit("log", text, { terminal });
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(out).not.toMatch(/^::/m);
    expect(out).toContain("forged");
    expect(out).not.toContain("hidden");
    expect(status).toBe(0);
  }
});

test("one stretched cell does not stretch the table without end", async () => {
  const text = trailOf([
    makeEntry({ group: "g".repeat(100_000), error: "e".repeat(100_000) }),
    makeEntry(),
  ]);
  const { out } = await audit("log --all", text);
  expect(Math.max(...out.split("\n").map((line) => line.length))).toBe(31 + 2_000);
});

test("on a terminal a row that is too wide takes two lines, each cut to fit", async () => {
  const long = { endpoint: `https://a.example.com/${"x".repeat(60)}/1`, group: `${"g".repeat(60)}-2` };
  const records = [started(runA), makeEntry(long), makeApplied("1", { ...long, after: many ?? null })];
  const { out } = await audit("log", trailOf(records), { terminal: true });
  expect(out).toBe(`\
time (UTC)           run       what             group                                       who
                               endpoint                                               change
2026-01-02 03:04:06  aaaaaaaa  run started                                                  ada@host
2026-01-02 03:04:08  aaaaaaaa  create applied   ggggggggggggggggggggg…gggggggggggggggggg-2  ada@host
                               https://a.example.com/xxxx…xxxxxxxxxxxxxxxxxxxxxxxx/1  +3 event types
`);
});

test("colours tell what failed from what is open", async () => {
  const { out } = await audit("log --group g h", trailOf(twoRuns), { colours: true });
  expect(out).toContain("\u001b[32mcreate applied\u001b[39m");
  expect(out).toContain("\u001b[31mupdate failed\u001b[39m");
  expect(out).toContain("\u001b[33mdelete outcome open\u001b[39m");
});

test("log says where there is nothing, and why", async () => {
  const none = await runWorld({ argv: "audit log" });
  expect(none).toMatchObject({
    status: 0,
    out: "",
    err:
      `There is no audit trail at ${path}: no pass has changed anything from this folder yet ` +
      "(plan and validate write no records); --sandbox reads the sandbox's trail, --file reads another one\n",
  });
  expect((await runWorld({ argv: "audit log --sandbox" })).err).toBe(
    "There is no audit trail at .reconcile/sandbox-audit.log: no pass with --sandbox has changed anything from " +
      "this folder yet (plan and validate write no records)\n",
  );
  expect(await runWorld({ argv: "audit log --file other.log" })).toMatchObject({
    status: 1,
    out: "",
    err: "error: there is no audit trail at other.log\n  = check the path that you gave with --file\n",
  });
  expect(await audit("log", "")).toMatchObject({
    status: 0,
    out: "",
    err: `Nothing to show from ${path}: it has no records\n`,
  });
});

test("the trail is the config's, the sandbox's, or the one that is named", async () => {
  const config = (file: string): string =>
    `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\naudit: { file: ${file} }\n`;
  const files = {
    "reconcile.yaml": config("first.log"),
    "other.yaml": config("second.log"),
    ".reconcile/sandbox-audit.log": trailOf([started("sandbox")]),
    "first.log": trailOf([started("first")]),
    "second.log": trailOf([started("second")]),
    "third.log": trailOf([started("third")]),
  };
  const runOf = async (flags: string): Promise<unknown> => {
    const { out } = await runWorld({ argv: `audit head --json ${flags}`, files });
    return (JSON.parse(out) as AuditRecord).runId;
  };
  expect(await runOf("")).toBe("first");
  expect(await runOf("--config other.yaml")).toBe("second");
  expect(await runOf("--file third.log")).toBe("third");
  expect(await runOf("--sandbox")).toBe("sandbox");
  const both = await runWorld({ argv: "audit head --sandbox --file third.log", files });
  expect(both.err).toBe("error: option '--file <file>' cannot be used with option '--sandbox'\n");
  for (const command of ["log", "verify", "head"]) {
    const broken = { "reconcile.yaml": "apiVersion: 1\n" };
    const { status, out, err } = await runWorld({ argv: `audit ${command}`, files: broken });
    expect([status, out]).toEqual([1, ""]);
    expect(err).toContain("--> reconcile.yaml:1:");
  }
});

test("what a pass leaves is shown, verified and named by its head", async () => {
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "key-of-tests" };
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world: from } = await runWorld({ argv: "", files, environment });
  const log = await runWorld({ argv: "audit log", from, environment });
  expect(whats(log.out)).toEqual(["run started", "create applied", "run finished"]);
  const { out: head } = await runWorld({ argv: "audit head", from, environment });
  expect(head).toBe(`${hashOf(from.files.text(path), 4)}\n`);
  const verified = await runWorld({ argv: `audit verify --expect-head ${head.trim()}`, from, environment });
  expect(verified).toMatchObject({
    status: 0,
    out: `${path}: 4 records, unbroken, 4 signed, with the expected head\nhead: 4 ${head}`,
    err: "",
  });
  expect(log.out + verified.out).not.toContain("key-of-tests");
  expect(verified.world.requests).toEqual([]);
});

const noHead =
  "note: to notice records that were cut off the end, pass --expect-head with the hash that `reconcile audit head` printed\n";
const key = { RECONCILE_AUDIT_KEY: "k" };

test("verify counts, and says what it does not prove", async () => {
  const plain = trailOf(Array.from({ length: 1_204 }, () => makeEntry()));
  expect(await audit("verify", plain)).toMatchObject({
    status: 0,
    err: "",
    out:
      `${path}: 1,204 records, unbroken, none signed\nhead: 1204 ${hashOf(plain, 1_204)}\n` +
      "note: anyone who can write this file can replace it with another unbroken chain; set RECONCILE_AUDIT_KEY, and runs sign " +
      `their records\n${noHead}`,
  });
  const signed = trailOf([makeEntry()], "k");
  const sound = `${path}: 1 record, unbroken, 1 signed\nhead: 1 ${hashOf(signed, 1)}\n${noHead}`;
  expect(await audit("verify", signed, { environment: key })).toMatchObject({ status: 0, out: sound });
  const fromDotenv = { [path]: signed, ".env": "RECONCILE_AUDIT_KEY=k\n" };
  expect((await audit("verify", "", { files: fromDotenv })).out).toBe(sound);
  expect((await audit("verify", plain, { environment: key })).out).toContain(
    "note: RECONCILE_AUDIT_KEY is set, but no record is signed: anyone who can write this file could have replaced it\n",
  );
});

test("verify takes a head in capitals, and one that the trail has outgrown", async () => {
  const text = trailOf(twoRuns);
  const { status, out } = await audit(`verify --expect-head ${hashOf(text, 3).toUpperCase()}`, text);
  expect(out).toContain(`${path}: 9 records, unbroken, none signed, with the expected head\n`);
  expect([status, out.includes("--expect-head")]).toEqual([0, false]);
});

const sound = trailOf(twoRuns);

test.each([
  [
    "a line that was changed",
    withLine(sound, 3, (line) => line.replace("c.three", "c.throe")),
    "",
    3,
    "its hash does not match its content: it was changed, or it is signed, and no key is set",
  ],
  [
    "a line that was taken out",
    withLine(sound, 3, () => "").replace("\n\n", "\n"),
    "",
    3,
    "its seq is 4 where 3 is due",
  ],
  ["a line that is no record", withLine(sound, 2, () => "{}"), "", 2, "it is not an audit record in JSON"],
  [
    "a tail that was cut, given the head",
    lineOf(sound, 1, 2, 3, 4, 5),
    `--expect-head ${hashOf(sound, 9)}`,
    6,
    "it is missing: no record has the expected head's hash, so the tail was cut",
  ],
])("verify finds %s", async (_, text, flags, line, reason) => {
  const isCut = flags !== "";
  const { status, out, err } = await audit(`verify ${flags}`, text, {
    environment: { GITHUB_ACTIONS: "true" },
  });
  const before = line - 1;
  const hint = isCut
    ? "records were cut off the end, or this is another trail: restore it from a copy that holds that hash"
    : `${before === 1 ? "the record before it is unchanged" : `the ${before} records before it are unchanged`}; ` +
      "from this line on nothing is proven: keep the file as it is, and compare it with a copy";
  expect(out).toBe(
    `error: line ${line} breaks the chain: ${reason} [audit/${isCut ? "cut" : "broken"}]\n` +
      `  --> ${path}:${line}:1\n  = ${hint}\n\n` +
      `${path}: ${count(before, "record")} sound, broken at line ${line}\n`,
  );
  expect(err).toMatch(
    new RegExp(`^::error file=${path},line=${line},col=1::line ${line} breaks the chain`),
  );
  expect(status).toBe(1);
});

test("without the head a cut tail is not seen, which verify says", async () => {
  const { status, out } = await audit("verify", lineOf(sound, 1, 2, 3, 4, 5));
  expect([status, out.includes(noHead)]).toEqual([0, true]);
});

test("verify finds an unsigned record after a signed one, and another key", async () => {
  const signed = trailOf([makeEntry(), makeEntry()], "k");
  const unsigned = formatRecord(sealOne({ seq: 3, prevHash: hashOf(signed, 2) }));
  const mixed = await audit("verify", signed + unsigned, { environment: key });
  expect(mixed.out).toContain(
    "error: line 3 breaks the chain: it is not signed, but a record before it is",
  );
  const other = await audit("verify", signed, { environment: { RECONCILE_AUDIT_KEY: "some-other-key" } });
  expect(other.out).toContain(
    "error: line 1 breaks the chain: its hash does not match its content: it was changed, " +
      "or it is signed with another key [audit/broken]",
  );
  expect(other.out).toContain("\n  = from this line on nothing is proven");
  expect([mixed.status, other.status]).toEqual([1, 1]);
});

test("unsigned records before the first signed one are sound", async () => {
  const first = trailOf([makeEntry()]);
  const second = formatRecord(sealOne({ seq: 2, prevHash: hashOf(first, 1) }, "k"));
  const { status, out } = await audit("verify", first + second, { environment: key });
  expect([status, out.split("\n")[0]]).toEqual([0, `${path}: 2 records, unbroken, 1 signed`]);
});

test("a torn last line is a warning", async () => {
  const { status, out } = await audit("verify", sound.slice(0, -1));
  expect(out.split("\n").slice(0, 5)).toEqual([
    "warning: the last line is incomplete, as after a crash while it was written [audit/tornTail]",
    `  --> ${path}:9:1`,
    `  = the chain is not broken by this: the next run moves the line to ${path}.torn`,
    "",
    `${path}: 8 records, unbroken, none signed`,
  ]);
  expect(status).toBe(0);
});

test("verify of nothing is no success", async () => {
  for (const flags of ["", `--expect-head ${genesisHash}`]) {
    const missing = await runWorld({ argv: `audit verify ${flags}` });
    expect([missing.status, missing.out]).toEqual([1, ""]);
    expect(missing.err).toMatch(
      new RegExp(
        `^error: there is no audit trail at ${path} \\[audit/missing\\]\n {2}= no pass has changed`,
      ),
    );
    const empty = await audit(`verify ${flags}`, "");
    expect(empty.status).toBe(1);
    expect(empty.out).toMatch(/^error: the trail holds no record to verify \[audit\/empty\]\n/);
  }
  const folder = await runWorld({ argv: "audit verify --file logs", files: { "logs/a.log": sound } });
  expect(folder.err).toMatch(
    /^error: the audit trail logs cannot be read: it is a folder \[audit\/unreadable\]\n/,
  );
  expect(folder.status).toBe(1);
});

test("verify --json is one object in every outcome", async () => {
  const head = hashOf(sound, 9);
  const good = await audit(`verify --json --expect-head ${head}`, sound);
  expect(JSON.parse(good.out)).toEqual({
    ...{ formatVersion: 1, ok: true, file: path, records: 9, signed: 0, tornTail: false },
    ...{ head: { seq: 9, hash: head }, expectedHead: head, firstBroken: null, diagnostics: [] },
  });
  const bad = await audit("verify --json", withLine(sound, 1, () => "{}").slice(0, -1));
  expect(JSON.parse(bad.out)).toMatchObject({
    ...{ ok: false, records: 0, head: null, expectedHead: null, tornTail: true },
    firstBroken: { line: 1, reason: "it is not an audit record in JSON", isMissing: false },
    diagnostics: [
      { severity: "error", code: "audit/broken", file: path, line: 1 },
      { severity: "warning", code: "audit/tornTail" },
    ],
  });
  const missing = await runWorld({ argv: "audit verify --json" });
  expect(JSON.parse(missing.out)).toMatchObject({
    ...{ ok: false, file: path, records: 0, head: null, firstBroken: null },
    diagnostics: [{ code: "audit/missing" }],
  });
  const config = await runWorld({ argv: "audit verify --json --config no.yaml" });
  expect(JSON.parse(config.out)).toMatchObject({
    ok: false,
    file: null,
    diagnostics: [{ code: "config/missing" }],
  });
  expect([good.status, bad.status, missing.status, config.status]).toEqual([0, 1, 1, 1]);
});

test("head prints the last record's hash alone, and verify takes it", async () => {
  const { status, out, err } = await audit("head", sound);
  expect([status, out, err]).toEqual([0, `${hashOf(sound, 9)}\n`, ""]);
  expect((await audit(`verify --expect-head ${out.trim()}`, sound)).status).toBe(0);
  expect((await audit("head --json", sound)).out).toBe(
    `{"seq":9,"hash":"${hashOf(sound, 9)}","timestamp":"2026-01-02T03:04:14.006Z","runId":"${runB}"}\n`,
  );
});

test("head passes over what is no record, and says so", async () => {
  const torn = await audit("head", sound.slice(0, -1));
  expect(torn).toMatchObject({
    status: 0,
    out: `${hashOf(sound, 8)}\n`,
    err: `warning: ${path}: the last line is incomplete, as after a crash; this is the hash of the last record before that\n`,
  });
  const odd = withLine(sound, 9, (line) => line.replace(/"hash":"[^"]*"/, '"hash":"$(rm -rf .)"'));
  expect(await audit("head", `${odd}x\n`)).toMatchObject({
    status: 0,
    out: `${hashOf(sound, 8)}\n`,
    err: `warning: ${path}: 2 lines at its end are not records; this is the hash of the last record before that\n`,
  });
});

test("no record, no head", async () => {
  for (const text of ["", "x\n", "x"]) {
    const { status, out, err } = await audit("head", text);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toMatch(new RegExp(`^error: there is no record in ${path}, so it has no head\n  = `));
  }
  const missing = await runWorld({ argv: "audit head" });
  expect([missing.status, missing.out]).toEqual([1, ""]);
  expect(missing.err).toMatch(
    new RegExp(`^error: there is no audit trail at ${path}\n  = no pass has changed`),
  );
});

test("head finds its record before a line that is longer than any that is written", async () => {
  const { status, out, err } = await audit("head", `${sound}${"x".repeat(17 * 1024 * 1024)}\n`);
  expect([status, out, err]).toEqual([0, `${hashOf(sound, 9)}\n`, ""]);
});

test("a reader that goes away ends the log", async () => {
  const text = trailOf(Array.from({ length: 300 }, () => makeEntry()));
  const world = makeWorld({ argv: "audit log --json", files: { [path]: text } });
  const written: string[] = [];
  const stdout = {
    ...world.stdout,
    write: (piece: string) => void written.push(piece),
    flushed: () => Promise.resolve(false),
  };
  expect(await run({ ...world, stdout })).toBe(0);
  const out = written.join("");
  expect(text.startsWith(out)).toBe(true);
  expect(out.length).toBeLessThan(70_000);
});

test.each([
  ["audit", "Usage: reconcile audit <command> [flags]\n"],
  ["audit lgo", "error: unknown command 'lgo'\n(Did you mean log?)\n"],
  ["audit log extra", "error: too many arguments for 'log'. Expected 0 arguments but got 1.\n"],
  [
    "audit verify --expect-haed x",
    "error: unknown option '--expect-haed'\n(Did you mean --expect-head?)\n",
  ],
])("`%s` is a wrong command line", async (argv, message) => {
  const { status, out, err } = await runWorld({ argv });
  expect(err.startsWith(message)).toBe(true);
  expect([status, out]).toEqual([1, ""]);
});

test.each(["audit", "audit log", "audit verify", "audit head"])(
  "`%s --help` has examples",
  async (command) => {
    const { status, out } = await runWorld({ argv: `${command} --help` });
    expect(out).toMatch(new RegExp(`^Usage: reconcile ${command} [^]*\nExamples:\n  reconcile ${command}`));
    expect(status).toBe(0);
  },
);
