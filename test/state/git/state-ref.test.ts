// The names of the store's refs: Git takes them all, and no two owners share one.
import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { organizationsRef, stateRef } from "../../../src/state/git/state-ref.ts";

const refOf = (owner: string): string => stateRef("reconcile-state", { organization: "0a1b", owner });

test.each([
  ["default", "default"],
  ["a.b", "a.b"],
  [".a", "%2Ea"],
  ["a.", "a%2E"],
  ["a..b", "a%2E%2Eb"],
  ["a.lock", "a%2Elock"],
  ["a.lock.b", "a.lock.b"],
  ["...", "%2E%2E%2E"],
  [".", "%2E"],
  ["-a", "-a"],
  ["a b/c@{~é", "a%20b%2Fc%40%7B%7E%C3%A9"],
])("the ref of the owner %s ends with %s", (owner, name) => {
  expect(refOf(owner)).toBe(`refs/heads/reconcile-state/0a1b/${name}`);
});

const owners = fc.string({
  unit: fc.constantFrom(".", "-", "_", "a", "A", "0", ".lock", "lock"),
  minLength: 1,
  maxLength: 63,
});

test("no two owners share a ref", () => {
  fc.assert(
    fc.property(owners, owners, (one, other) => {
      expect(refOf(one) === refOf(other)).toBe(one === other);
    }),
  );
});

test("Git takes the ref of every owner", () => {
  fc.assert(
    fc.property(owners, (owner) => {
      execFileSync("git", ["check-ref-format", refOf(owner)]);
    }),
    { numRuns: 20 },
  );
});

test("the memory of organisations lies beside them", () => {
  expect(organizationsRef("state/of/us")).toBe("refs/heads/state/of/us/organizations");
});
