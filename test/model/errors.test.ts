// What an error's code means for whoever asked, and what of its message is about the request.
import { expect, test } from "vitest";
import { rowOf } from "../../src/model/error-class.ts";
import { ReconcileError } from "../../src/model/errors.ts";

test.each([
  ["network/unreachable", "retriable", true],
  ["network/reset", "retriable", true],
  ["auth/invalidClient", "terminal", true],
  ["api/outcomeUnknown", "unknown", true],
  ["api/unavailable", "retriable", true],
  ["api/forbidden", "terminal", true],
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
