// Two groups of which one waits for the other, for passes that are stopped.
import { manifest, runWorld, type Intercept } from "../support/world.ts";

const pool = ["https://p.example.com/1", "https://p.example.com/2"];

const pooled = (urls: readonly string[]) =>
  manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
    "https://events.example.com/beta",
    "https://p.example.com/1",
  );

export const files = {
  "subscriptions/a.yaml": manifest("alpha"),
  "subscriptions/b.yaml": pooled(pool.slice(0, 1)),
};

/** Both groups are live; then alpha is edited, and beta's pool grows, which takes two phases. */
export async function prepared() {
  const { world } = await runWorld({ argv: "", files });
  world.files.set("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  world.files.set("subscriptions/b.yaml", pooled(pool));
  return world;
}

export const failCreate =
  (outcome: () => ReturnType<Intercept>): Intercept =>
  (request, forward) =>
    request.method === "POST" && request.url.endsWith("/webhooks") ? outcome() : forward();
