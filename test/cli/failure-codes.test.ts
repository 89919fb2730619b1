// A failure that ends a command without a result: its text has the form of the diagnostics of a pass.
import { expect, test } from "vitest";
import { runWorld } from "../support/world.ts";

test.each([
  ["audit head", "audit/missing"],
  ["audit export --file copy.jsonl", "audit/missing"],
  ["status --config none.yaml", "config/missing"],
  ["state move --to files", "state/sameStore"],
  ["apply plan.json", "plan/missing"],
])("`%s` ends its error with [%s], and the hint follows", async (argv, code) => {
  const { status, out, err } = await runWorld({ argv });
  const [first = "", ...rest] = err.split("\n");
  expect([status, out]).toEqual([1, ""]);
  expect(first).toMatch(/^error: /);
  expect(first.slice(first.lastIndexOf(" "))).toBe(` [${code}]`);
  expect(rest.join("\n")).toMatch(/\n? {2}= [^\n]+\n$/);
});
