import { expect, test } from "vitest";
import { plain } from "../../src/lib/plain.ts";
import { plainTexts } from "../../src/lib/plain-texts.ts";

test("a value whose texts are plain is returned itself, and not copied", () => {
  const value = {
    operations: [{ name: "a", patch: [{ op: "remove" }], error: null }],
    summary: { create: 1 },
  };
  expect(plainTexts(value)).toBe(value);
});

test("what holds another text is copied, down to that text, and the rest is shared", () => {
  const quiet = { name: "b" };
  const value = { operations: [{ name: "a\u001b[2J", webhookId: null }, quiet], ok: true };
  const shown = plainTexts(value);
  expect(shown).toEqual({ operations: [{ name: "a\ufffd[2J", webhookId: null }, { name: "b" }], ok: true });
  expect(shown.operations[1]).toBe(quiet);
  expect(value.operations[0]?.name).toBe("a\u001b[2J");
});

test("a key that is __proto__ stays a key", () => {
  const value = JSON.parse('{"__proto__":{"name":"\\u0007"},"error":"\\u0007"}') as object;
  expect(JSON.stringify(plainTexts(value))).toBe('{"__proto__":{"name":"\ufffd"},"error":"\ufffd"}');
});

test("a text of any length is made plain", () => {
  const long = "x".repeat(20_000_000);
  expect(plain(long) === long).toBe(true);
  expect(plain(`${long}\u0007`).endsWith("x\ufffd")).toBe(true);
});
