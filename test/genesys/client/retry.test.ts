import { expect, test } from "vitest";
import {
  judge,
  sendUntilFinal,
  type AttemptOutcome,
  type Verdict,
} from "../../../src/genesys/client/retry.ts";
import { ReconcileError } from "../../../src/model/errors.ts";
import { reply } from "../fake-send.ts";

const network = (problem: string) => new ReconcileError(`network/${problem}`, problem);

test.each<{ what: string; outcome: AttemptOutcome; read: Verdict; write: Verdict }>([
  { what: "200", outcome: reply(200), read: "final", write: "final" },
  { what: "302", outcome: reply(302), read: "final", write: "final" },
  { what: "400", outcome: reply(400), read: "final", write: "final" },
  { what: "401", outcome: reply(401), read: "renewToken", write: "renewToken" },
  {
    what: "401 for this machine's address",
    outcome: reply(401, { code: "ip.not.authorized" }),
    read: "final",
    write: "final",
  },
  {
    what: "a login over its limit",
    outcome: reply(400, { error: "invalid_request", description: "rate limit exceeded" }),
    read: "again",
    write: "again",
  },
  {
    what: "429 that asks for an hour in words",
    outcome: reply(429, { message: "Retry the request in [3600] seconds" }),
    read: "final",
    write: "final",
  },
  { what: "403", outcome: reply(403), read: "final", write: "final" },
  { what: "404", outcome: reply(404), read: "final", write: "final" },
  { what: "408", outcome: reply(408), read: "again", write: "unknown" },
  {
    what: "408 for an outdated version",
    outcome: reply(408, { message: "The version does not match the current version 2." }),
    read: "final",
    write: "final",
  },
  { what: "409", outcome: reply(409), read: "final", write: "final" },
  { what: "422", outcome: reply(422), read: "final", write: "final" },
  { what: "429", outcome: reply(429), read: "again", write: "again" },
  {
    what: "429 for 300 s",
    outcome: reply(429, "", { "retry-after": "300" }),
    read: "again",
    write: "again",
  },
  {
    what: "429 for 301 s",
    outcome: reply(429, "", { "retry-after": "301" }),
    read: "final",
    write: "final",
  },
  {
    what: "429 for a number of 100,000 digits",
    outcome: reply(429, "", { "retry-after": "9".repeat(100_000) }),
    read: "final",
    write: "final",
  },
  {
    what: "503 for 300 s",
    outcome: reply(503, "", { "retry-after": "300" }),
    read: "again",
    write: "unknown",
  },
  {
    what: "503 for a day",
    outcome: reply(503, "", { "retry-after": "86400" }),
    read: "final",
    write: "unknown",
  },
  { what: "500", outcome: reply(500), read: "again", write: "unknown" },
  { what: "503", outcome: reply(503), read: "again", write: "unknown" },
  { what: "599", outcome: reply(599), read: "again", write: "unknown" },
  { what: "unreachable", outcome: network("unreachable"), read: "again", write: "again" },
  { what: "timeout", outcome: network("timeout"), read: "again", write: "unknown" },
  { what: "reset", outcome: network("reset"), read: "again", write: "unknown" },
  { what: "tooLarge", outcome: network("tooLarge"), read: "final", write: "unknown" },
  {
    what: "another error",
    outcome: new ReconcileError("api/interrupted", "stopped"),
    read: "final",
    write: "final",
  },
])("$what: a read is $read, a write $write", ({ outcome, read, write }) => {
  expect({ read: judge(outcome, false), write: judge(outcome, true) }).toEqual({ read, write });
});

/** Runs through the outcomes, the last one again and again. */
async function run(outcomes: readonly AttemptOutcome[], more: { isWrite?: boolean; chance?: number } = {}) {
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

test("a rate limit without Retry-After waits until its window ends, else as its words say, else with a backoff", async () => {
  const reset = (seconds: string) => ({ "inin-ratelimit-reset": seconds });
  const words = { message: "Rate limit exceeded the maximum. Retry the request in [37] seconds" };
  const waitFor = async (first: AttemptOutcome) => (await run([first, reply(200)])).waits;
  expect(await waitFor(reply(429, words, { ...reset("12"), "retry-after": "7" }))).toEqual([7_000]);
  expect(await waitFor(reply(429, words, reset("12")))).toEqual([12_000]);
  expect(await waitFor(reply(429, words))).toEqual([37_000]);
  expect(await waitFor(reply(429, words, reset("0")))).toEqual([37_000]);
  // No window lasts so long.
  expect(await waitFor(reply(429, words, reset("301")))).toEqual([37_000]);
  expect(await waitFor(reply(429, { message: "Retry the request in [soon] seconds" }))).toEqual([1_000]);
  expect(await waitFor(reply(429, { message: 37 }, reset("soon")))).toEqual([1_000]);
  // Any answer has that header, but only a rate limit waits for it.
  expect(await waitFor(reply(503, words, reset("12")))).toEqual([1_000]);
});

test("all waits of a request together have a limit", async () => {
  const after = (text: string) => reply(503, "", { "retry-after": text });
  expect(await run([after("200")])).toMatchObject({ outcome: after("200"), waits: [200_000] });
  expect((await run([after("100"), after("200"), reply(200)])).waits).toEqual([100_000, 200_000]);
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
