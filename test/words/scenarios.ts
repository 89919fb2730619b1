// For each command, the runs whose every word stands in its file beside this one.
import { kinds } from "../support/kinds.ts";
import {
  answer,
  brokenOff,
  manifest,
  putWebhook,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import { audit } from "./audit-scenarios.ts";
import { plannedEdits, syncedEdits } from "./edit-scenarios.ts";
import { imports } from "./import-scenarios.ts";
import { state } from "./move-scenarios.ts";
import { rollback } from "./rollback-scenarios.ts";
import { alpha, of, type Scenario } from "./scenario.ts";
import { catalog, explain, init } from "./set-up-scenarios.ts";
import { status, syncs } from "./state-scenarios.ts";

const [, integrations, triggers] = kinds;
const pool = ["https://p.example.com/1", "https://p.example.com/2"];
const split = { "subscriptions/beta.yaml": manifest("beta", { pool, eventTypes: ["e.a", "e.b", "e.c"] }) };
const everyKind = {
  ...alpha,
  "subscriptions/bus.yaml": manifest("bus", { ...(integrations && { kind: integrations }) }),
  "subscriptions/flow.yaml": manifest("flow", { ...(triggers && { kind: triggers }) }),
};

function unmarked(): TestWorld {
  const world = of(alpha)();
  putWebhook(world.state, { id: "w1", group: "alpha" });
  return world;
}

function othersOwn(): TestWorld {
  const world = of(alpha)();
  putWebhook(world.state, { id: "w1", group: "alpha", owner: "voice" });
  return world;
}

const invalid = of({ "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: [] }) });
const refusingWrites: WorldOptions["intercept"] = (request, forward) =>
  request.method === "POST" && request.url.endsWith("/webhooks")
    ? answer(422, { message: "no", errors: [{ field: "endpoint", message: "is not reachable" }] })
    : forward();
const losingWrites: WorldOptions["intercept"] = (request, forward) =>
  request.method === "POST" && request.url.endsWith("/webhooks") ? brokenOff() : forward();
const forbidding: WorldOptions["intercept"] = (request, forward) =>
  request.url.includes("/api/v2/") ? answer(403, { message: "no" }) : forward();

function disable(world: TestWorld): void {
  for (const [id, one] of world.state.webhooks) world.state.webhooks.set(id, { ...one, state: "disabled" });
}

function takeAway(world: TestWorld): void {
  world.files.take("subscriptions/alpha.yaml");
}

const passes = (argv: string): readonly Scenario[] => [
  { given: "a fresh organisation, a group of each kind", argv, world: of(everyKind) },
  { given: "a group over a pool", argv, world: of({ ...alpha, ...split }) },
  { given: "nothing to do", argv, world: of(alpha), before: [""] },
  { given: "webhooks that somebody disabled", argv, world: of(alpha), before: [""], change: disable },
  {
    given: "a manifest that is gone",
    argv,
    world: of({ ...alpha, ...split }),
    before: [""],
    change: takeAway,
  },
  {
    given: "a manifest that is gone, with --prune",
    argv: `${argv} --prune`,
    world: of({ ...alpha, ...split }),
    before: [""],
    change: takeAway,
  },
  { given: "a webhook of the group without a marker", argv, world: unmarked },
  { given: "the same, with --adopt", argv: `${argv} --adopt`, world: unmarked },
  { given: "a webhook of the group, of another owner", argv, world: othersOwn },
  { given: "an invalid manifest", argv, world: invalid },
  { given: "no manifest at all", argv, world: of({}) },
  { given: "a group that nobody has", argv: `${argv} --group alhpa`, world: of(alpha) },
  { given: "no credentials", argv, world: of(alpha), more: { environment: {} } },
  { given: "a platform that forbids", argv, world: of(alpha), more: { intercept: forbidding } },
];

/** By the command's name, which is its file's. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  plan: [
    ...passes("plan"),
    { given: "a plan that is saved", argv: "plan --out p.json", world: of(alpha) },
    ...plannedEdits,
  ],
  sync: [
    ...passes(""),
    {
      given: "a webhook that the platform refuses",
      argv: "",
      world: of(alpha),
      more: { intercept: refusingWrites },
    },
    { given: "answers that get lost", argv: "", world: of(alpha), more: { intercept: losingWrites } },
    {
      given: "too many to prune",
      argv: "--prune",
      world: of({ ...alpha, ...split }),
      before: [""],
      change: takeAway,
    },
    ...syncedEdits,
    ...syncs,
  ],
  explain,
  init,
  catalog,
  validate: [
    { given: "valid manifests", argv: "validate", world: of(everyKind) },
    { given: "an invalid one", argv: "validate", world: invalid },
    { given: "none", argv: "validate", world: of({}) },
  ],
  apply: [
    { given: "a saved plan", argv: "apply p.json", world: of(alpha), before: ["plan --out p.json"] },
    {
      given: "one that is applied already",
      argv: "apply p.json",
      world: of(alpha),
      before: ["plan --out p.json", "apply p.json"],
    },
    {
      given: "one that is stale",
      argv: "apply p.json",
      world: of(alpha),
      before: ["plan --out p.json", ""],
    },
    { given: "none", argv: "apply p.json", world: of(alpha) },
  ],
  rollback,
  audit,
  state,
  status,
  import: imports,
};
