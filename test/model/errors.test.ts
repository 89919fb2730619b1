// What an error's code means for whoever asked, and what of its message is about the request.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rowOf } from "../../src/model/error-class.ts";
import { answerFacts, diagnosticOf, ReconcileError } from "../../src/model/errors.ts";

test.each([
  ["network/unreachable", "retriable", true],
  ["network/reset", "retriable", true],
  ["auth/invalidClient", "terminal", true],
  ["api/outcomeUnknown", "unknown", true],
  ["api/unavailable", "retriable", true],
  ["api/forbidden", "terminal", true],
  ["api/addressRefused", "terminal", true],
  ["api/scopeMissing", "terminal", true],
  ["api/rejected", "terminal", false],
  ["api/interrupted", "retriable", false],
  ["networks/made-up", "terminal", false],
  ["constructor", "terminal", false],
])("%s is %s", (code, its, isOutage) => {
  expect(new ReconcileError(code, "no").class).toBe(its);
  expect(rowOf(code).isOutage).toBe(isOutage);
});

test("the problem is the message without its request, however it begins", () => {
  const about = new ReconcileError("api/notFound", "not found (404)", { request: "GET /x" });
  expect([about.message, about.problem]).toEqual(["GET /x: not found (404)", "not found (404)"]);
  const quoting = new ReconcileError("api/rejected", "GET /y: is what the platform said", {
    request: "PUT /x",
  });
  expect(quoting.problem).toBe("GET /y: is what the platform said");
});

test("an error that is made from another one keeps what the platform's answer said", () => {
  const first = new ReconcileError("api/conflict", "no", {
    ...{ correlationId: "c-1", platformCode: "version.conflict" },
    fields: [{ field: "name", message: "taken" }],
  });
  const next = new ReconcileError("api/rejected", first.message, { ...answerFacts(first), cause: first });
  expect(next).toMatchObject({
    correlationId: "c-1",
    platformCode: "version.conflict",
    fields: first.fields,
  });
});

test("a diagnostic has the platform's code where there is one", () => {
  const bare = diagnosticOf(new ReconcileError("api/conflict", "no"));
  expect("platformCode" in bare).toBe(false);
  const coded = new ReconcileError("api/conflict", "no", { platformCode: "version.conflict" });
  expect(diagnosticOf(coded)).toEqual({ ...bare, platformCode: "version.conflict" });
});

test("no error is made from another one without what the platform's answer said", () => {
  const src = join(import.meta.dirname, "../../src");
  const texts = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && path !== "model/errors.ts")
    .map((path) => [path, readFileSync(join(src, path), "utf8")] as const);
  const byHand = texts.filter(([, text]) =>
    /correlationId: \w+\.correlationId|correlationId \?\?/.test(text),
  );
  expect(byHand.map(([path]) => path)).toEqual([]);
});

/** The codes of the errors that a file makes, also where a variable or a condition stands for the code. */
function codesIn(text: string): string[] {
  const first = [...text.matchAll(/new ReconcileError\(\s*([^,]*),/g)].map(([, argument = ""]) => argument);
  if (first.length === 0) return [];
  const assigned = [...text.matchAll(/\bcode(?::| =) ([^;\n]*"\w+\/\w+")/g)].map(([, code = ""]) => code);
  const isNamed = first.some((argument) => /\bcode$/.test(argument));
  const byMaker = [...text.matchAll(/\bmake\(\s*("\w+\/\w+")/g)].map(([, code = ""]) => code);
  return [...first, ...byMaker, ...(isNamed ? assigned : [])].flatMap(quotedCodes);
}

function quotedCodes(text: string): string[] {
  return [...text.matchAll(/"(\w+\/\w+)"/g)].map(([, code = ""]) => code);
}

test("every code of an error that src makes has its row in the table, and every row its code", () => {
  const src = join(import.meta.dirname, "../../src");
  const table = quotedCodes(readFileSync(join(src, "model/error-class.ts"), "utf8"));
  const paths = readdirSync(src, { recursive: true, encoding: "utf8" });
  const made = paths
    .filter((path) => path.endsWith(".ts") && path !== "model/error-class.ts")
    .flatMap((path) => codesIn(readFileSync(join(src, path), "utf8")));
  expect([...new Set(table)]).toHaveLength(table.length);
  expect(table.toSorted()).toEqual([...new Set(made)].sort());
});
