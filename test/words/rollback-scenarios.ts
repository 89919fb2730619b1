// The runs of `rollback`, most of them of one run with a change of each kind.
import { webhookName } from "../../src/model/ownership.ts";
import { alphaOf, changed, find } from "../cli/rolled-back.ts";
import { answer, manifest, putWebhook, runWorld, trailPath, type TestWorld } from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

const ofChanged = async (): Promise<TestWorld> => (await changed()).world;
const last = "rollback --last";

function disable(world: TestWorld, group = "alpha"): void {
  const webhook = find(world, group);
  world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
}

/** Its group is left alone. */
const touched: readonly Scenario[] = [
  {
    given: "a webhook that somebody changed since",
    argv: last,
    world: ofChanged,
    change: (world) => {
      disable(world);
    },
  },
  {
    given: "one that somebody deleted since",
    argv: last,
    world: ofChanged,
    change: (world) => world.state.webhooks.delete(find(world, "alpha").id),
  },
  {
    given: "one that was deleted, and that somebody made again",
    argv: last,
    world: ofChanged,
    change: ({ state }) => {
      const name = webhookName("old", "https://events.example.com/old");
      putWebhook(state, { id: "w9", group: "old", name, owner: "default", eventTypes: ["x.y"] });
    },
  },
  {
    given: "one that a later run wrote",
    argv: "rollback --run id-14",
    world: ofChanged,
    change: async (world) => {
      world.files.set("subscriptions/alpha.yaml", alphaOf("a.later"));
      await runWorld({ argv: "", from: world });
    },
  },
  {
    given: "one that is another owner's by now",
    argv: `${last} --force`,
    world: ofChanged,
    change: (world) => {
      const webhook = find(world, "alpha");
      const description = webhook.description.replace("(default)", "(voice)");
      world.state.webhooks.set(webhook.id, { ...webhook, description });
    },
  },
];

export const rollback: readonly Scenario[] = [
  { given: "the last run", argv: `${last} --allow-deletes`, world: of(alpha), before: [""] },
  { given: "the last run, as a dry run", argv: `${last} --dry-run`, world: of(alpha), before: [""] },
  { given: "a run with a change of each kind", argv: last, world: ofChanged },
  {
    given: "the same once more, with nothing left to do",
    argv: "rollback --run id-14",
    world: ofChanged,
    before: [last],
  },
  ...touched,
  {
    given: "an endpoint that the config forbids by now",
    argv: `${last} --force`,
    world: ofChanged,
    change: ({ files }) => {
      files.set(
        "reconcile.yaml",
        'apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nallowedEndpointHosts: ["events.example.com"]\n',
      );
    },
  },
  {
    given: "more to delete than the limit",
    argv: last,
    world: of({ "subscriptions/a.yaml": `${manifest("alpha")}---\n${manifest("beta")}` }),
    before: [""],
  },
  {
    given: "a group that is frozen by now",
    argv: last,
    world: ofChanged,
    change: ({ files }) => {
      const frozen = alphaOf("a.created", "a.muted").replace(
        "  name: alpha",
        '$&\n  annotations: { reconcile.genesys/freeze: "until Friday" }',
      );
      files.set("subscriptions/alpha.yaml", frozen);
    },
  },
  {
    given: "manifests that are invalid by now",
    argv: last,
    world: ofChanged,
    change: ({ files }) => {
      files.set("subscriptions/alpha.yaml", alphaOf("a.created").replace("eventTypes", "eventTypez"));
    },
  },
  {
    given: "a webhook that the run enabled",
    argv: last,
    world: of(alpha),
    before: [""],
    change: async (world) => {
      disable(world);
      await runWorld({ argv: "", from: world });
    },
  },
  {
    given: "a webhook that is gone when it is written",
    argv: last,
    world: ofChanged,
    more: {
      intercept: (request, forward) =>
        request.method === "PUT" && request.body?.includes("alpha") ? answer(404) : forward(),
    },
  },
  { given: "a run that there is not", argv: "rollback --run nosuchrun", world: ofChanged },
  {
    given: "webhooks that somebody disabled since",
    argv: `${last} --allow-deletes`,
    world: of(alpha),
    before: [""],
    change: (world) => {
      disable(world);
    },
  },
  {
    given: "a broken chain",
    argv: last,
    world: of(alpha),
    before: [""],
    change: ({ files }) => {
      files.set(trailPath, files.text(trailPath).replace("alpha", "alphb"));
    },
  },
  { given: "no trail", argv: last, world: of(alpha) },
];
