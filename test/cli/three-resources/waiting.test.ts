// What waits for AWS or for the platform to activate it, and what waits for that.
import { describe, expect, test } from "vitest";
import { manifest, trailOf, writesOf, type Intercept } from "../../support/world.ts";
import {
  webhooks,
  integrations,
  eventTypes,
  filesOf,
  fileOf,
  set,
  start,
  synced,
  see,
  putGroup,
} from "./groups.ts";

describe("what waits for an association in AWS", () => {
  const waiting = (text: string) =>
    text.replace(
      /^ {2}name: .*$/m,
      "$&\n  annotations: { reconcile.genesys/create-only: until it is associated }",
    );

  test("keeps whoever delivers until then from being pruned", async () => {
    const world = await synced(filesOf(webhooks, ["old"]));
    world.files.take(fileOf("old"));
    set(world, { [fileOf("alpha")]: waiting(manifest("alpha", { kind: integrations, eventTypes })) });
    const { status, became, result } = await see(world, "--prune --allow-deletes");
    expect([status, became]).toEqual([0, ["create alpha applied", "delete old skipped"]]);
    expect(result.operations[1]?.error).toMatch(/^held back: waits for group "alpha"/);
    const again = await see(world, "--prune --allow-deletes");
    expect([again.status, again.became]).toEqual([0, ["delete old skipped"]]);
    set(world, filesOf(integrations, ["alpha"]));
    expect((await see(world, "--prune --allow-deletes")).became).toEqual(["delete old applied"]);
  });

  test("is in the way like any other conflict where it has one, and then nobody's wish", async () => {
    const world = start({ [fileOf("alpha")]: waiting(manifest("alpha", { kind: webhooks, eventTypes })) });
    putGroup(webhooks, world, "alpha", "Consumer group: alpha");
    const { status, result } = await see(world, "");
    expect(status).toBe(1);
    expect(result.operations.map(({ frozen }) => frozen)).toEqual(result.operations.map(() => false));
    expect(result.diagnostics.map(({ code }) => code)).not.toContain("group/createOnly");
    expect(trailOf(world.files).at(-1)?.success ?? false).toBe(false);
  });
});

test("integrations that do not get active hold up nothing but each other", async () => {
  const groups = Array.from({ length: 12 }, (_, at) => `stuck-${at}`);
  const world = start({ ...filesOf(integrations, groups), ...filesOf(webhooks, ["zulu"]) });
  const neverActive: Intercept = (_, forward) => {
    const response = forward();
    for (const [id, one] of world.state.integrations)
      world.state.integrations.set(id, { ...one, intendedAtMs: Number.MAX_SAFE_INTEGER });
    return response;
  };
  const { status, became, world: after } = await see(world, "--concurrency 4", { intercept: neverActive });
  expect([status, became.filter((what) => what.endsWith("applied"))]).toEqual([1, ["create zulu applied"]]);
  const posts = writesOf(after).filter((sent) => sent.startsWith("POST"));
  expect(posts.indexOf(`POST ${webhooks.path}`)).toBeLessThanOrEqual(4);
});
