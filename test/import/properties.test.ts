// What import promises of any organisation, on generated ones: whole commands, against the platform in memory.
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { SandboxState, StoredWebhook } from "../../src/sandbox/state.ts";
import { kinds } from "../support/kinds.ts";
import type { MadeByHand } from "../support/stored.ts";
import { makeWorld, runWorld, type Intercept, type TestWorld } from "../support/world.ts";
import { delivered, fill, organisations, tidyOrganisations, tidyOrganisationsOf } from "./organisations.ts";

interface Imported {
  readonly manifests: readonly { readonly group: string; readonly notes: readonly string[] }[];
  readonly refused: readonly { readonly group: string; readonly webhookIds: readonly string[] }[];
  readonly leftAlone: readonly { readonly webhookId: string }[];
  readonly planWithAdopt: Readonly<Record<string, number>>;
}

interface Planned {
  readonly ok: boolean;
  readonly summary: Readonly<Record<string, number>>;
  readonly operations: readonly {
    readonly action: string;
    readonly reason: string;
    readonly group: string;
  }[];
}

async function importAll(
  webhooks: readonly StoredWebhook[],
): Promise<{ world: TestWorld; made: Imported }> {
  const from = makeWorld({ argv: "" });
  fill(from.state, webhooks);
  const { out, world } = await runWorld({ argv: "import --output json", from });
  return { world, made: JSON.parse(out) as Imported };
}

async function planWithAdopt(from: TestWorld): Promise<Planned> {
  const { out } = await runWorld({ argv: "plan --adopt --output json", from });
  return JSON.parse(out) as Planned;
}

const groupOf = (description: string): string =>
  /Consumer group: (.*?)(?: \| |$)/.exec(description)?.[1] ?? "";

// Some hundred commands each, and other tests run beside them.
vi.setConfig({ testTimeout: 120_000 });
const runs = { numRuns: Math.ceil(25 * Number(process.env["TIMES"] ?? 1)) };

test("an organisation that manifests can express plans to adoptions and deletes of surplus duplicates", () =>
  fc.assert(
    fc.asyncProperty(tidyOrganisations, async (webhooks) => {
      const { world, made } = await importAll(webhooks);
      expect(made.refused).toEqual([]);
      if (webhooks.length === 0) return;
      const plan = await planWithAdopt(world);
      const odd = plan.operations.filter(
        ({ action, reason }) =>
          action !== "adopt" &&
          !(action === "delete" && reason === "another webhook of the group delivers to the same endpoint"),
      );
      expect(odd).toEqual([]);
      expect(plan.summary).toMatchObject({ create: 0, movedEventTypes: 0, failed: 0, skipped: 0 });
      expect(made.planWithAdopt).toEqual(plan.summary);
    }),
    runs,
  ));

describe.each(kinds.slice(1))("$nouns", (kind) => {
  const allDelivered = (state: SandboxState): readonly string[] =>
    kind
      .stored(state)
      .flatMap(({ description, eventTypes }) => eventTypes.map((type) => `${groupOf(description)} ${type}`))
      .filter((what, at, all) => all.indexOf(what) === at)
      .sort();

  test("are imported, and plan to adoptions and deletes of surplus duplicates; then all is as it was", () =>
    fc.assert(
      fc.asyncProperty(tidyOrganisationsOf(kind), async (made) => {
        fc.pre(made.length > 0);
        const world = makeWorld({ argv: "" });
        for (const one of made) kind.put(world.state, one);
        const before = allDelivered(world.state);
        const imported = JSON.parse(
          (await runWorld({ argv: "import --output json", from: world })).out,
        ) as Imported;
        expect([imported.refused, imported.leftAlone]).toEqual([[], []]);
        const plan = await planWithAdopt(world);
        expect(plan.operations.filter(({ action }) => action !== "adopt" && action !== "delete")).toEqual(
          [],
        );
        const surplus = made.length - new Set(made.map(keyOf)).size;
        expect(plan.summary).toMatchObject({ delete: surplus, movedEventTypes: 0, failed: 0, skipped: 0 });
        expect(imported.planWithAdopt).toEqual(plan.summary);
        const applied = await runWorld({ argv: "sync --adopt", from: world });
        expect([applied.status, allDelivered(world.state)]).toEqual([0, before]);
        const second = await planWithAdopt(world);
        expect([second.ok, second.operations]).toEqual([true, []]);
      }),
      runs,
    ));

  const keyOf = ({ endpoint, eventTypes }: MadeByHand): string => JSON.stringify([endpoint, eventTypes]);
});

