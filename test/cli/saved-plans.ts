// Plans that are saved, and then applied.
import type { SavedPlan } from "../../src/model/saved-plan.ts";
import { manifest, putWebhook, runWorld, type TestWorld, type WorldOptions } from "../support/world.ts";

export const alpha = { "subscriptions/alpha.yaml": manifest("alpha") };

export const pool = ["https://p.example.com/1", "https://p.example.com/2"];

export const split = manifest("beta", { pool, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
  "https://events.example.com/beta",
  "https://p.example.com/1",
);

export const both = { ...alpha, "subscriptions/beta.yaml": split };

export async function plan(options: Omit<WorldOptions, "argv">, flags = ""): Promise<TestWorld> {
  const { world } = await runWorld({ argv: `plan --out plan.json ${flags}`, ...options });
  return world;
}

export function apply(from: TestWorld, more: Partial<WorldOptions> = {}) {
  return runWorld({ argv: "apply plan.json", from, ...more });
}

export function savedIn({ files }: TestWorld): SavedPlan {
  return JSON.parse(files.text("plan.json")) as SavedPlan;
}

export function liveIn({ state }: TestWorld) {
  return [...state.webhooks.values()].map(({ endpoint, eventTypes }) => [endpoint, eventTypes.join()]);
}

/** To update alpha, to add a webhook to beta's two of which one stays, and to prune old. */
export async function planChanges(): Promise<TestWorld> {
  const { world } = await runWorld({ argv: "", files: both });
  putWebhook(world.state, { id: "w1", group: "old", owner: "default" });
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  const wider = [...pool, "https://p.example.com/3"];
  world.files.set(
    "subscriptions/beta.yaml",
    manifest("beta", { pool: wider, eventTypes: ["e.a", "e.b", "e.c", "e.d", "e.e"] }).replace(
      "https://events.example.com/beta",
      "https://p.example.com/1",
    ),
  );
  return plan({ from: world }, "--prune");
}

export const saved = (await plan({ files: alpha })).files.text("plan.json");
