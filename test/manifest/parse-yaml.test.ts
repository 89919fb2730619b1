// Places in documents, and what one document's faults leave of the others.
import { describe, expect, test } from "vitest";
import { isSafelyNested } from "../../src/manifest/nesting.ts";
import { parseYaml } from "../../src/manifest/parse-yaml.ts";

test("a document knows where its values and keys stand", () => {
  const { documents, diagnostics } = parseYaml("# top\n---\na:\n  - x\n  - k/y: 1\n    m~n:\n", "f.yaml");
  const [document] = documents;
  expect(diagnostics).toEqual([]);
  expect(document?.value).toEqual({ a: ["x", { "k/y": 1, "m~n": null }] });
  const at = (line: number, column: number): object => ({ file: "f.yaml", line, column });
  expect(document?.place).toEqual(at(3, 1));
  expect(document?.placeOf("/a/1/k~1y")).toEqual(at(5, 10));
  expect(document?.keyPlaceOf("/a/1/k~1y")).toEqual(at(5, 5));
  expect(document?.placeOf("/a/1/m~0n")).toEqual(at(6, 5));
  expect(document?.placeOf("/a/0")).toEqual(at(4, 5));
  expect(document?.placeOf("/a/7/z")).toEqual(at(4, 3));
  expect([document?.has("/a/0"), document?.has("/a/7"), document?.has("")]).toEqual([true, false, true]);
});

test("values have the types of YAML 1.2, whatever a directive says", () => {
  const text =
    "%YAML 1.1\n---\n[yes, 010, 0x1F, 1e3, null, true, 12:30, 2020-01-01, !!str 5, 9007199254740991]\n";
  expect(parseYaml(text, "f.yaml").documents[0]?.value).toEqual([
    "yes",
    10,
    31,
    1000,
    null,
    true,
    "12:30",
    "2020-01-01",
    "5",
    9007199254740991,
  ]);
});

test("a faulty document does not take the others with it", () => {
  const { documents, diagnostics } = parseYaml(
    'a: 1\n---\nb: "\n---\nc: *x\n---\n---\nd: 4\nd: 5\n...\n---\n[e\n---\nf: 6\n',
    "f.yaml",
  );
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { d: 4 }, { f: 6 }]);
  expect(diagnostics.map(({ code, line }) => [code, line])).toEqual([
    ["yaml/syntax", 3],
    ["yaml/alias", 5],
    ["document/empty", 6],
    ["yaml/duplicateKey", 9],
    ["yaml/syntax", 12],
  ]);
});

test("what is missing at the end of a file is shown behind its last word", () => {
  expect(parseYaml("a: [b\n\n\n", "f.yaml").diagnostics).toMatchObject([
    { message: "a ] is missing before this place", line: 1, column: 6 },
  ]);
});

describe("limits:", () => {
  test("a file of too many documents is given up", () => {
    const { documents, diagnostics } = parseYaml("a: 1\n---\n".repeat(5000), "f.yaml");
    expect(documents.length).toBeLessThanOrEqual(1000);
    expect(diagnostics).toMatchObject([{ code: "yaml/tooLong", line: 1, column: 1 }]);
  });

  test("a file of too many words is given up", () => {
    expect(parseYaml(`[${",".repeat(1_000_000)}`, "f.yaml").diagnostics).toMatchObject([
      { code: "yaml/tooLong" },
    ]);
  });

  test("64 levels are read, and 65 are not", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(parseYaml(nested(64), "f.yaml").diagnostics).toEqual([]);
    expect(parseYaml(nested(65), "f.yaml").diagnostics).toMatchObject([
      { code: "yaml/tooDeep", column: 65 },
    ]);
    const blocks = Array.from({ length: 65 }, (_, index) => `${" ".repeat(index)}a:\n`).join("");
    expect(parseYaml(blocks, "f.yaml").diagnostics).toMatchObject([{ code: "yaml/tooDeep", line: 65 }]);
  });

  const bombs = {
    brackets: "[".repeat(1_000_000),
    "open maps": "{a: ".repeat(200_000),
    "sequences on one line": "- ".repeat(500_000),
    "keys on one line": "a: ".repeat(300_000),
    "explicit keys": "? ".repeat(500_000),
    "sequences in brackets": `[${"- ".repeat(400_000)}`,
    "ever deeper lines": Array.from({ length: 1400 }, (_, index) => `${" ".repeat(index)}a:\n`).join(""),
    "ever deeper lines with comments": Array.from(
      { length: 1000 },
      (_, index) => `${" ".repeat(index)}-\n# back\n`,
    ).join(""),
    "brackets on many lines": "-\n [\n".repeat(100_000),
    "brackets behind quotes": `"]]]]": `.repeat(1000) + '["]",'.repeat(100_000),
    "comments between brackets": "[ # ]\n".repeat(100_000),
  };

  test.each(Object.entries(bombs))("a bomb of %s neither ends the process nor takes long", (_, text) => {
    const { documents, diagnostics } = parseYaml(text, "f.yaml");
    expect([documents.length, diagnostics.length]).toEqual([0, 1]);
    expect(diagnostics[0]?.code).toMatch(/^yaml\/(tooDeep|tooLong|syntax)$/);
  });

  test("a big file that is flat is safe, however many brackets and indented texts it has", () => {
    const entry = `- { url: "https://a.example.com", tags: [a, b] } # [[[[\n- text: |\n${" ".repeat(300)}[ {\n  x\n`;
    const many = `${entry}- ["[[[[", '{{{{']\n`.repeat(200);
    expect(isSafelyNested(many)).toBe(true);
    expect(isSafelyNested(`\uFEFF---\n${many}`)).toBe(true);
    expect(isSafelyNested(`${many}- ${"[".repeat(600)}`)).toBe(false);
    expect(isSafelyNested(`${many}- ${"- ".repeat(600)}`)).toBe(false);
  });
});
