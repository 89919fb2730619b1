// With `associate: false` the user associates the feed's event source; until then no event type moves to a route.
import { expect, test } from "vitest";
import { putRoute, removeRoute } from "../../support/routes.ts";
import { manifest, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws, topics, type AwsRun } from "./aws-world.ts";

const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
const subscriptions = { "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: topics, pool }) };
const byUser = configOf({}).replace("associate: true", "associate: false");
const source = "aws.partner/genesys.com/cloud/";

interface Told {
  readonly operations: readonly {
    readonly action: string;
    readonly group: string | null;
    readonly status: string;
    readonly error: string | null;
  }[];
}

const became = ({ out }: AwsRun): readonly string[] =>
  (JSON.parse(out) as Told).operations.map(
    ({ action, group, status }) => `${action} ${group ?? "feed"} ${status}`,
  );

const errors = ({ out }: AwsRun): readonly string[] => [
  ...new Set((JSON.parse(out) as Told).operations.flatMap(({ error }) => error ?? [])),
];

/** As somebody does in the console. */
function associate({ state }: TestWorld): void {
  putRoute(
    state,
    { name: "for-a-moment", endpoint: "https://x.example.org", eventTypes: topics, description: "" },
    { suffix: "team" },
  );
  removeRoute(state, "for-a-moment");
}

function deactivate({ state: { aws } }: TestWorld): void {
  for (const [arn, one] of aws.sources) aws.sources.set(arn, { ...one, isDeactivated: true });
}

test("the pass makes the feed, fails the routes by the source's name, and webhooks go on until it is associated", async () => {
  const { world: from } = await runWithAws("sync", {
    files: { ...subscriptions, "reconcile.yaml": configOf(null) },
  });
  const files = { "reconcile.yaml": byUser };
  const first = await runWithAws("sync --output json", { from, files });
  expect([first.status, first.world.state.webhooks.size]).toEqual([1, 2]);
  expect(became(first)).toEqual([
    "create feed applied",
    "create alpha failed",
    "create alpha failed",
    "delete alpha skipped",
    "delete alpha skipped",
  ]);
  expect(errors(first)[0]).toContain(`event source ${source}`);
  expect(errors(first)[0]).toContain("/team is PENDING in AWS, so it reaches nobody");

  const second = await runWithAws("sync --output json", { from: first.world });
  expect([second.status, second.world.state.webhooks.size]).toEqual([1, 2]);
  expect(errors(second)[0]).toContain("/team is PENDING in AWS, so it reaches nobody");

  associate(second.world);
  const third = await runWithAws("sync --output json", { from: second.world });
  expect([third.status, third.world.state.webhooks.size, third.world.state.aws.rules.size]).toEqual([
    0, 0, 2,
  ]);
});

test("a source that someone deactivated is drift, and is activated again only with `associate`", async () => {
  const { world } = await runWithAws("sync", {
    files: { ...subscriptions, "reconcile.yaml": configOf({}) },
  });
  deactivate(world);
  const told = await runWithAws("sync --output json", { from: world, files: { "reconcile.yaml": byUser } });
  expect([told.status, became(told)]).toEqual([1, ["update feed failed"]]);
  expect(errors(told)[0]).toContain("/team is PENDING in AWS, so it reaches nobody");
  expect(told.actions).not.toContain("ActivateEventSource");

  const mended = await runWithAws("sync --output json", {
    from: told.world,
    files: { "reconcile.yaml": configOf({}) },
  });
  expect([mended.status, became(mended)]).toEqual([0, ["update feed applied"]]);
  expect(mended.actions).toContain("ActivateEventSource");
  const again = await runWithAws("sync --output json", { from: mended.world });
  expect([again.status, became(again)]).toEqual([0, []]);
});

test("two owners with one source are an error that names both, and nothing of the other one is written", async () => {
  const { world } = await runWithAws("sync", {
    files: { ...subscriptions, "reconcile.yaml": configOf({}) },
  });
  const rules = new Map(world.state.aws.rules);
  const config = configOf({})
    .replace("owner: team", "owner: others")
    .replace("region: us-east-1", "region: us-east-1\n    source: team");
  const { status, out } = await runWithAws("sync", {
    from: world,
    files: {
      "reconcile.yaml": config,
      "subscriptions/alpha.yaml": manifest("beta", { eventTypes: topics, pool }),
    },
  });
  expect(status).toBe(1);
  expect(out).toContain('is managed by owner "team", and not by "others"');
  expect(world.state.aws.rules).toEqual(rules);
});
