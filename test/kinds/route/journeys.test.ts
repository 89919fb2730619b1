// The commands around a pass, over routes: saved plans, rollback, import, drift, pruning, freezes and the first half of a pass.
import { describe, expect, test } from "vitest";
import { verifyTrail } from "../../../src/audit/verify.ts";
import { putRoute, removeRoute, routesIn, switchRoutesOff } from "../../support/routes.ts";
import { manifest, trailOf, trailPath, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws, topics, type AwsRun } from "./aws-world.ts";

const pool = (...numbers: readonly number[]) =>
  numbers.map((number) => `https://hooks.example.com/${number}`);

const at = (text: string | null, settle: string | null = "PT10S"): Readonly<Record<string, string>> => ({
  "reconcile.yaml": configOf(settle === null ? null : { settle }),
  ...(text === null ? {} : { "subscriptions/alpha.yaml": text }),
});

const alpha = (...numbers: readonly number[]) =>
  manifest("alpha", { eventTypes: topics, pool: pool(...numbers) });

interface Told {
  readonly ok: boolean;
  readonly operations: readonly {
    readonly action: string;
    readonly group: string | null;
    readonly status: string;
  }[];
  readonly drift: readonly { readonly webhookId: string; readonly patch: readonly unknown[] }[];
  readonly orphans: readonly unknown[];
  readonly diagnostics: readonly { readonly severity: string; readonly code: string }[];
}
const told = ({ out }: AwsRun): Told => JSON.parse(out) as Told;
const became = (run: AwsRun) =>
  told(run).operations.map(({ action, group, status }) => `${action} ${group ?? "feed"} ${status}`);

async function synced(text = alpha(1, 2), settle: string | null = "PT10S"): Promise<TestWorld> {
  const { status, world } = await runWithAws("sync", { files: at(text, settle) });
  expect(status).toBe(0);
  return world;
}

/** What is live, without the order in which it came about. */
function liveOf({ state }: TestWorld) {
  const feeds = [...state.integrations.values()].map(({ config }) =>
    [...(config.properties.eventFilter ?? [])].sort(),
  );
  const webhooks = [...state.webhooks.values()].map(({ endpoint, eventTypes }) => [
    endpoint,
    [...eventTypes].sort(),
  ]);
  const routes = routesIn(state).map((route) => JSON.stringify(route));
  return { feeds, webhooks: webhooks.sort(), routes: routes.sort() };
}

describe("a saved plan", () => {
  test("is applied once, exactly, and its waits are kept", async () => {
    const planned = await runWithAws("plan --out plan.json", {
      from: await synced(),
      files: at(alpha(1, 2, 3)),
    });
    expect(planned.status).toBe(0);
    const before = planned.world.clock.monotonic();
    const applied = await runWithAws("apply plan.json --output json", {
      from: planned.world,
      watched: topics,
    });
    expect([applied.status, [...applied.gaps]]).toEqual([0, []]);
    expect(became(applied)).toEqual(["create alpha applied", "update alpha applied"]);
    expect(applied.world.clock.monotonic() - before).toBeGreaterThanOrEqual(10_000);
    const again = await runWithAws("apply plan.json", { from: applied.world });
    expect([again.status, again.out.includes("[plan/appliedAlready]")]).toEqual([1, true]);
  });

  test("of which someone changed a rule meanwhile is refused, and nothing is written", async () => {
    const planned = await runWithAws("plan --out plan.json", {
      from: await synced(),
      files: at(alpha(1, 2, 3)),
    });
    switchRoutesOff(planned.world.state);
    const live = liveOf(planned.world);
    const applied = await runWithAws("apply plan.json --output json", { from: planned.world });
    expect([applied.status, told(applied).ok, liveOf(applied.world)]).toEqual([1, false, live]);
  });
});

describe("a rollback", () => {
  test("of a rebalance puts back what was live, without a gap", async () => {
    const world = await synced();
    const before = liveOf(world);
    const changed = await runWithAws("sync", { from: world, files: at(alpha(1, 3)) });
    const back = await runWithAws("rollback --last --output json", {
      from: changed.world,
      watched: topics,
    });
    expect([back.status, [...back.gaps], liveOf(back.world)]).toEqual([0, [], before]);
    expect(await verifyTrail(back.world.files, trailPath)).toMatchObject({ ok: true });
  });

  test("of a group's first sync takes its routes away, and the feed with the last one", async () => {
    const back = await runWithAws("rollback --last --allow-deletes --output json", {
      from: await synced(),
    });
    expect([back.status, liveOf(back.world)]).toEqual([0, { feeds: [], webhooks: [], routes: [] }]);
    expect(back.world.state.aws.destinations.size).toBe(0);
  });

  test("of a hand-over goes back to the webhooks that there were, without a gap", async () => {
    const world = await synced(alpha(1, 2), null);
    const before = liveOf(world);
    const over = await runWithAws("sync", { from: world, files: at(alpha(1, 2)) });
    expect(over.status).toBe(0);
    const back = await runWithAws("rollback --last --allow-deletes --output json", {
      from: over.world,
      watched: topics,
    });
    expect([back.status, [...back.gaps], liveOf(back.world)]).toEqual([0, [], before]);
  });
});

