// `audit log`: which rows, in which order, of which trail.
import { expect, test } from "vitest";
import { makeApplied, makeEntry } from "../audit/samples.ts";
import { runWorld } from "../support/world.ts";
import {
  audit,
  lineOf,
  many,
  path,
  runA,
  runB,
  runEntry,
  started,
  trailOf,
  twoRuns,
  whats,
  withLine,
} from "./trails.ts";

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
  ["--until 2026-01-02T03:04:08.006Z", [1, 2, 3]],
  ["--until 2026-01-02", [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ["--until 2026-01-01", []],
  ["--since 2026-01-02T03:04:08Z --until 2026-01-02T03:04:09", [3]],
  ["--actor CI", [5]],
  ["--actor ada --limit 1", [9]],
])("log --json %s", async (flags, numbers) => {
  const text = trailOf(twoRuns);
  const { status, out, err } = await audit(`log --json ${flags}`, text);
  expect(out).toBe(lineOf(text, ...numbers));
  expect([status, err.includes(path)]).toEqual([0, numbers.length === 0]);
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
  ["log --since yesterday", "--since <time>", "yesterday"],
  ["log --since 2026-02-30", "--since <time>", "2026-02-30"],
  ["log --since 2026-01-01T25:00", "--since <time>", "2026-01-01T25:00"],
  ["log --until yesterday", "--until <time>", "yesterday"],
  ["log --run abc", "--run <id>", "abc"],
  ["log --limit 0", "--limit <n>", "0"],
  ["verify --expect-head 12ab", "--expect-head <hash>", "12ab"],
])("`audit %s` is a wrong command line", async (argv, option, value) => {
  const { status, out, err } = await audit(argv, "");
  expect(err).toMatch(/^error: [^\n]* is invalid\. [^\n]+\n/);
  expect(err).toContain(`'${option}' argument '${value}'`);
  expect([status, out]).toEqual([1, ""]);
});

test("a run's beginning that several share is refused, and so is one that none has", async () => {
  const text = trailOf([started("abcd-1"), started("abcd-2"), started("abcd")]);
  const several = await audit("log --json --run abcd-", text);
  expect([several.status, several.out]).toEqual([1, ""]);
  expect(several.err).toMatch(
    /^error: 2 runs [^\n]*"abcd-" \[audit\/ambiguousRun\]\n {2}= [^\n]*abcd-1, abcd-2\n$/,
  );
  expect((await audit("log --json --run abcd", text)).out).toBe(lineOf(text, 3));
  const none = await audit("log --run abce", text);
  expect([none.status, none.out]).toEqual([1, ""]);
  expect(none.err).toMatch(/^error: [^\n]*"abce" \[audit\/unknownRun\]\n {2}= [^\n]*\n$/);
});

test("lines that are no records are named, and the others are shown", async () => {
  const text = trailOf(twoRuns);
  const odd = `not JSON\n${text}{"seq":1}\n${text.slice(0, -1)}`;
  const { status, out, err } = await audit("log --json --limit 100", odd);
  expect(out).toBe(text + lineOf(text, 1, 2, 3, 4, 5, 6, 7, 8));
  const warned = (text: string) => text.match(/^warning: .*$/gm);
  expect(warned(err)).toEqual([
    expect.stringMatching(/^warning: 2 lines .* 1, 11$/),
    expect.stringContaining("last line"),
  ]);
  expect(status).toBe(0);
  const many = await audit("log", "x\n".repeat(25));
  expect(warned(many.err)).toEqual([
    expect.stringMatching(/^warning: 25 lines .* 1, 2, .* 20 and 5 more$/),
  ]);
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

test("on a terminal a row that is too wide goes on in the next line, and no name is cut", async () => {
  const long = { endpoint: `https://a.example.com/${"x".repeat(60)}/1`, group: `${"g".repeat(60)}-2` };
  const records = [started(runA), makeEntry(long), makeApplied("1", { ...long, after: many ?? null })];
  const { out } = await audit("log", trailOf(records), { terminal: true });
  const indent = " ".repeat(31);
  expect(out).toBe(`\
time (UTC)           run       what
${indent}group
${indent}endpoint
${indent}change          who
2026-01-02 03:04:06  aaaaaaaa  run started
${indent}                ada@host
2026-01-02 03:04:08  aaaaaaaa  create applied
${indent}${long.group}
${indent}${long.endpoint}
${indent}+3 event types  ada@host
`);
});

test("colours tell what failed from what is open", async () => {
  const { out } = await audit("log --group g h", trailOf(twoRuns), { colours: true });
  expect(out).toContain("\u001b[32mcreate applied\u001b[39m");
  expect(out).toContain("\u001b[31mupdate failed\u001b[39m");
  expect(out).toContain("\u001b[33mdelete outcome open\u001b[39m");
});

test("log says where there is nothing, and why", async () => {
  const runs = await Promise.all([
    runWorld({ argv: "audit log" }),
    runWorld({ argv: "audit log --sandbox" }),
    runWorld({ argv: "audit log --file other.log" }),
    audit("log", ""),
  ]);
  expect(runs.map(({ status, out }) => [status, out])).toEqual([
    [0, ""],
    [0, ""],
    [1, ""],
    [0, ""],
  ]);
  const files = [path, ".reconcile/sandbox-audit.log", "other.log", path];
  for (const [at, { err }] of runs.entries()) expect(err).toContain(files[at] ?? "");
});
