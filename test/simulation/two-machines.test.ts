// Rounds of two machines that share no store: what holds without one, and what the next pass of either puts right.
import { describe, expect, test } from "vitest";
import { playTwoMachines, type Round } from "./two-machines.ts";

/** `npm run simulate -- --machines 2` plays many more. */
const usualSeeds = 6;

describe.each(["webhooks", "integrations", "triggers"] as const)("two machines with %s", (resources) => {
  test("claim only what they sent, leave no gap, and agree after the next pass of either", async () => {
    const rounds: Round[] = [];
    for (let seed = 1; seed <= usualSeeds; seed += 1) rounds.push(await playTwoMachines(seed, resources));
    const wrong = rounds.filter(
      ({ gaps, claims, unsettled }) => [...gaps, ...claims, ...unsettled].length > 0,
    );
    expect(wrong.map(({ seed, gaps, claims, unsettled }) => ({ seed, gaps, claims, unsettled }))).toEqual(
      [],
    );
    // The platform refuses a second webhook; a second one of the others stays until the next pass.
    const doubled = rounds.some(({ duplicates }) => duplicates.length > 0);
    expect(doubled).toBe(resources !== "webhooks");
  });
});

test("the same seed plays the same round", async () => {
  expect(await playTwoMachines(3, "integrations")).toEqual(await playTwoMachines(3, "integrations"));
});
