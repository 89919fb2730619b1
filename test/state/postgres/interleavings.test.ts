// Two machines over one PostgreSQL store, in random order and at once: each call has an effect as if they came one by one.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SharedStore, StateKey, StoredRecord } from "../../../src/state/shared-store.ts";
import { makeRecord, readText, taking, textOf } from "../store-suite.ts";
import { makePostgresWorld, whyWithoutServer, withoutServer, type PostgresWorld } from "./world.ts";

type Machine = 0 | 1;

type Step =
  | { readonly by: Machine; readonly does: "take" | "renew" | "release" | "repeat" }
  | { readonly by: Machine; readonly does: "append"; readonly count: number };

/** Two steps are sent at once. */
type Turn = { readonly passMs: number } | readonly [Step] | readonly [Step, Step];

/** What a machine believes, as the store last told it. */
interface Belief {
  readonly fence: number;
  readonly seq: number;
  /** Its last append, which it may repeat. */
  readonly sent: readonly StoredRecord[];
}

interface Model {
  readonly fence: number;
  readonly holder: Machine | null;
  readonly expiresAtMs: number;
  readonly trail: readonly StoredRecord[];
}

/** A call with everything that it sends, so that the model may try it in either order. */
interface Call {
  readonly by: Machine;
  readonly does: "take" | "renew" | "release" | "append";
  readonly fence: number;
  readonly records: readonly StoredRecord[];
}

const lastsMs = 30_000;
const machine = fc.constantFrom<Machine>(0, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ by: machine, does: fc.constant("take" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ by: machine, does: fc.constantFrom("renew", "release", "repeat") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      by: machine,
      does: fc.constant("append" as const),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
);
const turn: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(step) },
  { weight: 3, arbitrary: fc.tuple(step, step) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 29_999, 30_000, 45_000).map((passMs): Turn => ({ passMs })),
  },
);

/** What the store should answer: a fence of a take, null for a refused one, else whether it took effect. */
function applyTo(model: Model, call: Call, nowMs: number): [Model, number | boolean | null] {
  const expiresAtMs = nowMs + lastsMs;
  const { by, does, fence, records } = call;
  if (does === "take") {
    if (model.holder !== null && model.expiresAtMs > nowMs) return [model, null];
    const next = Math.max(model.fence + 1, nowMs);
    return [{ ...model, fence: next, holder: by, expiresAtMs }, next];
  }
  const isHeld = fence === model.fence && model.holder !== null;
  if (does === "release") return [isHeld ? { ...model, holder: null } : model, true];
  if (!isHeld) return [model, false];
  if (does === "renew") return [{ ...model, expiresAtMs }, true];
  const first = records[0]?.seq ?? 1;
  const stands = model.trail.slice(first - 1, first - 1 + records.length);
  const fits =
    first <= model.trail.length + 1 && stands.every(({ hash }, at) => hash === records[at]?.hash);
  if (!fits) return [model, false];
  const trail = [...model.trail, ...records.slice(stands.length)];
  return [{ ...model, trail, expiresAtMs }, true];
}

async function send(store: SharedStore, key: StateKey, call: Call): Promise<number | boolean | null> {
  const { by, does, fence, records } = call;
  if (does === "renew") return store.renew(key, fence);
  if (does === "append") return store.append(key, fence, records);
  if (does === "release") return store.release(key, fence).then(() => true);
  const taken = await store.take(key, taking(by + 1));
  return taken.ok ? taken.fence : null;
}

let texts = 0;

function callOf(does: Step, { fence, seq, sent }: Belief): Call {
  const { by } = does;
  if (does.does === "repeat") return { by, does: "append", fence, records: sent };
  if (does.does !== "append") return { by, does: does.does, fence, records: [] };
  texts += 1;
  const text = `machine ${by}, append ${texts}`;
  const records = Array.from({ length: does.count }, (_, at) => makeRecord(seq + at + 1, text));
  return { by, does: "append", fence, records };
}

/** Runs one history, and compares each answer, and in the end the whole trail, with the model. */
async function run(
  world: PostgresWorld,
  stores: readonly [SharedStore, SharedStore],
  turns: readonly Turn[],
): Promise<void> {
  texts += 1;
  const key = { organization: "organization", owner: `owner-${texts}` };
  const beliefs: [Belief, Belief] = [
    { fence: 0, seq: 0, sent: [] },
    { fence: 0, seq: 0, sent: [] },
  ];
  let model: Model = { fence: 0, holder: null, expiresAtMs: 0, trail: [] };
  for (const its of turns) {
    if ("passMs" in its) {
      await world.pass(its.passMs);
      continue;
    }
    const nowMs = world.clock.now();
    const calls = its.map((does) => callOf(does, beliefs[does.by]));
    const answers = await Promise.all(calls.map(async (call) => send(stores[call.by], key, call)));
    const ends = [calls, calls.toReversed()].map((order) => {
      const expected = new Map<Call, number | boolean | null>();
      let end = model;
      for (const call of order) {
        const [next, answer] = applyTo(end, call, nowMs);
        expected.set(call, answer);
        end = next;
      }
      return { end, expected: calls.map((call) => expected.get(call)) };
    });
    const tip = await stores[0].look(key);
    const found = ends.find(
      ({ end, expected }) =>
        JSON.stringify(expected) === JSON.stringify(answers) &&
        end.trail.length === tip.head.seq &&
        (end.trail.at(-1)?.hash ?? tip.head.hash) === tip.head.hash,
    );
    if (!found) expect({ answers, tip }).toEqual(ends);
    else model = found.end;
    for (const [at, { by, does, records }] of calls.entries()) {
      const answer = answers[at];
      const belief = beliefs[by];
      if (typeof answer === "number") beliefs[by] = { ...belief, fence: answer, seq: model.trail.length };
      if (does === "append") {
        const seq = answer === true ? Math.max(belief.seq, records.at(-1)?.seq ?? 0) : belief.seq;
        beliefs[by] = { ...belief, seq, sent: records };
      }
    }
    const isHeld = model.holder !== null && model.expiresAtMs > nowMs;
    expect([tip.fence, tip.holder?.pid ?? null]).toEqual([
      model.fence,
      isHeld ? (model.holder ?? 0) + 1 : null,
    ]);
  }
  expect(await readText(stores[1], 0, key)).toBe(textOf(model.trail));
}

describe.skipIf(withoutServer)(`two machines over PostgreSQL${whyWithoutServer}`, () => {
  let world: PostgresWorld;

  beforeAll(async () => {
    world = await makePostgresWorld();
  }, 60_000);

  afterAll(async () => {
    await world.close();
  });

  test("calls that come at once have the effect of one order of them", async () => {
    const stores = [await world.open(), await world.open()] as const;
    const numRuns = 25 * Number(process.env["TIMES"] ?? 1);
    const histories = fc.array(turn, { minLength: 5, maxLength: 40, size: "max" });
    await fc.assert(
      fc.asyncProperty(histories, async (turns) => run(world, stores, turns)),
      { numRuns },
    );
  }, 3_600_000);
});
