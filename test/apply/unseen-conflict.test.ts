// What the platform refuses because of something that its list does not show: not yet, or never.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import { answer, makeWorld, manifest, writesOf, type TestWorld } from "../support/world.ts";
import { sync } from "./syncs.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };

/** The list hides the webhooks for that long, counted from the first refusal. */
function hiding(world: TestWorld, hiddenMs: number) {
  let refusedAtMs: number | null = null;
  return (request: HttpRequest, forward: () => HttpResponse): HttpResponse => {
    const { pathname } = new URL(request.url);
    const isHidden = refusedAtMs === null || world.clock.monotonic() - refusedAtMs < hiddenMs;
    if (request.method === "GET" && pathname === "/api/v2/webhooks" && isHidden)
      return answer(200, { entities: [], total: 0, pageCount: 0 });
    const response = forward();
    if (response.status === 409) refusedAtMs ??= world.clock.monotonic();
    return response;
  };
}

/** A world in which the webhook of alpha exists, and this machine has no trail of it. */
async function withWebhook() {
  const { world } = await sync(files);
  return makeWorld({ argv: "", files, from: { ...makeWorld({ argv: "", files }), state: world.state } });
}

test("a conflict with what the list shows a while later: the pass waits for it, and makes nothing twice", async () => {
  const world = await withWebhook();
  const { world: after, ...done } = await sync(world, hiding(world, 6_000));
  expect(writesOf(after)).toEqual(["POST /api/v2/webhooks"]);
  expect([done.status, world.state.webhooks.size]).toEqual([0, 1]);
  expect(done.result.summary).toMatchObject({ unchanged: 1, failed: 0 });
});

test("a conflict with what no list shows: reads after growing pauses, one more try, then an error that says so", async () => {
  const world = await withWebhook();
  const startedMs = world.clock.monotonic();
  const { world: after, ...done } = await sync(world, hiding(world, Number.POSITIVE_INFINITY));
  expect(done.status).toBe(1);
  expect(world.clock.monotonic() - startedMs).toBeGreaterThanOrEqual(30_000);
  expect(world.clock.monotonic() - startedMs).toBeLessThan(60_000);
  expect(writesOf(after)).toEqual(["POST /api/v2/webhooks", "POST /api/v2/webhooks"]);
  expect(world.state.webhooks.size).toBe(1);
  const [unseen] = done.result.diagnostics.filter(({ code }) => code === "group/conflictUnseen");
  expect(unseen).toMatchObject({ severity: "error" });
  expect(unseen?.message).toMatch(/^group "alpha": the platform refuses to create "alpha-[0-9a-f]{8}"/);
});

test("an interrupt ends the pauses", async () => {
  const world = await withWebhook();
  const hide = hiding(world, Number.POSITIVE_INFINITY);
  const interrupted = makeWorld({
    argv: "--output json",
    from: world,
    intercept: (request, forward) => {
      const response = hide(request, forward);
      if (response.status === 409) interrupted.interrupt.abort("SIGINT");
      return response;
    },
  });
  expect(await run(interrupted)).toBe(130);
  expect(writesOf(interrupted)).toHaveLength(1);
  expect(world.state.webhooks.size).toBe(1);
});

test("someone deletes what the create conflicted with: it is made after all", async () => {
  const world = await withWebhook();
  const hide = hiding(world, Number.POSITIVE_INFINITY);
  const done = await sync(world, (request, forward) => {
    const response = hide(request, forward);
    if (response.status === 409) world.state.webhooks.clear();
    return response;
  });
  expect(done.status).toBe(0);
  expect(world.state.webhooks.size).toBe(1);
});

test("what a write found deleted counts as deleted, although the list still shows it", async () => {
  const first = await sync({ "subscriptions/alpha.yaml": manifest("alpha") });
  const { world } = first;
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.created", "a.new"] }));
  const [id] = [...world.state.webhooks.keys()];
  const ghost = [...world.state.webhooks.values()];
  world.state.webhooks.clear();
  const { world: after, ...done } = await sync(world, (request, forward) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET" || pathname !== "/api/v2/webhooks") return forward();
    return answer(200, { entities: ghost, total: 1, pageCount: 1 });
  });
  expect(writesOf(after)).toEqual([`PUT /api/v2/webhooks/${id ?? ""}`, "POST /api/v2/webhooks"]);
  expect([done.status, world.state.webhooks.size]).toEqual([0, 1]);
});
