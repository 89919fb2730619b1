// What a pass that was cut off leaves of a route or of the feed, and what the next pass makes of it.
import { expect, test } from "vitest";
import { removeRoute, routesIn } from "../../support/routes.ts";
import { answer, brokenOff, manifest } from "../../support/world.ts";
import { configOf, runWithAws, topics, type Around } from "./aws-world.ts";

const pool = (...numbers: readonly number[]) =>
  numbers.map((number) => `https://hooks.example.com/${number}`);
const alpha = (eventTypes: readonly string[], ...numbers: readonly number[]) => ({
  "reconcile.yaml": configOf({}),
  "subscriptions/alpha.yaml": manifest("alpha", { eventTypes, pool: pool(...numbers) }),
});

test("a deletion that ended before the destination was deleted is finished", async () => {
  const { world } = await runWithAws("sync", { files: alpha(topics, 1, 2) });
  const second = routesIn(world.state).find(({ endpoint }) => endpoint.endsWith("/2"));
  removeRoute(world.state, second?.id ?? "");
  const next = await runWithAws("sync --output json", { from: world, files: alpha(topics, 1) });
  const { operations } = JSON.parse(next.out) as {
    readonly operations: readonly { readonly action: string }[];
  };
  expect([next.status, operations.map(({ action }) => action)]).toEqual([0, ["update", "delete"]]);
  expect([...next.world.state.aws.destinations.values()].map((one) => one.InvocationEndpoint)).toEqual(
    pool(1),
  );
});

test("a destination of another owner is left alone, whatever its name", async () => {
  const { world } = await runWithAws("sync", { files: alpha(topics, 1) });
  const { destinations } = world.state.aws;
  const key = "arn:aws:events:us-east-1:123456789012:api-destination/beta-0123abcd";
  const [ours] = destinations.values();
  if (!ours) throw new Error("there is no destination");
  const theirs = { ...ours, Name: "beta-0123abcd", ApiDestinationArn: `${key}/id` };
  destinations.set(key, {
    ...theirs,
    Description: "Consumer group: alpha | Managed by: reconcile (others)",
  });
  const next = await runWithAws("sync --prune --allow-deletes --output json", { from: world });
  expect([next.status, JSON.parse(next.out)]).toMatchObject([
    0,
    { operations: [], orphans: [], unmanaged: 0 },
  ]);
  expect(destinations.has(key)).toBe(true);
  const imported = await runWithAws("import --dry-run --output json", { from: world });
  expect(JSON.parse(imported.out)).toMatchObject({ leftAlone: [] });
});

test("a source that is deactivated while a write of the feed is open is activated again", async () => {
  const { world } = await runWithAws("sync", { files: alpha(topics.slice(1), 1) });
  let isLost = false;
  const around: Around = (what, forward) => {
    if (what.startsWith("PUT /api/v2/integrations/")) {
      forward();
      isLost = true;
      return brokenOff();
    }
    return isLost && what.startsWith("GET ") ? answer(500) : forward();
  };
  const cut = await runWithAws("sync", { from: world, files: alpha(topics, 1), around });
  expect(cut.status).toBe(1);
  const { sources } = cut.world.state.aws;
  for (const [arn, one] of sources) sources.set(arn, { ...one, isDeactivated: true });
  const next = await runWithAws("sync", { from: cut.world });
  expect([next.status, next.actions.includes("ActivateEventSource")]).toEqual([0, true]);
  expect([...next.world.state.aws.sources.values()].map(({ isDeactivated }) => isDeactivated)).toEqual([
    false,
  ]);
});

test("a connection that is not in AWS is named, with what to correct", async () => {
  const files = alpha(topics, 1);
  const config = files["reconcile.yaml"].replace(
    "connection/pipeline/0a1b2c3d",
    "connection/other/0a1b2c3d",
  );
  const { status, out, world } = await runWithAws("sync", {
    files: { ...files, "reconcile.yaml": config },
  });
  expect([status, routesIn(world.state)]).toEqual([1, []]);
  expect(out).toContain(
    "failed: connection arn:aws:events:us-east-1:123456789012:connection/other/0a1b2c3d is not in AWS",
  );
});
