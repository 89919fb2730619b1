// Text that is longer or wider than a terminal.
import { expect, test } from "vitest";
import { wrap, wrapParagraphs } from "../../src/lib/wrap.ts";
import { manifest, runWorld } from "../support/world.ts";

const many = (count: number): Readonly<Record<string, string>> => ({
  "subscriptions/all.yaml": Array.from({ length: count }, (_, at) => manifest(`g-${at}`)).join("---\n"),
});
const counts = /^Plan: \d+ to create, .*$/gm;

test("a long plan begins with its counts, and ends with them", async () => {
  const { out } = await runWorld({ argv: "plan", files: many(250) });
  const lines = out.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(1000);
  expect(lines[2]).toMatch(/^Plan: 250 to create, /);
  expect(lines.at(-1)).toBe(lines[2]);
  const short = await runWorld({ argv: "plan", files: many(3) });
  expect(short.out.match(counts)).toHaveLength(1);
});

test("--summary counts what no manifest declares any more", async () => {
  const [a, b] = ["subscriptions/a.yaml", "subscriptions/b.yaml"] as const;
  const files = { [a]: manifest("alpha"), [b]: manifest("beta") };
  const { world } = await runWorld({ argv: "sync", files });
  await world.files.remove(b);
  const { out } = await runWorld({ argv: "plan --summary", from: world });
  expect(out).toContain("1 webhook of a group without a manifest (--prune deletes them)\n");
});

test("--summary prints the counts, the diagnostics, and no group", async () => {
  const { status, out } = await runWorld({ argv: "plan --summary", files: many(250) });
  expect([status, out]).toEqual([
    0,
    'mypurecloud.com as owner "default"\nPlan: 250 to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move\n',
  ]);
  const json = await runWorld({ argv: "plan --summary --output json", files: many(2) });
  expect(JSON.parse(json.out)).toMatchObject({ operations: [{}, {}] });
});

test("on a terminal no line of a message or of a help text is wider than it", async () => {
  const wrong = { "subscriptions/a.yaml": manifest("alpha").replace("eventTypes", "eventTipes") };
  for (const argv of ["plan", "zzzz", "watch --help", "import --help", "--help"]) {
    const { out, err } = await runWorld({ argv, files: wrong, terminal: true });
    // Examples are there to be copied.
    const wide = `${out}${err}`.split("\n").filter((line) => line.length > 100 && !line.startsWith("  "));
    expect(wide, argv).toEqual([]);
  }
});

test("what no person reads keeps its lines", async () => {
  const { err } = await runWorld({ argv: "zzzz" });
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});

test("text is broken between words, and a long word stays whole", () => {
  const long = "x".repeat(50);
  expect(wrap(`one two ${long} three`, { columns: 40, before: 38, indent: "  " })).toBe(
    `one\n  two\n  ${long}\n  three`,
  );
  expect(wrap("a ".repeat(30).trim(), { columns: 40 })).toBe(
    `${"a ".repeat(20).trim()}\n${"a ".repeat(10).trim()}`,
  );
  const help = `\none two\nthree ${"four ".repeat(8).trim()}\n\nExamples:\n  reconcile ${"x ".repeat(40)}\n`;
  expect(wrapParagraphs(help, 40)).toBe(
    `\none two three four four four four four\nfour four four\n\nExamples:\n  reconcile ${"x ".repeat(40)}\n`,
  );
});
