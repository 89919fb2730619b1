// A table of mistakes, each of which gives one diagnostic at its place.
import { expect, test } from "vitest";
import type { RuleOptions } from "../../src/manifest/rules/rule.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything } from "./manifest-text.ts";

export interface Mistake {
  readonly what: string;
  readonly text: string;
  readonly at: `${number}:${number}`;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly options?: Partial<RuleOptions>;
}

/** One test a mistake, over the whole of the outcome. */
export function testMistakes(mistakes: readonly Mistake[]): void {
  test.each(mistakes)("$what", ({ text, at, code, message, hint = null, options = {} }) => {
    const made = makeSubscriptions([{ file: "bad.yaml", text }], { ...anything, ...options });
    const [line, column] = at.split(":").map(Number);
    const place = { file: "bad.yaml", line, column };
    expect(made).toEqual({
      ok: false,
      diagnostics: [{ severity: "error", code, message, hint, ...place }],
    });
  });
}
