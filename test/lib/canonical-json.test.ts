import canonicalize from "canonicalize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../src/lib/canonical-json.ts";

const oddKey = fc.constantFrom(
  "10",
  "9",
  "-1",
  "01",
  "__proto__",
  "constructor",
  "toJSON",
  "",
  "é",
  "\ud83d",
  "😀",
);
const oddText = fc.string({
  unit: fc.constantFrom("\ud83d", "\ude00", "\\", "ud8", '"', "\u0007", "\u2028", "x", "ü"),
});
const oddNumber = fc.oneof(fc.double(), fc.constantFrom(-0, 1e21, 1e-7, NaN, Infinity, 2 ** 53));

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(null, true, false, undefined),
    oddNumber,
    oddText,
    fc.string({ unit: "binary" }),
    fc.array(tie("value")),
    fc
      .array(fc.tuple(fc.oneof(oddKey, oddText), tie("value")))
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

function outcomeOf(spell: () => string | undefined): string {
  try {
    return spell() ?? "none";
  } catch {
    return "refused";
  }
}

test("any value is spelt as the library for RFC 8785 spells it, or refused as there", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const due = outcomeOf(() => canonicalize(value));
      expect(outcomeOf(() => canonicalJson(value))).toBe(due === "none" ? "refused" : due);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["keys like numbers", { 10: 1, 9: 2, a: 3 }, '{"10":1,"9":2,"a":3}'],
  [
    "a key that objects treat in another way",
    JSON.parse('{"b":1,"__proto__":{"x":1}}'),
    '{"__proto__":{"x":1},"b":1}',
  ],
  ["fields without a value", { b: undefined, a: [undefined] }, '{"a":[null]}'],
  ["a value with a form of its own", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
])("%s are spelt by the standard", (_, value, due) => {
  expect(canonicalJson(value)).toBe(due);
});

test.each([
  ["a number that JSON does not have", { a: [NaN] }],
  ["half a surrogate pair", { a: "\ud83d" }],
  ["a key with half a surrogate pair", { "\ude00": 1 }],
  ["no value at all", undefined],
])("%s is refused", (_, value) => {
  expect(() => canonicalJson(value)).toThrow();
});
