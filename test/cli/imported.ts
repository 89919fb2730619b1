// An import of webhooks that somebody made by hand, and what it wrote.
import { makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

export function worldWith(
  fill: (state: SandboxState) => void,
  files: Record<string, string> = {},
): TestWorld {
  const world = makeWorld({ argv: "", files: files });
  fill(world.state);
  return world;
}

/** Another state, policy or description than `putWebhook` gives. */
export function change(
  state: SandboxState,
  id: string,
  changes: Partial<Parameters<typeof makeWebhook>[1]>,
): void {
  const webhook = state.webhooks.get(id);
  if (webhook) state.webhooks.set(id, makeWebhook(id, { ...webhook, ...changes }));
}

export const types = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `t.${String(from + index).padStart(2, "0")}`);

export const head = "apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription\n";
