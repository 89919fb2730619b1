// The runs of `import`.
import {
  change,
  inexpressible,
  invalidGroups,
  notToImport,
  oddCondition,
  ofTwoKinds,
  putTriggers,
  refusing,
  worldWith,
} from "../cli/imported.ts";
import { kinds } from "../support/kinds.ts";
import { manifest, putWebhook, type TestWorld } from "../support/world.ts";
import { of, alpha, type Scenario } from "./scenario.ts";

const [webhookPath = "", integrationPath = "", triggerPath = ""] = kinds.map(({ path }) => path);
const byHand =
  (...groups: readonly string[]) =>
  (): TestWorld =>
    worldWith((state) => {
      for (const [at, group] of groups.entries()) putWebhook(state, { id: `w${at + 1}`, group });
    });
const twoTriggers = (): TestWorld =>
  worldWith((state) => {
    putTriggers(state, 60, 60);
  });

function grown(): TestWorld {
  const world = of(alpha)();
  putWebhook(world.state, { id: "w1", group: "alpha", eventTypes: ["a.created", "b.new"] });
  return world;
}

export const imports: readonly Scenario[] = [
  { given: "a webhook without a marker", argv: "import", world: byHand("alpha") },
  { given: "the same, as a dry run", argv: "import --dry-run", world: byHand("alpha") },
  { given: "the same, to another folder", argv: "import --manifests teams/voice", world: byHand("alpha") },
  {
    given: "one whose description names its offset file",
    argv: "import",
    world: () =>
      worldWith((state) => {
        putWebhook(state, { id: "w1", group: "orders" });
        change(state, "w1", { description: "Consumer group: orders | Offset tracking: /data/o.json" });
      }),
    shows: ["subscriptions/orders.yaml"],
  },
  {
    given: "one that has a manifest",
    argv: "import",
    world: () => {
      const world = of(alpha)();
      putWebhook(world.state, { id: "w1", group: "alpha" });
      return world;
    },
  },
  {
    given: "one of another owner",
    argv: "import",
    world: () =>
      worldWith((state) => {
        putWebhook(state, { id: "w1", group: "alpha", owner: "voice" });
      }),
  },
  { given: "what has a manifest, another owner or no group", argv: "import", world: notToImport },
  { given: "what no manifest can express", argv: "import", world: inexpressible },
  { given: "groups whose manifest would be invalid", argv: "import", world: invalidGroups },
  { given: "groups of two kinds", argv: "import", world: ofTwoKinds },
  { given: "a condition that no manifest can have", argv: "import", world: oddCondition },
  { given: "triggers", argv: "import", world: twoTriggers, shows: ["subscriptions/calls.yaml"] },
  {
    given: "a kind that is not offered, and one that is forbidden",
    argv: "import --dry-run",
    world: twoTriggers,
    more: { intercept: refusing({ [webhookPath]: 404, [integrationPath]: 403 }) },
  },
  {
    given: "no kind that is offered",
    argv: "import",
    world: twoTriggers,
    more: { intercept: refusing({ [webhookPath]: 404, [integrationPath]: 404, [triggerPath]: 404 }) },
  },
  { given: "a group that there is not", argv: "import --group alph", world: byHand("alpha", "beta") },
  {
    given: "invalid manifests",
    argv: "import",
    world: of({ "subscriptions/a.yaml": "kind: WebhookSubscription\n" }),
  },
  {
    given: "a disk that is full",
    argv: "import",
    world: byHand("alpha", "beta"),
    change: ({ files }) => {
      files.before = (operation, path) => {
        if (operation === "write" && path.includes("beta"))
          throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      };
    },
  },
  { given: "--update of a manifest that is out of date", argv: "import --update", world: grown },
  {
    given: "--update of one that is up to date",
    argv: "import --update",
    world: () => {
      const world = of({ "subscriptions/a.yaml": manifest("alpha") })();
      putWebhook(world.state, { id: "w1", group: "alpha", eventTypes: ["a.ended", "a.created"] });
      return world;
    },
  },
];
