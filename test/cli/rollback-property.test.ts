// Whatever a run did, taking it back gives the former webhooks again, their ids apart, without a gap on the way.
import fc from "fast-check";
import { expect, test } from "vitest";
import { manifest, putWebhook, runWorld, type TestWorld } from "../support/world.ts";

const types = ["e.a", "e.b", "e.c", "e.d", "e.e", "e.f", "e.g"];
const urls = [1, 2, 3, 4].map((number) => `https://p.example.com/${number}`);

interface Manifest {
  readonly eventTypes: readonly string[];
  readonly pool: readonly string[];
  readonly state: string;
}

const manifests: fc.Arbitrary<Manifest> = fc.record({
  eventTypes: fc.shuffledSubarray(types, { minLength: 1 }),
  pool: fc.shuffledSubarray(urls, { minLength: 1 }),
  state: fc.constantFrom("enabled", "enabled", "enabled", "disabled"),
});

/** What somebody does to the webhooks before the run that is taken back. */
const edits = fc.constantFrom(
  "none",
  "disable one",
  "take a type away",
  "delete one",
  "put a double",
  "put one by hand",
);

function text({ eventTypes, pool, state }: Manifest): string {
  return manifest("beta", { eventTypes, pool, tail: `  state: ${state}` }).replace(
    "https://events.example.com/beta",
    pool[0] ?? "",
  );
}

function edit({ state }: TestWorld, what: string): void {
  const [first] = state.webhooks.values();
  if (!first || what === "none") return;
  if (what === "disable one") state.webhooks.set(first.id, { ...first, state: "disabled" });
  if (what === "take a type away" && first.eventTypes.length > 1)
    state.webhooks.set(first.id, { ...first, eventTypes: first.eventTypes.slice(1) });
  if (what === "delete one") state.webhooks.delete(first.id);
  const { endpoint, eventTypes } = first;
  if (what === "put a double")
    putWebhook(state, { id: "w1", group: "beta", owner: "default", endpoint, eventTypes });
  if (what === "put one by hand")
    putWebhook(state, { id: "w2", group: "beta", endpoint: "https://x.example.com/", eventTypes });
}

function shapesIn({ state }: TestWorld): string[] {
  return [...state.webhooks.values()]
    .map((webhook) =>
      JSON.stringify({ ...webhook, id: null, links: null, eventTypes: webhook.eventTypes.toSorted() }),
    )
    .sort();
}

function deliveredIn({ state }: TestWorld): string[] {
  const enabled = [...state.webhooks.values()].filter((webhook) => webhook.state === "enabled");
  return [...new Set(enabled.flatMap(({ eventTypes }) => eventTypes))];
}

test("apply, then roll back: the former webhooks, ids apart, and no gap on the way", async () => {
  let written = 0;
  const property = fc.asyncProperty(manifests, edits, manifests, async (first, what, second) => {
    const { world } = await runWorld({ argv: "", files: { "subscriptions/b.yaml": text(first) } });
    edit(world, what);
    const [before, deliveredBefore] = [shapesIn(world), deliveredIn(world)];
    world.files.set("subscriptions/b.yaml", text(second));
    const run = await runWorld({ argv: "--adopt", from: world });
    expect(run.status).toBe(0);
    if (!run.world.requests.some((line) => /^(PUT|DELETE|POST) .*webhooks/.test(line))) return;
    const kept = deliveredIn(world).filter((eventType) => deliveredBefore.includes(eventType));
    const gaps: string[] = [];
    const { status, out } = await runWorld({
      argv: "rollback --last --allow-deletes",
      from: world,
      intercept: (request, forward) => {
        const response = forward();
        if (request.method === "GET") return response;
        written += 1;
        const delivered = deliveredIn(world);
        gaps.push(...kept.filter((eventType) => !delivered.includes(eventType)));
        return response;
      },
    });
    expect(gaps, out).toEqual([]);
    expect([status, shapesIn(world)], out).toEqual([0, before]);
    const again = await runWorld({ argv: "rollback --last --allow-deletes", from: world });
    expect(again.status, again.out).toBe(0);
  });
  await fc.assert(property, { numRuns: 60 * Number(process.env["TIMES"] ?? 1) });
  expect(written).toBeGreaterThan(60);
}, 120_000);
