// A story of two machines with one store, in words.
import type { StoreKind } from "../../../src/state/state.ts";
import type { Story } from "./play.ts";
import { sentences } from "./town.ts";

/** Of a seed that failed: what was violated, and how to see it again. */
export function describeStory({ seed, faults }: Story, store: StoreKind): string {
  const broken = faults
    .slice(0, 5)
    .map(({ check, detail }) => `seed ${seed} violates ${check}: ${sentences[check]}\n    ${detail}`);
  const again = `    repeat it with: npm run simulate -- --stores ${store} --seed ${seed}`;
  return [...broken, again].join("\n");
}
