// The sandbox's state file where the disk will not have it.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { makeWorld, manifest } from "../support/world.ts";

test("is named, with a way out", async () => {
  const world = makeWorld({ argv: "plan --sandbox", files: { "subscriptions/a.yaml": manifest("alpha") } });
  world.files.before = (_, path) => {
    if (path.endsWith("sandbox.json"))
      throw Object.assign(new Error("ENOTDIR: not a directory"), { code: "ENOTDIR" });
  };
  expect(await run(world)).toBe(1);
  expect(world.err()).toBe(
    "error: .reconcile/sandbox.json cannot be used: the system says ENOTDIR [sandbox/unavailable]\n" +
      "  = .reconcile must be a folder in which this user may write; if it is a file, remove it\n\n",
  );
});
