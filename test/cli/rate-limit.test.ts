// A large first pass meets the platform's rate limit: it keeps within it, and loses next to no time.
import { expect, test } from "vitest";
import { maxRequestsPerToken } from "../../src/sandbox/limits.ts";
import { run } from "../../src/cli/run.ts";
import { makeWorld, manifest } from "../support/world.ts";

test("1,000 creates: 429s under 1 % of requests, and at most 1.1 times the time that the limit imposes", async () => {
  const groups = Array.from({ length: 1_000 }, (_, index) => `g${index}`);
  const files = Object.fromEntries(groups.map((group) => [`subscriptions/${group}.yaml`, manifest(group)]));
  let throttled = 0;
  const world = makeWorld({
    argv: "--output json --no-progress",
    files,
    intercept: async (_, forward) => {
      await world.clock.sleep(40 + (world.requests.length % 7) * 10);
      const answer = forward();
      if (answer.status === 429) throttled += 1;
      return answer;
    },
  });
  const startedMs = world.clock.now();
  expect(await run(world)).toBe(0);
  const tookMs = world.clock.now() - startedMs;
  expect(world.state.webhooks.size).toBe(1_000);

  const requests = world.requests.filter((sent) => !sent.endsWith("/oauth/token")).length;
  expect(requests).toBeLessThanOrEqual(1_010);
  expect(throttled / requests).toBeLessThan(0.01);
  // The last of so many windows of a minute may begin no earlier.
  const leastMs = (Math.ceil(requests / maxRequestsPerToken) - 1) * 60_000;
  expect(tookMs).toBeGreaterThan(leastMs);
  expect(tookMs / leastMs).toBeLessThan(1.1);
});
