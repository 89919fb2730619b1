// A process dies while its create is on the way, and the next one comes with a clock of its own: what it makes again waits
// until the first one can no longer arrive, and no longer.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../src/audit/verify.ts";
import { run } from "../../src/cli/run.ts";
import type { HttpResponse } from "../../src/model/http.ts";
import { kinds, storedIn, wholeOf, type TestKind } from "../support/kinds.ts";
import {
  makeWorld,
  manifest,
  trailOf,
  trailPathOf,
  withoutSignsOfLife,
  type TestWorld,
} from "../support/world.ts";

const dead = { pid: 7, isAlive: () => false };
const minuteMs = 60_000;
const dayMs = 86_400_000;
/** The platform's `Date` has whole seconds. */
const resolutionMs = 2_000;

/** By how much the next process' clock differs from that of the first. */
const skews = [
  ["the same clock", 0],
  ["a clock that was put back an hour", -60 * minuteMs],
  ["a clock that was put on an hour", 60 * minuteMs],
  ["a clock 40 days behind", -40 * dayMs],
  ["a clock 40 days ahead", 40 * dayMs],
  ["a clock in 1970", 1_000 - Date.UTC(2026, 0, 1)],
  ["a clock in 2099", Date.UTC(2099, 11, 31) - Date.UTC(2026, 0, 1)],
] as const;

function skewed(world: TestWorld, skewMs: number): TestWorld {
  const { clock } = world;
  return { ...world, clock: { ...clock, now: () => clock.now() + skewMs } };
}

type Platform = "tells the time" | "tells no time";

function told(response: HttpResponse, platform: Platform): HttpResponse {
  if (platform === "tells the time") return response;
  const headers = Object.entries(response.headers).filter(([name]) => name !== "date");
  return { ...response, headers: Object.fromEntries(headers) };
}

/** Dies with its first create under way; returns what lets it arrive. */
async function die(kind: TestKind, platform: Platform) {
  const from = makeWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha", { kind }) } });
  const arrive = await new Promise<() => HttpResponse>((resolve) => {
    const dying = makeWorld({
      ...{ argv: "--concurrency 1", from, processes: { pid: 666 } },
      intercept: (request, forward) => {
        if (request.method !== "POST" || request.url.includes("/oauth/")) return told(forward(), platform);
        resolve(forward);
        return new Promise<HttpResponse>(() => undefined);
      },
    });
    void run(withoutSignsOfLife(dying));
  });
  return { from, arrive };
}

/** Runs the next pass; returns its exit status, and when it sent its first create. */
async function follow(from: TestWorld, platform: Platform, skewMs: number) {
  const startedMs = from.clock.monotonic();
  const world = makeWorld({
    ...{ argv: "--concurrency 1", from, processes: dead },
    intercept: (request, forward) => {
      if (request.method === "POST" && !request.url.includes("/oauth/"))
        sentMs ??= from.clock.monotonic() - startedMs;
      return told(forward(), platform);
    },
  });
  let sentMs: number | undefined;
  const status = await run(skewed(world, skewMs));
  return { status, sentMs, tookMs: from.clock.monotonic() - startedMs };
}

describe.each(kinds.filter(({ isUnique }) => !isUnique))(
  "a create of $nouns of a run that died",
  (kind) => {
    test.each(skews)(
      "is waited for until the minute is over by the platform's time: %s",
      async (_, skewMs) => {
        const { from } = await die(kind, "tells the time");
        await from.clock.sleep(20_000);
        const { status, sentMs } = await follow(from, "tells the time", skewMs);
        expect(status).toBe(0);
        expect(sentMs).toBeGreaterThanOrEqual(40_000);
        expect(sentMs).toBeLessThanOrEqual(40_000 + resolutionMs);
        expect(storedIn(from)).toEqual(wholeOf(kind, "alpha"));
      },
    );

    test.each(skews)(
      "is waited for a whole minute if the platform tells no time: %s",
      async (_, skewMs) => {
        const { from } = await die(kind, "tells no time");
        // The minute begins under the lease, and by then that of the process which died is over in each store.
        await from.clock.sleep(35_000);
        const { status, sentMs } = await follow(from, "tells no time", skewMs);
        expect([status, sentMs]).toEqual([0, 60_000]);
        expect(storedIn(from)).toEqual(wholeOf(kind, "alpha"));
      },
    );

    test.each(skews)("makes no duplicate when it arrives: %s", async (_, skewMs) => {
      const { from, arrive } = await die(kind, "tells the time");
      await from.clock.sleep(10_000);
      const arrival = from.clock.sleep(45_000).then(arrive);
      const { status } = await follow(from, "tells the time", skewMs);
      await arrival;
      expect([status, storedIn(from)]).toEqual([0, wholeOf(kind, "alpha")]);
    });

    test("is not waited for once it is long over, whatever the clock says", async () => {
      const { from } = await die(kind, "tells the time");
      await from.clock.sleep(2 * minuteMs);
      const { status, sentMs } = await follow(from, "tells the time", -60 * minuteMs);
      expect([status, sentMs]).toEqual([0, 0]);
    });
  },
);

test.each(skews)("the trail does not say too early that a write took no effect: %s", async (_, skewMs) => {
  const [kind] = kinds;
  if (!kind) return;
  const { from } = await die(kind, "tells the time");
  await from.clock.sleep(10_000);
  await follow(from, "tells the time", skewMs);
  const [, intent] = trailOf(from.files);
  expect(intent?.platformTime).toBe(intent?.timestamp);
  expect(await verifyTrail(from.files, trailPathOf(from.files))).toMatchObject({ ok: true });
  expect(trailOf(from.files).find(({ event }) => event === "change.failed")).toMatchObject({
    intent: 2,
    success: null,
    error: expect.stringMatching(/it had not taken effect when looked for$/) as unknown,
  });
});
