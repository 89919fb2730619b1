// The fields of an answer that reconcile does not know.
import { expect, test } from "vitest";
import { nameFields, otherFields } from "../../src/genesys/unmodelled.ts";

test("are those that are neither known nor made by the platform", () => {
  const found = { id: "w1", version: 3, selfUri: "/x", links: {}, dateCreated: "…", name: "n", theirs: 1 };
  expect(otherFields(found, ["name"])).toEqual({ theirs: 1 });
});

test.each([null, undefined, "text", 5, [1]])("%j has none", (found) => {
  expect(otherFields(found, [])).toEqual({});
});

test("are named where they have a value, without the value", () => {
  const fields = { a: "secret", b: null, c: "", d: [], e: {}, f: 0, g: false, h: { key: "secret" } };
  expect(nameFields(["target.", fields])).toEqual({
    unmodelled: ["target.a", "target.f", "target.g", "target.h"],
  });
  expect(nameFields(["", { b: null }])).toEqual({});
});

test("are named in a bounded number, each once, and safe to show", () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, 1]));
  expect(nameFields(["", many]).unmodelled).toHaveLength(20);
  const odd = { "\u001b[31mred\n": 1, ["x".repeat(1000)]: 1 };
  expect(nameFields(["", odd], ["", odd]).unmodelled).toEqual(["[31mred", "x".repeat(64)]);
});
