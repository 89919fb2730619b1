// On a pull request the base revision says how AWS is reached, so that no pull request chooses where credentials go.
import { expect, test } from "vitest";
import { manifest, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws, topics } from "./aws-world.ts";

const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
const subscriptions = { "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: topics, pool }) };
const onPull = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request", GITHUB_BASE_REF: "main" };

interface Told {
  readonly ok: boolean;
  readonly operations: readonly { readonly action: string; readonly group: string | null }[];
}

async function planOn(base: string, own: string, from: TestWorld) {
  const run = await runWithAws("plan --output json", {
    ...{ from, files: { "reconcile.yaml": own }, environment: onPull },
    revisions: { "refs/remotes/origin/main": { "reconcile.yaml": base } },
  });
  return { ...run, told: JSON.parse(run.world.out()) as Told };
}

test("a profile, a role to assume and a region that the pull request names count for nothing", async () => {
  const base = configOf({});
  const { world } = await runWithAws("sync", { files: { ...subscriptions, "reconcile.yaml": base } });
  const own = base
    .replace("aws:\n", "aws:\n  profile: theirs\n  assumeRole: arn:aws:iam::123456789012:role/theirs\n")
    .replace("region: us-east-1", "region: eu-west-1")
    .replaceAll(":us-east-1:", ":eu-west-1:");
  const { access, actions } = await planOn(base, own, world);
  expect(access).toMatchObject([{ profile: null, assumeRole: null, region: "us-east-1" }]);
  expect(actions.filter((action) => !/^(List|Describe|GetCaller)/.test(action))).toEqual([]);
});

test("one that turns routes on is planned without asking AWS, and one that turns them off by what is live there", async () => {
  const webhooks = await runWithAws("sync", {
    files: { ...subscriptions, "reconcile.yaml": configOf(null) },
  });
  const on = await planOn(configOf(null), configOf({}), webhooks.world);
  expect([on.told.ok, on.actions]).toEqual([true, []]);
  expect(on.told.operations.map(({ action, group }) => `${action} ${group ?? "feed"}`)).toEqual([
    "create feed",
    ...["create alpha", "create alpha", "delete alpha", "delete alpha"],
  ]);
  const routes = await runWithAws("sync", { from: on.world, files: { "reconcile.yaml": configOf({}) } });
  expect(routes.status).toBe(0);
  const off = await planOn(configOf({}), configOf(null), routes.world);
  expect(off.told.operations.map(({ action, group }) => `${action} ${group ?? "feed"}`)).toEqual([
    ...["create alpha", "create alpha", "delete alpha", "delete alpha"],
    "delete feed",
  ]);
});
