// The promises of the contract's Plan section on generated histories. One walk of each history asks all of them; each has
// its own test, which fails under its sentence.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { relays, unevenRelays } from "../kinds/relay.ts";
import { allKinds, type TestKind } from "../support/kinds.ts";
import { histories, walk, type Size } from "./history.ts";
import {
  minimalMoves,
  minimalWrites,
  minimalWritesOfParts,
  promises,
  type PlanPromise,
} from "./promises.ts";

/** How many times as many generated histories as usual: `npm run test:long` and `npm run mutation` set it. */
const times = Number(process.env["TIMES"] ?? 1);

interface Histories {
  readonly size: Size;
  readonly numRuns: number;
}

/** Walks the histories of this seed, and hands each round to `ask`. */
function walkAll(
  { size, numRuns }: Histories,
  seed: number,
  ask: (round: Parameters<PlanPromise["check"]>[0], random: () => number) => void,
): void {
  fc.assert(
    fc.property(histories(size), fc.infiniteStream(fc.nat()), (history, numbers) => {
      walk(history, (round) => {
        ask(round, () => Number(numbers.next().value));
      });
    }),
    // With fewer than usual there is no search for a smaller counterexample.
    { numRuns: Math.ceil(numRuns * times), seed, ...(times < 1 ? { endOnFailure: true } : {}) },
  );
}

/** Those of the promises that a round breaks, found in one walk of all histories. */
function findBroken(
  given: readonly PlanPromise[],
  { all, seed }: { readonly all: readonly Histories[]; readonly seed: number },
): ReadonlySet<PlanPromise> {
  const broken = new Set<PlanPromise>();
  for (const some of all) {
    walkAll(some, seed, (round, random) => {
      for (const promise of given) {
        try {
          if (!broken.has(promise)) promise.check(round, some.size.kind, random);
        } catch {
          broken.add(promise);
        }
      }
    });
  }
  return broken;
}

function prove(given: readonly PlanPromise[], all: readonly Histories[]): void {
  // A mutation run goes by which test reaches which line, and wants the same histories each time: each test then walks
  // by itself.
  const isAlone = times < 1;
  const seed = isAlone ? 1 : (fc.sample(fc.integer(), 1)[0] ?? 1);
  let broken: ReadonlySet<PlanPromise> = new Set(given);
  beforeAll(
    () => {
      if (!isAlone) broken = findBroken(given, { all, seed });
    },
    600_000 * Math.max(times, 1),
  );

  for (const promise of given) {
    test(promise.sentence, () => {
      // Once more, for this one alone: fast-check looks for the smallest history that breaks it, and shows that.
      for (const some of broken.has(promise) ? all : [])
        walkAll(some, seed, (round, random) => {
          promise.check(round, some.size.kind, random);
        });
      expect(isAlone || !broken.has(promise)).toBe(true);
    });
  }
}

function sizesOf(kind: TestKind) {
  return {
    /** At least 30 changes a group, planned and applied round after round. */
    large: { kind, endpoints: 6, types: 24, rounds: 32, leastRounds: 30 },
    /** Small enough to try every balanced assignment. */
    small: { kind, endpoints: 4, types: 6, rounds: 4 },
    lessSmall: { kind, endpoints: 5, types: 8, rounds: 3 },
  };
}

function leastWritesOf({ granularity }: TestKind): readonly PlanPromise[] {
  if (granularity === "endpoint") return [minimalWrites];
  // Triggers each have their own write, so that there is nothing to choose.
  return granularity === "eventType" ? [] : [minimalWritesOfParts];
}

describe.each([...allKinds, relays])("Plan of $nouns", (kind) => {
  const { large, small, lessSmall } = sizesOf(kind);
  // A round of a kind of which an endpoint has several takes four times as long.
  const part = typeof kind.granularity === "object" ? 0.3 : 1;

  describe("over many rounds", () => {
    prove(promises, [{ size: large, numRuns: 100 * part }]);
  });

  describe("against every balanced assignment", () => {
    prove(
      [minimalMoves, ...leastWritesOf(kind)],
      [
        { size: small, numRuns: 1000 * part },
        { size: lessSmall, numRuns: 100 * part },
      ],
    );
  });
});

describe("Plan of uneven relays, over many rounds", () => {
  prove(promises, [{ size: sizesOf(unevenRelays).large, numRuns: 20 }]);
});
