// `audit verify` and `audit head`: what they find, and what they print.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { genesisHash } from "../../src/audit/record.ts";
import { formatRecord } from "../support/format-record.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { makeEntry } from "../audit/samples.ts";
import { loggedIn, makeWorld, manifest, runWorld } from "../support/world.ts";
import {
  audit,
  key,
  lineOf,
  path,
  runB,
  sealOne,
  started,
  trailOf,
  twoRuns,
  whats,
  withLine,
} from "./trails.ts";

const hashOf = (text: string, number: number): string =>
  (JSON.parse(text.split("\n")[number - 1] ?? "") as AuditRecord).hash;

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
  const environment = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-signing-key-of-these-tests-0123" };
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world: from } = await runWorld({ argv: "", files, environment });
  const log = await runWorld({ argv: "audit log", from, environment });
  expect(whats(log.out)).toEqual(["run started", "create applied", "run finished"]);
  const { out: head } = await runWorld({ argv: "audit head", from, environment });
  expect(head).toBe(`${hashOf(from.files.text(path), 4)}\n`);
  const verified = await runWorld({
    argv: `audit verify --json --expect-head ${head.trim()}`,
    from,
    environment,
  });
  expect([verified.status, verified.err, JSON.parse(verified.out)]).toMatchObject([
    0,
    "",
    { ok: true, file: path, records: 4, signed: 4, head: { seq: 4, hash: head.trim() } },
  ]);
  expect(log.out + verified.out).not.toContain("the-signing-key-of-these-tests-0123");
  expect(verified.world.requests).toEqual([]);
});

const notes = (out: string): number => out.match(/^note: /gm)?.length ?? 0;

test("verify counts, and says what it does not prove", async () => {
  const plain = trailOf(Array.from({ length: 1_204 }, () => makeEntry()));
  const signed = trailOf([makeEntry()], "k");
  const runs = await Promise.all([
    audit("verify", plain),
    audit("verify", signed, { environment: key }),
    audit("verify", "", { files: { [path]: signed, ".env": "RECONCILE_AUDIT_KEY=k\n" } }),
    audit("verify", plain, { environment: key }),
  ]);
  expect(
    runs.map(({ status, out, err }) => [status, err, out.split("\n").slice(0, 2), notes(out)]),
  ).toEqual([
    [0, "", [`${path}: 1,204 records, unbroken, none signed`, `head: 1204 ${hashOf(plain, 1_204)}`], 2],
    [0, "", [`${path}: 1 record, unbroken, 1 signed`, `head: 1 ${hashOf(signed, 1)}`], 1],
    [0, "", [`${path}: 1 record, unbroken, 1 signed`, `head: 1 ${hashOf(signed, 1)}`], 1],
    [0, "", [`${path}: 1,204 records, unbroken, none signed`, `head: 1204 ${hashOf(plain, 1_204)}`], 2],
  ]);
});

test("verify takes a head in capitals, and one that the trail has outgrown", async () => {
  const text = trailOf(twoRuns);
  const expected = hashOf(text, 3).toUpperCase();
  const { status, out } = await audit(`verify --expect-head ${expected}`, text);
  expect([status, out.includes("--expect-head"), notes(out)]).toEqual([0, false, 1]);
  const json = await audit(`verify --json --expect-head ${expected}`, text);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: true,
    records: 9,
    signed: 0,
    expectedHead: hashOf(text, 3),
  });
});

const sound = trailOf(twoRuns);

interface Verified {
  readonly ok: boolean;
  readonly records: number;
  readonly firstBroken: { readonly line: number; readonly isMissing: boolean } | null;
  readonly diagnostics: readonly { code: string; file: string; line: number; hint: string | null }[];
}

test.each([
  ["a line that was changed", withLine(sound, 3, (line) => line.replace("c.three", "c.throe")), "", 3],
  ["a line that was taken out", withLine(sound, 3, () => "").replace("\n\n", "\n"), "", 3],
  ["a line that is no record", withLine(sound, 2, () => "{}"), "", 2],
  [
    "a tail that was cut, given the head",
    lineOf(sound, 1, 2, 3, 4, 5),
    `--expect-head ${hashOf(sound, 9)}`,
    6,
  ],
])("verify finds %s", async (_, text, flags, line) => {
  const isMissing = flags !== "";
  const { status, out, err } = await audit(`verify --json ${flags}`, text, {
    environment: { GITHUB_ACTIONS: "true" },
  });
  const { ok, records, firstBroken, diagnostics } = JSON.parse(out) as Verified;
  expect([status, ok, records, firstBroken]).toEqual([
    1,
    false,
    line - 1,
    { line, reason: expect.any(String) as string, isMissing },
  ]);
  expect(diagnostics).toMatchObject([
    {
      ...{ code: isMissing ? "audit/cut" : "audit/broken", file: path, line, column: 1 },
      hint: expect.any(String) as string,
    },
  ]);
  expect(err).toMatch(new RegExp(`^::error file=${path},line=${line},col=1::`));
});

