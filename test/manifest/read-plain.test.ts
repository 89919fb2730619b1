// What the short way of reading YAML makes of a text is what the parser makes of it, or nothing.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { Composer, Parser } from "yaml";
import { describe, expect, test } from "vitest";
import { readPlain } from "../../src/manifest/read-plain.ts";
import { makeYamlNode, type YamlNode } from "../../src/manifest/yaml-node.ts";

/** Returns null if the parser finds a fault, or anything but one document. */
function readByParser(text: string): YamlNode | null {
  const composer = new Composer({ schema: "core", uniqueKeys: false, resolveKnownTags: false });
  const documents = [...composer.compose(new Parser().parse(text))];
  const [document] = documents;
  const faults: unknown[] = documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]);
  if (!document?.contents || documents.length > 1 || faults.length > 0) return null;
  const node = makeYamlNode(document.contents, text, (_, fault) => faults.push(fault));
  return faults.length > 0 ? null : (node ?? null);
}

const listed = (texts: string) => fc.constantFrom(...texts.trim().split(/ {2,}|\n */));
const key = listed("name  spec  a  app.kubernetes.io/name  true  null  t-1  x_y  constructor");
const word = listed(`
  a  crm-sync  https://crm.example.com/x?y=1&z=2  v2.users.{id}.presence  3  0  007  1.10  1e3  0x1f
  true  False  yes  null  Null  ~  PT1M  2024-01-01  12:30  a:b  a: b  a #b  a#b  a, b  99999999999999999999
  /var/data/a.json  $host/x  ärger  x:  -1  +1  .5  .inf  Infinity  1_000  0b1  *  &a  |  >
`);
const scalar = fc.oneof(
  { weight: 4, arbitrary: word },
  word.map((text) => `"${text}"`),
  word.map((text) => `'${text}'`),
  fc.array(word, { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
  fc
    .array(fc.tuple(key, word), { maxLength: 3 })
    .map((items) => `{ ${items.map((one) => one.join(": ")).join(", ")} }`),
);
const tail = fc.constantFrom("", "", "", " ", " # why", "#x", "\n", "\n# why", "\n   # why", "\n\n");

const { block } = fc.letrec<{ block: string }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(map(scalar.map(inline)), list(scalar.map(inline))),
    map(tie("block").map(below)),
    list(tie("block").map(within)),
  ),
}));
function inline(text: string): string {
  return ` ${text}`;
}
function below(text: string): string {
  return `\n${text.replaceAll(/^/gm, "  ")}`;
}
function within(text: string): string {
  return ` ${text.replaceAll(/\n(?!$)/g, "\n  ")}`;
}
function map(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const entry = fc.tuple(key, value, tail).map(([name, text, after]) => `${name}:${text}${after}`);
  return fc.array(entry, { minLength: 1, maxLength: 4 }).map((entries) => entries.join("\n"));
}
function list(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const item = fc.tuple(value, tail).map(([text, after]) => `-${text}${after}`);
  return fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => items.join("\n"));
}

const runs = { numRuns: 3000 * Number(process.env["TIMES"] ?? 1) };
const chars = " \n:-#\"'[]{},.&*!|>%@`$~?=<\\\t\r/0129eExtTnNaf_\u00a0\u2028\u0085".split("");
const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom("", ...chars), fc.nat(2)), { maxLength: 3 });

function mutate(text: string, changes: readonly (readonly [number, string, number])[]): string {
  return changes.reduce((now, [at, put, drop]) => {
    const from = at % (now.length + 1);
    return now.slice(0, from) + put + now.slice(from + drop);
  }, text);
}

function compare(text: string): void {
  const plain = readPlain(text);
  if (plain) expect(plain, text).toEqual(readByParser(text));
}

describe("a text that is read the short way", () => {
  test("has the same values, places and written numbers as by the parser", () => {
    let plain = 0;
    fc.assert(
      fc.property(block, (text) => {
        if (readPlain(text)) plain += 1;
        compare(text);
      }),
      runs,
    );
    expect(plain).toBeGreaterThan(runs.numRuns / 20);
  });

  test("so do texts with a few characters changed", () => {
    fc.assert(
      fc.property(block, edits, (text, changes) => {
        compare(mutate(text, changes));
      }),
      runs,
    );
  });

  const folder = new URL("../../subscriptions/", import.meta.url);
  const examples = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));

  test("the example manifests are among them", () => {
    expect(examples.map((text) => readPlain(text) !== null)).toEqual(examples.map(() => true));
    for (const text of examples) compare(text);
  });

  test("so are those with a few characters changed", () => {
    fc.assert(
      fc.property(fc.constantFrom(...examples), edits, (text, changes) => {
        compare(mutate(text, changes));
      }),
      runs,
    );
  });

  test.each([
    ["an empty text", ""],
    ["a comment alone", "# nothing\n"],
    ["a key without a value", "a:\n"],
    ["a key twice", "a: 1\na: 2\n"],
    ["a key that every object has", "constructor: 1\n"],
    ["a scalar alone", "a\n"],
    ["an anchor", "a: &b c\n"],
    ["a text over several lines", "a: b\n  c\n"],
    ["a tab", "a:\tb\n"],
    ["a key of more than 1,024 characters", `${"a".repeat(1025)}: b\n`],
    ["a text that may have too many tokens", `a:\n${"- b\n".repeat(20_000)}`],
  ])("%s is left to the parser", (_, text) => {
    expect(readPlain(text)).toBeNull();
  });
});
