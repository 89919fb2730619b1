// The unit, by systemd's own tools.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { need, runProgram } from "./programs.ts";

const unit = resolve(import.meta.dirname, "../../deploy/systemd/reconcile.service");

test("systemd takes the unit without a word", (context) => {
  need("systemd-analyze", context);
  expect(runProgram("systemd-analyze", ["verify", "--man=no", unit])).toBe("");
});

test("systemd rates the unit's exposure 1.5 of 10 at most", (context) => {
  need("systemd-analyze", context);
  // Fails above the threshold, which is in tenths.
  const said = runProgram("systemd-analyze", [
    "security",
    "--offline=true",
    "--threshold=15",
    "--no-pager",
    unit,
  ]);
  expect(said).toContain("exposure level for reconcile.service");
});
