// Manifests and organisations of which a sync makes something: edits, moves, orphans, webhooks in the way.
import { manifest, putWebhook, runWorld, type TestWorld } from "../support/world.ts";

export const two = {
  "subscriptions/alpha.yaml": manifest("alpha", { labels: "team: data" }),
  "subscriptions/beta.yaml": manifest("beta", {
    pool: ["https://p.example.com/1", "https://p.example.com/2"],
  }).replace("https://events.example.com/beta", "https://p.example.com/1"),
};

async function synced(files: Readonly<Record<string, string>>): Promise<TestWorld> {
  return (await runWorld({ argv: "", files })).world;
}

export const inSync = (): Promise<TestWorld> => synced(two);

/** Its manifest has another event type and another state than what is live. */
export async function edited(): Promise<TestWorld> {
  const world = await inSync();
  const text = manifest("alpha", { eventTypes: ["a.created", "a.muted"], tail: "  state: disabled" });
  world.files.set("subscriptions/alpha.yaml", text);
  return world;
}

/** Another retry policy and state file than what is live, and a query string in its endpoint. */
export async function optionsEdited(): Promise<TestWorld> {
  const before = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");
  const world = await synced({ "subscriptions/a.yaml": before });
  const policy = "  retryPolicy: { retryCount: 5, retryInterval: PT2M, retryOnTimeout: false }\n";
  world.files.set("subscriptions/a.yaml", before.replace("data/alpha.json", "data/other.json") + policy);
  return world;
}

/** Two webhooks each of twelve groups without a manifest. */
export async function manyOrphans(): Promise<TestWorld> {
  const world = await synced({ "subscriptions/a.yaml": manifest("alpha") });
  for (let number = 12; number >= 1; number -= 1) {
    const group = `old-${String(number).padStart(2, "0")}`;
    for (const at of ["b?key=hidden", "a"]) {
      const id = `w-${at[0] ?? ""}-${number}`;
      putWebhook(world.state, { id, group, owner: "default", endpoint: `https://x.example.com/${at}` });
    }
  }
  return world;
}

/** A new group, and three webhooks of groups without a manifest. */
export async function threeOrphans(): Promise<TestWorld> {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/a.yaml": manifest("alpha") } });
  for (const id of ["w1", "w2", "w3"])
    putWebhook(world.state, { id, group: `old-${id}`, owner: "default" });
  return world;
}

/** A webhook of a group that somebody made, beside the group's own. */
export async function surplus(): Promise<TestWorld> {
  const world = await synced({ "subscriptions/a.yaml": manifest("alpha") });
  putWebhook(world.state, { id: "w1", group: "alpha", eventTypes: ["a.created"] });
  return world;
}

export async function emptied(): Promise<TestWorld> {
  const { world } = await runWorld({ argv: "--group alpha", files: two });
  world.files.take("subscriptions/alpha.yaml");
  world.files.take("subscriptions/beta.yaml");
  return world;
}
