// What is put back while not every manifest is valid, on generated histories: resources that somebody deleted, alone or
// beside other edits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeKinds } from "../../src/model/kind.ts";
import { asDocument, sameDocument } from "../../src/model/document.ts";
import { isPlanned, type Operation } from "../../src/model/plan.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { holdToPutBacks } from "../../src/plan/hold-to-put-backs.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { applyToModel } from "../support/live-model.ts";
import { relays } from "../kinds/relay.ts";
import { allKinds, type TestKind } from "../support/kinds.ts";
import { histories, walk, type Round } from "./history.ts";
import { applyPlan } from "./samples.ts";

interface PutBack {
  /** As a pass left it, and recorded it. */
  readonly recorded: readonly LiveResource[];
  readonly live: readonly LiveResource[];
  readonly writes: readonly Operation[];
  readonly round: Round;
}

/** After each round deletes some of what is live, edits the rest, and hands on what is put back. */
function eachPutBack(
  kind: TestKind,
  edit: (live: readonly LiveResource[], pick: () => number) => readonly LiveResource[],
  check: (back: PutBack) => void,
): void {
  const known = makeKinds([kind.kind]);
  const all = histories({ kind, endpoints: 4, types: 10, rounds: 4 });
  fc.assert(
    fc.property(all, fc.infiniteStream(fc.nat()), (history, numbers) => {
      const pick = (): number => Number(numbers.next().value);
      const earlier: (readonly [string, ResourceDocument])[] = [];
      walk(history, (round) => {
        const recorded = applyPlan(round.live, round.plan, known).filter(({ group }) => group !== null);
        const left = recorded.filter(() => pick() % 2 === 0);
        const live = edit(left, pick);
        const planning = {
          ...round.options,
          adopt: false,
          recorded: new Map([
            ...recorded.map((one) => [one.id, asDocument(one)] as const),
            ...longGone(recorded, earlier),
          ]),
        };
        const declared = new Map([[round.desired.group, round.desired]]);
        const facts = { declared, unchanged: new Set(declared.keys()), live, planning };
        const plan = holdToPutBacks(makePlan([round.desired], live, planning), facts);
        check({ recorded, live, writes: plan.operations.filter(isPlanned), round });
        // Somebody deletes each of these too, when nobody misses it any more.
        earlier.unshift(
          ...recorded.map((one) => [`earlier ${earlier.length} ${one.id}`, asDocument(one)] as const),
        );
      });
    }),
    { numRuns: 50, seed: 20261130 },
  );
}

/**
 * Returns the records of resources that somebody deleted long ago: those of earlier rounds whose event types others
 * deliver by now, and whose name none of these has.
 */
function longGone(
  recorded: readonly LiveResource[],
  earlier: readonly (readonly [string, ResourceDocument])[],
): readonly (readonly [string, ResourceDocument])[] {
  const names = new Set(recorded.map(({ name }) => name));
  const delivered = new Set(recorded.flatMap(({ eventTypes }) => eventTypes));
  return earlier.filter(
    ([, { name, eventTypes }]) => !names.has(name) && eventTypes.some((one) => delivered.has(one)),
  );
}

function documentsOf(live: readonly LiveResource[]): readonly string[] {
  return live.map((one) => JSON.stringify(asDocument(one))).sort();
}

test.each([...allKinds, relays])("$nouns that were deleted are all put back as they were", (kind) => {
  eachPutBack(
    kind,
    (live) => live,
    ({ recorded, live, writes }) => {
      const after = applyToModel(live, writes, makeKinds([kind.kind]));
      expect(documentsOf(after)).toEqual(documentsOf(recorded));
    },
  );
});

test.each([...allKinds, relays])(
  "of $nouns that were deleted or given other event types, each is put back as it was or not at all, without a gap or a double",
  (kind) => {
    const known = makeKinds([kind.kind]);
    const move = (live: readonly LiveResource[], pick: () => number): readonly LiveResource[] => {
      const [from, to] = [live[pick() % Math.max(live.length, 1)], live[pick() % Math.max(live.length, 1)]];
      const moved = from?.eventTypes[0] ?? "";
      if (!from || !to || from === to || from.eventTypes.length < 2) return live;
      return live.map((one) => {
        if (one === from) return { ...one, eventTypes: one.eventTypes.slice(1) };
        return one === to ? { ...one, eventTypes: [...one.eventTypes, moved] } : one;
      });
    };
    eachPutBack(kind, move, ({ recorded, live, writes, round: { desired } }) => {
      for (const { after } of writes) {
        expect(after && recorded.some((one) => sameDocument(after, one))).toBe(true);
      }
      const delivered = (now: readonly LiveResource[]): readonly string[] =>
        now.flatMap(({ eventTypes }) => eventTypes).filter((one) => desired.eventTypes.includes(one));
      let now = live;
      for (const write of writes) {
        const next = applyToModel(now, [write], known);
        const after = new Set(delivered(next));
        expect(delivered(now).filter((one) => !after.has(one))).toEqual([]);
        now = next;
      }
      const doubles = (of: readonly string[]): number => of.length - new Set(of).size;
      expect(doubles(delivered(now))).toBeLessThanOrEqual(doubles(delivered(live)));
    });
  },
);
