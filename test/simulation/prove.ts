// The tests of one resource's stories: each promise holds in all of them, and each kind of harm would be seen.
import { describe, expect, test } from "vitest";
import { describeReport, describeTotals } from "./describe.ts";
import { harms } from "./harms.ts";
import { addTotals, makeTotals } from "./journal.ts";
import type { ResourcesName } from "./resources.ts";
import { simulate } from "./simulate.ts";

/** `SEEDS`: the mutation runs set fewer, for each mutant runs them all. */
const fewer = process.env["SEEDS"];
/** Of the faults that a request may meet, each before or after the commit counted for itself. */
const kindNames = 22;

/** `usualSeeds`: on every run of the suite. `npm run simulate`, and the nightly run, take many more. */
export function proveStories(resources: ResourcesName, usualSeeds: number): void {
  test(
    `through faults, crashes and edits by hand every promise holds, for ${resources}`,
    { timeout: 600_000 },
    async () => {
      const seeds = Number(fewer ?? usualSeeds);
      const failed: string[] = [];
      const totals = makeTotals();
      for (let seed = 1; seed <= seeds; seed += 1) {
        const report = await simulate(seed, { resources });
        addTotals(totals, report.totals);
        if (report.violations.length > 0) failed.push(describeReport(report, resources));
      }
      expect(failed.join("\n")).toBe("");
      if (fewer !== undefined) return;
      // All this comes to nothing where nothing happens.
      const { crashes, edits, diskFaults, lateCommits, recovered, interrupts, ofOneGroup, invalid } =
        totals;
      const counts = {
        crashes,
        edits,
        diskFaults,
        lateCommits,
        recovered,
        interrupts,
        ofOneGroup,
        invalid,
      };
      const { refused, goneOver, handedOver } = totals;
      const across = resources === "mixed" ? { refused, goneOver, handedOver } : {};
      const happened = { ...totals.faults, ...counts, ...across };
      expect(Math.min(...Object.values(happened)), describeTotals(totals)).toBeGreaterThan(3);
      expect(Object.keys(totals.faults).length, describeTotals(totals)).toBe(kindNames);
    },
  );

  test(`the same seed tells the same story, of ${resources}`, async () => {
    const options = { resources, story: true };
    const [one, other] = [await simulate(4, options), await simulate(4, options)];
    expect(one.story.length).toBeGreaterThan(20);
    expect(other).toEqual(one);
  });

  describe(`of ${resources} the simulation sees`, () => {
    test.each(harms)("$harm", async ({ check, sabotage }) => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= 40 && !seen.has(check); seed += 1) {
        const { violations } = await simulate(seed, { resources, sabotage: sabotage() });
        for (const violation of violations) seen.add(violation.check);
      }
      expect([...seen]).toContain(check);
    });
  });
}