test("of any organisation, what is written is valid, and each webhook is in a manifest, refused or left alone", () =>
  fc.assert(
    fc.asyncProperty(organisations, async (webhooks) => {
      const { world, made } = await importAll(webhooks);
      const groups = made.manifests.map(({ group }) => group);
      expect(world.files.paths()).toHaveLength(groups.length);
      if (groups.length > 0) {
        const validated = await runWorld({ argv: "validate", from: world });
        expect(validated.out).toBe(
          `${groups.length} manifest${groups.length === 1 ? " is" : "s are"} valid\n`,
        );
      }
      for (const { id, description } of webhooks) {
        const group = /Consumer group: (.*?)(?: \| |$)/.exec(description)?.[1] ?? null;
        const places = [
          group !== null && groups.includes(group),
          made.refused.some(({ webhookIds }) => webhookIds.includes(id)),
          made.leftAlone.some(({ webhookId }) => webhookId === id),
        ];
        expect(places.filter(Boolean)).toHaveLength(1);
      }
    }),
    runs,
  ));

const takingOver = fc.asyncProperty(fc.oneof(organisations, tidyOrganisations), async (webhooks) => {
  const { world, made } = await importAll(webhooks);
  if (made.manifests.length === 0) return;
  const groups = new Set(made.manifests.map(({ group }) => group));
  const others = (): string[] =>
    [...world.state.webhooks.values()]
      .filter(
        ({ description }) => !groups.has(/Consumer group: (.*?)(?: \| |$)/.exec(description)?.[1] ?? ""),
      )
      .map((webhook) => JSON.stringify(webhook));
  const [before, othersBefore] = [delivered(world.state), others()];
  const gaps: string[] = [];
  const intercept: Intercept = async ({ method }, forward) => {
    // Whatever may be sent beside a change overtakes it.
    if (method === "PUT") for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    const response = forward();
    const now = delivered(world.state);
    gaps.push(...[...before].filter((what) => !now.has(what)));
    return response;
  };
  const plan = await planWithAdopt(world);
  expect(plan.summary).toEqual(made.planWithAdopt);
  const applied = await runWorld({ argv: "sync --adopt", from: world, intercept });
  expect(gaps).toEqual([]);
  expect(applied.status).toBe(0);
  expect(others()).toEqual(othersBefore);
  expect(delivered(world.state)).toEqual(before);
  const second = await planWithAdopt(world);
  expect([second.ok, second.operations]).toEqual([true, []]);
});

test("of any organisation, taking over converges, leaves no gap at any moment, and touches nobody else's", () =>
  fc.assert(takingOver, runs));

test("a group with a disabled webhook of its own that should deliver is taken over at once", () =>
  fc.assert(takingOver, { seed: 2055501531, path: "45", numRuns: 1 }));

test("a second import has nothing to write, and neither has --update once it is taken over", () =>
  fc.assert(
    fc.asyncProperty(organisations, async (webhooks) => {
      const { world, made } = await importAll(webhooks);
      const texts = (): string[] =>
        world.files.paths().flatMap((path) => (path.endsWith(".yaml") ? [world.files.text(path)] : []));
      const before = texts();
      const again = await runWorld({ argv: "import --output json", from: world });
      expect((JSON.parse(again.out) as Imported).manifests).toEqual([]);
      if (made.manifests.length > 0) await runWorld({ argv: "sync --adopt", from: world });
      const updated = await runWorld({ argv: "import --update --output json", from: world });
      const { manifests } = JSON.parse(updated.out) as {
        manifests: readonly { readonly change: string }[];
      };
      expect(manifests.map(({ change }) => change)).toEqual(made.manifests.map(() => "unchanged"));
      expect(texts()).toEqual(before);
    }),
    runs,
  ));

test("--update makes manifests follow what is live, so that taking it over moves and loses nothing", () =>
  fc.assert(
    fc.asyncProperty(tidyOrganisations, tidyOrganisations, async (first, second) => {
      const { world } = await importAll(first);
      world.state.webhooks.clear();
      fill(world.state, second);
      const updated = await runWorld({ argv: "import --update --output json", from: world });
      const made = JSON.parse(updated.out) as Imported;
      expect(made.refused).toEqual([]);
      if (made.manifests.length === 0) return;
      const group = made.manifests.map((manifest) => manifest.group);
      const plan = await runWorld({
        argv: ["plan", "--adopt", "--output", "json", "--group", ...group],
        from: world,
      });
      const { summary } = JSON.parse(plan.out) as Planned;
      expect(summary).toMatchObject({ create: 0, movedEventTypes: 0, failed: 0, skipped: 0 });
      const before = delivered(world.state);
      await runWorld({ argv: ["sync", "--adopt", "--group", ...group], from: world });
      expect(delivered(world.state)).toEqual(before);
    }),
    runs,
  ));