test("without the head a cut tail is not seen, which verify says", async () => {
  const { status, out } = await audit("verify", lineOf(sound, 1, 2, 3, 4, 5));
  expect([status, out.includes("--expect-head")]).toEqual([0, true]);
});

test("verify finds an unsigned record after a signed one, and another key", async () => {
  const signed = trailOf([makeEntry(), makeEntry()], "k");
  const unsigned = formatRecord(sealOne({ seq: 3, prevHash: hashOf(signed, 2) }));
  const mixed = await audit("verify --json", signed + unsigned, { environment: key });
  const other = await audit("verify --json", signed, {
    environment: { RECONCILE_AUDIT_KEY: "some-other-key" },
  });
  const found = [mixed, other].map(({ status, out }) => {
    const { firstBroken, records, diagnostics } = JSON.parse(out) as Verified;
    return [status, firstBroken?.line, records, diagnostics.map(({ code }) => code)];
  });
  expect(found).toEqual([
    [1, 3, 2, ["audit/broken"]],
    [1, 1, 0, ["audit/broken"]],
  ]);
});

test("verify of signed records without a key names the variable that gives it", async () => {
  const signed = trailOf([makeEntry(), makeEntry()], "k");
  const [without, other] = await Promise.all([
    audit("verify", signed),
    audit("verify", signed, { environment: { RECONCILE_AUDIT_KEY: "some-other-key" } }),
  ]);
  expect([without.status, without.out]).toEqual([
    1,
    expect.stringContaining(
      "\n  = if the trail is signed, set RECONCILE_AUDIT_KEY to the key of its runs; otherwise ",
    ),
  ]);
  expect(other.out).not.toContain("set RECONCILE_AUDIT_KEY to");
});

test("unsigned records before the first signed one are sound", async () => {
  const first = trailOf([makeEntry()]);
  const second = formatRecord(sealOne({ seq: 2, prevHash: hashOf(first, 1) }, "k"));
  const { status, out } = await audit("verify", first + second, { environment: key });
  expect([status, out.split("\n")[0]]).toEqual([0, `${path}: 2 records, unbroken, 1 signed`]);
});

test("a torn last line is a warning", async () => {
  const { status, out } = await audit("verify --json", sound.slice(0, -1));
  const verified = JSON.parse(out) as Verified;
  expect([status, verified]).toMatchObject([
    0,
    { ok: true, records: 8, tornTail: true, firstBroken: null },
  ]);
  expect(verified.diagnostics).toMatchObject([
    {
      ...{ severity: "warning", code: "audit/tornTail", file: path, line: 9 },
      hint: expect.stringContaining(`${path}.torn`) as string,
    },
  ]);
});

test("verify of nothing is no success", async () => {
  for (const flags of ["", `--expect-head ${genesisHash}`]) {
    const missing = await runWorld({ argv: `audit verify ${flags}` });
    expect([missing.status, missing.out]).toEqual([1, ""]);
    expect(missing.err).toContain(`${path} [audit/missing]\n`);
    const empty = await audit(`verify ${flags}`, "");
    expect([empty.status, empty.out]).toEqual([1, expect.stringContaining("[audit/empty]\n")]);
  }
  const folder = await runWorld({ argv: "audit verify --file logs", files: { "logs/a.log": sound } });
  expect([folder.status, folder.err]).toEqual([1, expect.stringContaining("[audit/unreadable]\n")]);
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
    firstBroken: { line: 1, isMissing: false },
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
  const odd = withLine(sound, 9, (line) => line.replace(/"hash":"[^"]*"/, '"hash":"$(rm -rf .)"'));
  for (const text of [sound.slice(0, -1), `${odd}x\n`]) {
    const { status, out, err } = await audit("head", text);
    expect([status, out]).toEqual([0, `${hashOf(sound, 8)}\n`]);
    expect(err).toMatch(new RegExp(`^warning: ${path}: .*\n$`));
  }
});

test("no record, no head", async () => {
  for (const text of ["", "x\n", "x"]) {
    const { status, out, err } = await audit("head", text);
    expect([status, out]).toEqual([1, ""]);
    expect(err).toMatch(new RegExp(`^error: [^\n]* ${path}[^\n]*\n {2}= `));
  }
  const missing = await runWorld({ argv: "audit head" });
  expect([missing.status, missing.out]).toEqual([1, ""]);
  expect(missing.err).toMatch(new RegExp(`^error: [^\n]* ${path} \\[audit/missing\\]\n {2}= `));
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
