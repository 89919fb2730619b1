// The trail of a run that waited for an approval names the person who gave it, whom only GitHub's API tells.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunProvenance } from "../../src/model/audit-record.ts";
import { manifest } from "../support/world.ts";
import { startActionWorld, type ActionWorld } from "./world.ts";

const slow = 240_000;
const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: default\nstate: { store: git }\n";

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
  world.commit("main", { "reconcile.yaml": config });
}, slow);
afterAll(() => {
  world.close();
}, slow);

const review = (login: string, state: string, environment: string) => ({
  ...{ state, comment: "", user: { login } },
  environments: [{ name: environment }],
});

/** Merges a manifest, and gives the approver who is on record for its run. */
async function merge(group: string, more: { readonly withheld?: readonly string[] } = {}) {
  world.commit("main", { [`subscriptions/${group}.yaml`]: manifest(group) });
  const event = { name: "push", ref: "refs/heads/main", secrets: world.secrets, ...more } as const;
  const { jobs } = await world.run("apply", event);
  expect(jobs["apply"]?.log).toContain("Done: 1 created");
  expect(jobs["apply"]?.result).toBe("success");
  const { provenance } = JSON.parse(world.trailOf("default").at(-1) ?? "") as {
    readonly provenance: RunProvenance;
  };
  return provenance.ci?.approvedBy;
}

test("who approved the environment is on record", { timeout: slow }, async () => {
  world.github.reviews.push(
    review("mallory", "approved", "another-environment"),
    review("mallory", "rejected", "genesys-cloud"),
    review("grace", "approved", "genesys-cloud"),
  );
  expect(await merge("alpha")).toBe("grace");
  // In a run that was started again, each attempt has an approval, and GitHub does not tell which is whose.
  world.github.reviews.push(review("bob", "approved", "genesys-cloud"));
  expect(await merge("beta")).toBe("grace, bob");
});

test("without an approval, or without the right to ask, nobody is named", { timeout: slow }, async () => {
  expect(await merge("gamma", { withheld: ["actions"] })).toBeUndefined();
  world.github.reviews.length = 0;
  expect(await merge("delta")).toBeUndefined();
});
