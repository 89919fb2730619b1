// How many rules an event bus can have, and how often a destination is called: what a plan and a validation say before.
import { expect, test } from "vitest";
import { putRoute } from "../../support/routes.ts";
import { manifest, type TestWorld } from "../../support/world.ts";
import { manifestText } from "../../manifest/manifest-text.ts";
import { configOf, runWithAws, topics } from "./aws-world.ts";

interface Said {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

const pool = ["https://hooks.example.com/1", "https://hooks.example.com/2"];
const files = {
  "reconcile.yaml": configOf({}),
  "subscriptions/alpha.yaml": manifest("alpha", { eventTypes: topics, pool }),
};

/** Somebody else has so many rules on the bus of the feed. */
async function worldWith(others: number): Promise<TestWorld> {
  const { world } = await runWithAws("plan", { files });
  for (let number = 0; number < others; number += 1)
    putRoute(
      world.state,
      {
        ...{ name: `theirs-${number}`, endpoint: "https://theirs.example.org", eventTypes: topics },
        description: "",
      },
      { suffix: "team" },
    );
  return world;
}

function quotaWarnings(out: string): readonly string[] {
  const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly Said[] };
  return diagnostics
    .filter(({ code }) => code === "create/nearQuota")
    .map(({ message, hint }) => `${message}; ${hint ?? ""}`);
}

test.each([
  [237, []],
  [
    238,
    [
      'with this plan the event bus has 240 rules, of 300 that it can have by default (quota "Rules per event bus"); ask AWS for more in Service Quotas before it is used up',
    ],
  ],
  [
    299,
    [
      'with this plan the event bus has 301 rules, of 300 that it can have by default (quota "Rules per event bus"); ask AWS for more in Service Quotas: creates above the quota are refused',
    ],
  ],
])("with %i rules of others and two to come, a plan says how many the bus has", async (others, said) => {
  const { out, status } = await runWithAws("plan --output json", { from: await worldWith(others) });
  expect([status, quotaWarnings(out)]).toEqual([0, said]);
});

test("once the routes are there, a plan that creates none says nothing", async () => {
  const { world, status } = await runWithAws("sync", { from: await worldWith(298) });
  expect(status).toBe(0);
  const { out } = await runWithAws("plan --output json", { from: world });
  expect(quotaWarnings(out)).toEqual([]);
});

test("a create above the quota fails by the quota's name, and its group loses nothing", async () => {
  const webhooks = await runWithAws("sync", { files: { ...files, "reconcile.yaml": configOf(null) } });
  const { world } = await runWithAws("plan", { from: webhooks.world, files });
  const full = await worldWith(300);
  for (const [arn, rule] of full.state.aws.rules) world.state.aws.rules.set(arn, rule);
  const { status, out, gaps } = await runWithAws("sync", { from: world, watched: topics });
  expect([status, [...gaps], world.state.webhooks.size]).toEqual([1, [], 2]);
  expect(out).toContain(
    "failed: AWS PutRule: the quota of rules of an event bus (300 by default) is used up",
  );
});

test.each([
  [93, null],
  [
    94,
    "the routes of this group would call https://hooks.example.com/x about 301 times a second, where AWS allows one API destination 300",
  ],
])(
  "with %i events a second for each of four event types, validate says what is too much for each group",
  async (rate, said) => {
    const names = [...topics, "v2.users.{id}.activity"].map((topic) => JSON.stringify(topic)).join(", ");
    const text = manifestText(
      { eventTypes: `  eventTypes: [${names}]`, endpointUrl: "  endpointUrl: https://hooks.example.com/x" },
      `  historicalRate: ${rate}\n`,
    );
    const { out } = await runWithAws("validate --output json", {
      files: {
        "reconcile.yaml": configOf({}),
        "subscriptions/a.yaml": text,
        "subscriptions/b.yaml": text.replaceAll("alpha", "beta"),
      },
    });
    const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly Said[] };
    const found = diagnostics.filter(({ code }) => code === "historicalRate/overLimit");
    expect(found.map(({ message }) => message)).toEqual(said === null ? [] : [said, said]);
  },
);
