// What was gained takes effect some time after it was stored, so losers wait for it; at the seam of the wait.
import { describe, expect, test } from "vitest";
import { makeSettling } from "../../src/apply/settling.ts";
import type { Successor } from "../../src/apply/gainers.ts";
import type { Operation } from "../../src/model/plan.ts";
import { makeKinds } from "../../src/model/kind.ts";
import type { Config } from "../../src/model/config.ts";
import { webhook } from "../../src/kinds/webhook/kind.ts";
import { makeFakeClock } from "../support/fake-clock.ts";

const kinds = makeKinds([{ ...webhook, findSettleMs: () => 60_000 }], {} as Config);
const startMs = Date.UTC(2026, 0, 1);
const endpoint = "https://events.example.com/a";
const step = (phase: number, eventTypes: readonly string[], had: readonly string[]): Operation => {
  const documentOf = (its: readonly string[]) =>
    ({ endpoint, eventTypes: its, state: "enabled" }) as unknown as Operation["before"];
  const [before, after] = [documentOf(had), documentOf(eventTypes)];
  return { phase, status: "planned", endpoint, before, after, patch: [] } as unknown as Operation;
};
const successor: Successor = {
  webhookId: "w-1",
  kind: undefined,
  endpoints: [endpoint],
  eventTypes: ["e.a"],
};
const loser = step(2, [], ["e.a"]);

function begin(recordedAtMs: ReadonlyMap<string, number> = new Map()) {
  const clock = makeFakeClock(startMs);
  clock.autoAdvance();
  const [interrupt, said] = [new AbortController(), [] as string[]];
  const onWait = (words: string) => void said.push(words);
  const ports = { kinds, clock, interrupted: interrupt.signal, recordedAtMs, onWait };
  return { ...makeSettling(ports), clock, interrupt, said };
}

describe("losers wait until what was gained takes effect", () => {
  test("it counts from when the last gainer of an earlier phase was recorded, of whichever group", async () => {
    const { note, settle, clock, said } = begin();
    note(step(1, ["e.a"], []), startMs - 10_000);
    note(step(1, ["e.b"], []), startMs - 5_000);
    note(step(2, ["e.c"], []), startMs);
    await settle(loser, [successor]);
    expect([clock.monotonic(), said[0], said.at(-1)]).toEqual([
      55_000,
      "waiting until AWS has taken the change: 55 s left",
      "waiting until AWS has taken the change: 1 s left",
    ]);
  });

  test.each(["/state", "/endpoint"])(
    "what had its event types already gains them by a change of its %s",
    async (path) => {
      const { note, settle, clock } = begin();
      const patch = [{ op: "replace", path, value: "x" }];
      note({ ...step(1, ["e.a"], ["e.a"]), patch } as unknown as Operation, startMs);
      await settle(loser, [successor]);
      expect(clock.monotonic()).toBe(60_000);
    },
  );

  test("it counts from when a group was planned anew, whatever the phases of the new plan", async () => {
    const { note, noteReplan, settle, clock } = begin();
    note(step(2, ["e.a"], []), startMs);
    await clock.sleep(20_000);
    noteReplan();
    await settle(step(1, [], ["e.a"]), [successor]);
    expect(clock.monotonic()).toBe(80_000);
  });

  test("it counts from an earlier pass's record, and a time in the future counts as now", async () => {
    for (const [atMs, waitMs] of [
      [startMs - 42_000, 18_000],
      [startMs - 90_000, 0],
      [startMs + 500_000, 60_000],
    ] as const) {
      const { settle, clock } = begin(new Map([["w-1", atMs]]));
      await settle(loser, [successor]);
      expect(clock.monotonic()).toBe(waitMs);
    }
  });

  test("nothing waits without losers, for a write that only loses, or for another resource", async () => {
    const { note, settle, clock } = begin(new Map([["w-2", startMs]]));
    note(step(1, ["e.a"], ["e.a", "e.b"]), startMs);
    await settle(loser, [successor]);
    note(step(1, ["e.a"], []), startMs);
    await settle(loser, []);
    expect(clock.monotonic()).toBe(0);
  });

  test("an interrupt ends the wait", async () => {
    const { note, settle, clock, interrupt } = begin();
    note(step(1, ["e.a"], []), startMs);
    const waiting = settle(loser, [successor]);
    interrupt.abort();
    await waiting;
    expect(clock.monotonic()).toBeLessThan(60_000);
  });
});