describe("drift", () => {
  test("of a rule is listed by a plan, and on record once it is put right", async () => {
    const world = await synced();
    switchRoutesOff(world.state);
    const plan = told(await runWithAws("plan --output json", { from: world }));
    expect(plan.drift.map(({ patch }) => patch)).toEqual([
      [{ op: "replace", path: "/state", value: "disabled" }],
      [{ op: "replace", path: "/state", value: "disabled" }],
    ]);
    const mended = await runWithAws("sync --output json", { from: world });
    expect(became(mended)).toEqual(["update alpha applied", "update alpha applied"]);
    expect(trailOf(mended.world.files).filter(({ event }) => event === "drift.found")).toHaveLength(2);
    expect(told(await runWithAws("plan --output json", { from: mended.world })).drift).toEqual([]);
  });

  test("by deletion makes the route again under its name", async () => {
    const world = await synced();
    const [first] = routesIn(world.state);
    removeRoute(world.state, first?.id ?? "");
    const mended = await runWithAws("sync --output json", { from: world });
    expect([
      mended.status,
      routesIn(mended.world.state)
        .map(({ id }) => id)
        .sort(),
    ]).toEqual([
      0,
      routesIn((await synced()).state)
        .map(({ id }) => id)
        .sort(),
    ]);
  });
});

test("a group whose manifest is removed is an orphan, which --prune deletes, and the feed loses its event types last", async () => {
  const beta = manifest("beta", { eventTypes: [topics[0] ?? ""], pool: pool(9) });
  const { world } = await runWithAws("sync", {
    files: { ...at(alpha(1)), "subscriptions/beta.yaml": beta },
  });
  world.files.take("subscriptions/alpha.yaml");
  const orphaned = await runWithAws("plan --output json", { from: world });
  expect([told(orphaned).orphans.length, became(orphaned)]).toEqual([1, []]);
  const pruned = await runWithAws("sync --prune --allow-deletes --output json", { from: world });
  expect([pruned.status, became(pruned)]).toEqual([0, ["delete alpha applied", "update feed applied"]]);
  expect(liveOf(pruned.world).feeds).toEqual([[topics[0]]]);
  expect(pruned.world.state.aws.destinations.size).toBe(1);
});

test("an import leaves the routes of this owner as they are declared, and writes a manifest for those that are not", async () => {
  const world = await synced();
  world.files.take("subscriptions/alpha.yaml");
  await world.files.write(
    "subscriptions/other.yaml",
    manifest("other", { eventTypes: topics, pool: pool(7) }),
  );
  const imported = await runWithAws("import --output json", { from: world });
  expect(imported.status).toBe(0);
  const text = world.files.paths().find((path) => path.includes("alpha"));
  expect(text).toBeDefined();
  world.files.take("subscriptions/other.yaml");
  const plan = told(await runWithAws("plan --output json", { from: imported.world }));
  expect([plan.ok, plan.operations]).toEqual([true, []]);
});

test("a route of nobody is not imported, and the feed is not named among what is left", async () => {
  const world = await synced();
  putRoute(
    world.state,
    {
      ...{ name: "by-hand", endpoint: "https://hooks.example.com/9", eventTypes: topics },
      description: "Consumer group: hand",
    },
    { suffix: "team" },
  );
  const imported = await runWithAws("import --output json", { from: world });
  expect(JSON.parse(imported.out)).toMatchObject({
    ...{ ok: true, manifests: [], refused: [] },
    leftAlone: [
      { webhookId: "by-hand", reason: "it names no owner, and routes without one are never taken over" },
    ],
  });
});

test("--create-only makes the new routes and moves nothing to the ones that are", async () => {
  const first = await runWithAws("sync --create-only --output json", {
    from: await synced(),
    files: at(alpha(1, 2, 3)),
  });
  expect(became(first)).toEqual(["create alpha applied", "update alpha skipped"]);
  const rest = await runWithAws("sync --output json", { from: first.world, watched: topics });
  expect([became(rest), [...rest.gaps]]).toEqual([["update alpha applied"], []]);
});

test("a frozen group keeps its routes, and the feed what they need", async () => {
  const frozen = manifest("alpha", { eventTypes: topics.slice(1), pool: pool(1) }).replace(
    "spec:",
    '  annotations: { reconcile.genesys/freeze: "until Monday" }\nspec:',
  );
  const world = await synced(alpha(1));
  const before = liveOf(world);
  const run = await runWithAws("sync --output json", { from: world, files: at(frozen) });
  expect([run.status, liveOf(run.world)]).toEqual([0, before]);
});

test("a disabled group has its rules disabled, and the feed no longer gets what nobody delivers", async () => {
  const disabled = alpha(1).trimEnd() + "\n  state: disabled\n";
  const run = await runWithAws("sync --output json", { from: await synced(alpha(1)), files: at(disabled) });
  expect(run.status).toBe(0);
  expect(routesIn(run.world.state).map(({ state }) => state)).toEqual(["disabled"]);
  const again = await runWithAws("plan --output json", { from: run.world });
  expect(told(again).operations).toEqual([]);
});
