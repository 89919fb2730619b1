// The scripts are JavaScript and no part of the product: this one, at least, is run.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("npm run compare compares the planner with three kinds of hashing", () => {
  const out = execFileSync(process.execPath, ["scripts/compare-rebalancing.mjs", "3"], {
    encoding: "utf8",
  });
  const rows = [...out.matchAll(/^\| ([a-z][a-z ]*) \| (\d+) \| (\d+) \|/gm)].map(
    ([, name, moves, gaps]) => ({
      ...{ name, moves: Number(moves), gaps: Number(gaps) },
    }),
  );
  expect(rows.map(({ name }) => name)).toEqual([
    ...["modulo", "rendezvous hashing", "consistent hashing with bounded loads", "reconcile"],
  ]);
  const own = rows.at(-1);
  expect(own?.gaps).toBe(0);
  expect(rows.every(({ moves }) => moves >= (own?.moves ?? Infinity))).toBe(true);
});
