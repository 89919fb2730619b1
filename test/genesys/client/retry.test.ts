import { expect, test } from "vitest";
import { judge, sendUntilFinal, type Outcome } from "../../../src/genesys/client/retry.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import { reply } from "../fake-send.ts";

const network = (problem: string) => new ReconcileError(`network/${problem}`, problem);

test.each<[string, Outcome, string, string]>([
  ["200", reply(200), "final", "final"],
  ["302", reply(302), "final", "final"],
  ["400", reply(400), "final", "final"],
  ["401", reply(401), "renewToken", "renewToken"],
  ["403", reply(403), "final", "final"],
  ["404", reply(404), "final", "final"],
  ["408", reply(408), "again", "unknown"],
  ["409", reply(409), "final", "final"],
  ["422", reply(422), "final", "final"],
  ["429", reply(429), "again", "again"],
  ["429 for 300 s", reply(429, "", { "retry-after": "300" }), "again", "again"],
  ["429 for 301 s", reply(429, "", { "retry-after": "301" }), "final", "final"],
  ["500", reply(500), "again", "unknown"],
  ["503", reply(503), "again", "unknown"],
  ["599", reply(599), "again", "unknown"],
  ["unreachable", network("unreachable"), "again", "again"],
  ["timeout", network("timeout"), "again", "unknown"],
  ["reset", network("reset"), "again", "unknown"],
  ["tooLarge", network("tooLarge"), "final", "unknown"],
  ["another error", new ReconcileError("api/interrupted", "stopped"), "final", "final"],
])("%s: a read is %s, a write %s", (_what, outcome, read, write) => {
  expect([judge(outcome, false), judge(outcome, true)]).toEqual([read, write]);
});

/** Runs through the outcomes, the last one again and again. */
async function run(outcomes: readonly Outcome[], more: { isWrite?: boolean; chance?: number } = {}) {
  const waits: number[] = [];
  const resends: boolean[] = [];
  let renewals = 0;
  const outcome = await sendUntilFinal({
    isWrite: more.isWrite ?? false,
    random: { next: () => more.chance ?? 0, id: () => "" },
    send: (resend) => {
      const next = outcomes[Math.min(resends.length, outcomes.length - 1)];
      resends.push(resend);
      return next ? Promise.resolve(next) : Promise.reject(new Error("no outcome"));
    },
    wait: (delayMs) => {
      waits.push(delayMs);
      return Promise.resolve();
    },
    renewToken: () => {
      renewals += 1;
      return Promise.resolve();
    },
  });
  return { outcome, waits, resends, renewals };
}

test("three attempts, with a backoff that doubles", async () => {
  const bad = reply(503);
  expect(await run([bad])).toEqual({
    outcome: bad,
    waits: [1_000, 2_000],
    resends: [false, true, true],
    renewals: 0,
  });
});

test("jitter at most doubles the backoff", async () => {
  expect((await run([reply(429)], { chance: 0.999 })).waits).toEqual([1_999, 3_998]);
});

test("Retry-After is waited for; nonsense in it is not", async () => {
  const after = (text: string) => reply(429, "", { "retry-after": text });
  expect((await run([after("7"), after("soon"), reply(200)])).waits).toEqual([7_000, 2_000]);
  expect((await run([after("0"), after("-1"), reply(200)])).waits).toEqual([1_000, 2_000]);
});

test("a new token is tried once, besides the attempts that failures have", async () => {
  const refused = reply(401);
  expect(await run([refused])).toMatchObject({ outcome: refused, resends: [false, true], renewals: 1 });
  const mixed = await run([reply(429), refused, reply(429), reply(200)], { isWrite: true });
  expect(mixed).toMatchObject({ outcome: reply(200), renewals: 1, waits: [1_000, 2_000] });
});

test("a write that may have arrived is not sent again", async () => {
  const lost = network("timeout");
  const run1 = await run([network("unreachable"), lost, reply(200)], { isWrite: true });
  expect(run1).toMatchObject({ outcome: lost, resends: [false, true] });
});
