// What a pass does where a part of the world is missing: the resource `webhooks`, AWS's credentials, or the config's key.
import { expect, test } from "vitest";
import { credentialsMissing } from "../../../src/aws/aws-errors.ts";
import { routesIn } from "../../support/routes.ts";
import { answer, forgetTrail, manifest, writesOf } from "../../support/world.ts";
import { configOf, runWithAws, topics } from "./aws-world.ts";

const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
const subscriptions = { "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: topics, pool }) };
const at = (config: string) => ({ ...subscriptions, "reconcile.yaml": config });
const bare = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\n";

test("an organisation without webhooks has none, and gets its routes", async () => {
  const around = (what: string, forward: () => ReturnType<typeof answer>) =>
    what.endsWith("/api/v2/webhooks") ? answer(404, { message: "no" }) : forward();
  const { status, world } = await runWithAws("sync", { files: at(configOf({})), around });
  expect([status, routesIn(world.state).length]).toEqual([0, 2]);
  const again = await runWithAws("plan --detailed-exitcode", { from: world, around });
  expect(again.status).toBe(0);
});

test.each(["by the trail", "by the feed alone"])(
  "without the key, routes are found %s, and go back to webhooks without a gap",
  async (how) => {
    const { world } = await runWithAws("sync", { files: at(configOf({})) });
    if (how === "by the feed alone") forgetTrail(world.files);
    const config = how === "by the feed alone" ? configOf(null) : bare;
    const back = await runWithAws("sync", { from: world, files: at(config), watched: topics });
    expect([back.status, [...back.gaps]]).toEqual([0, []]);
    const { aws, webhooks, integrations } = back.world.state;
    expect([aws.rules.size, aws.destinations.size, webhooks.size, integrations.size]).toEqual([0, 0, 2, 0]);
  },
);

test.each([configOf({}), configOf(null), bare])(
  "while routes are live, missing credentials are an error before the first write",
  async (config) => {
    const { world } = await runWithAws("sync", { files: at(configOf({})) });
    const before = JSON.stringify(routesIn(world.state));
    const less = manifest("alpha", { eventTypes: topics.slice(1), pool });
    const run = await runWithAws("sync", {
      ...{ from: world, files: { "reconcile.yaml": config, "subscriptions/alpha.yaml": less } },
      before: () => {
        throw credentialsMissing(null);
      },
    });
    expect([run.status, run.out.includes("no AWS credentials were found")]).toEqual([1, true]);
    expect([
      writesOf(run.world).filter((sent) => sent !== "POST /"),
      JSON.stringify(routesIn(run.world.state)),
    ]).toEqual([[], before]);
  },
);

test("a config that never had routes needs no AWS at all", async () => {
  const { status, actions, access } = await runWithAws("sync", { files: { ...at(bare) } });
  expect([status, actions]).toEqual([0, []]);
  expect(access).toHaveLength(1);
});
