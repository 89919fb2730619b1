// The tests of one store's stories of two machines: each promise holds in all of them, and each kind of harm is seen.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoreKind } from "../../../src/state/state.ts";
import { describeStory } from "./describe-story.ts";
import { harms } from "./harms.ts";
import type { Ground } from "./place.ts";
import { play, type Totals } from "./play.ts";

export interface Proving {
  readonly open: () => Promise<Ground>;
  /** The first seed; default: 1. */
  readonly from?: number;
  /** On every run of the suite. `npm run simulate -- --stores all`, by hand, takes many more. */
  readonly seeds: number;
  /** So many seeds are enough to see each harm. */
  readonly harmSeeds: number;
  /** Why its tests are skipped; empty if they are not. */
  readonly skipped?: string;
}

export function proveStore(
  store: StoreKind,
  { open, from = 1, seeds, harmSeeds, skipped = "" }: Proving,
): void {
  describe.skipIf(skipped !== "")(`two machines over ${store}${skipped}`, () => {
    let ground: Ground;

    beforeAll(async () => {
      ground = await open();
    }, 120_000);

    afterAll(async () => {
      await ground.close();
    });

    test("through faults of the store and a machine that sleeps every promise holds", async () => {
      const sums: Partial<Record<keyof Totals, number>> = {};
      const failed: string[] = [];
      for (let seed = from; seed < from + seeds; seed += 1) {
        const told = await play(seed, ground);
        for (const key of Object.keys(told.totals) as (keyof Totals)[])
          sums[key] = (sums[key] ?? 0) + told.totals[key];
        if (told.faults.length > 0) failed.push(describeStory(told, store));
      }
      expect(failed.join("\n")).toBe("");
      // All this comes to nothing where nothing happens.
      const { writes, holds, takeovers } = sums;
      expect(Math.min(writes ?? 0, holds ?? 0, takeovers ?? 0), JSON.stringify(sums)).toBeGreaterThan(0);
    }, 600_000);

    test("the same seed tells the same story", async () => {
      const [one, other] = [await play(5, ground), await play(5, ground)];
      expect(one.story.length).toBeGreaterThan(20);
      expect(other.story).toEqual(one.story);
    }, 120_000);

    test.each(harms.filter(({ stores }) => stores.includes(store)))(
      "it sees $harm",
      async ({ checks, sabotage }) => {
        const seen = new Set<string>();
        for (let seed = 1; seed <= harmSeeds && !checks.some((check) => seen.has(check)); seed += 1) {
          const { faults } = await play(seed, ground, { sabotage: sabotage() });
          for (const { check } of faults) seen.add(check);
        }
        expect(checks.filter((check) => seen.has(check))).not.toEqual([]);
      },
      600_000,
    );
  });
}
