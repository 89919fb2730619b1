// The platform may answer 404 by id for what was made a moment ago: a run knows by the trail what an earlier one has made.
import { expect, test } from "vitest";
import { storedIn, wholeOf, triggers } from "../support/kinds.ts";
import {
  answer,
  manifest,
  methodsOf,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

const path = "subscriptions/a.yaml";
const made = manifest("alpha", { kind: triggers });
const moved = made.replaceAll("workflow:alpha", "workflow:beta");

/** A world in which a run has just made the triggers of group alpha. */
async function justMade(): Promise<TestWorld> {
  const quirks = { hiddenAfterPostMs: 20_000 };
  return (await runWorld({ argv: "", files: { [path]: made }, quirks })).world;
}

async function next(from: TestWorld, argv: string, intercept?: Intercept) {
  const startedMs = from.clock.now();
  const ran = await runWorld({ argv, from, ...(intercept ? { intercept } : {}) });
  return { ...ran, tookMs: ran.world.clock.now() - startedMs };
}

test("a trigger that the run before has made is moved once it is shown, and made no second time", async () => {
  const before = await justMade();
  before.files.set(path, moved);
  const { status, world, err } = await next(before, "");
  expect([status, err]).toEqual([0, ""]);
  expect(methodsOf(world)).not.toContain("POST");
  expect(storedIn(world).map(({ endpoint }) => endpoint)).toEqual(
    wholeOf(triggers, "alpha").map(() => "workflow:beta"),
  );
});

test("a DELETE whose answer was lost, and that had no effect, is sent again once the trigger is shown", async () => {
  const before = await justMade();
  // Of another event type, so that no trigger has to be waited for.
  before.files.set(path, manifest("gamma", { kind: triggers, eventTypes: ["v2.users.{id}.activity"] }));
  let lost = 0;
  const { status, world } = await next(before, "--prune --allow-deletes", (request, forward) => {
    if (request.method !== "DELETE" || lost > 0) return forward();
    lost += 1;
    return answer(503);
  });
  expect([status, lost]).toEqual([0, 1]);
  expect(storedIn(world).map(({ endpoint }) => endpoint)).toEqual(["workflow:gamma"]);
  const deletes = methodsOf(world).filter((method) => method === "DELETE");
  expect(deletes).toHaveLength(triggers.eventTypes.length + 1);
  expect(trailOf(world.files).filter(({ event }) => event === "change.recovered")).toEqual([]);
});

test("one that was made a minute ago, and is not shown, is gone at once", async () => {
  const before = await justMade();
  await before.clock.advance(60_000);
  before.files.set(path, moved);
  let isGone = false;
  const { status, tookMs } = await next(before, "", (request, forward) => {
    const response = forward();
    if (request.url.includes("pageSize=") && !isGone) {
      isGone = true;
      before.state.triggers.clear();
    }
    return response;
  });
  expect([status, isGone]).toEqual([0, true]);
  expect(tookMs).toBeLessThan(5_000);
  expect(storedIn(before)).toHaveLength(triggers.eventTypes.length);
});

test("an event type is given to no second webhook only because the list lacks the one that has it", async () => {
  const [first, second] = ["https://events.example.com/p1", "https://events.example.com/p2"];
  const weighted = (one: string, other: string) =>
    manifest("alpha", { pool: [one, other], eventTypes: ["a.one", "a.two"] });
  const { world: from } = await runWorld({ argv: "", files: { [path]: weighted(first, second) } });
  // The plan may now leave the second endpoint without event types, and would, were its webhook gone.
  from.files.set(path, weighted(`{ url: "${first}", weight: 7 }`, second));
  const { status, world } = await next(from, "", (request, forward) => {
    const response = forward();
    if (!request.url.includes("pageSize=")) return response;
    const listed = JSON.parse(response.body) as { entities: { endpoint: string }[] };
    const entities = listed.entities.filter(({ endpoint }) => endpoint !== second);
    return { ...response, body: JSON.stringify({ ...listed, entities }) };
  });
  expect([status, methodsOf(world)]).toEqual([0, []]);
});
