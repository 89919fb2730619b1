// An estimate that rests on no given rate is not shown beside those that do, so that it never looks measured.
import { expect, test } from "vitest";
import type { PassResults } from "../../src/daemon/view.ts";
import { makeMap } from "../../src/daemon/dashboard/map-model.ts";
import { manifest, runWorld } from "../support/world.ts";

const files = {
  "subscriptions/a.yaml": manifest("assumed"),
  "subscriptions/g.yaml": manifest("given", { tail: "  historicalRate: 5" }),
};

test("text: only the group whose manifest states its rate has an estimate", async () => {
  const { out } = await runWorld({ argv: "plan", files });
  expect(out.split("\n").filter((line) => line.startsWith("  + "))).toEqual([
    "  + https://events.example.com/assumed  2 event types",
    "  + https://events.example.com/given  2 event types, about 8 events/s",
  ]);
});

test("Markdown: likewise", async () => {
  const { out } = await runWorld({ argv: "plan --output markdown", files });
  expect(out).toContain("| `██░░░░░░░░` 2/15 | the consumer group is new |");
  expect(out).toContain("| `██░░░░░░░░` 2/15, 8 events/s | the consumer group is new |");
});

const seen = ({ groups }: { readonly groups: readonly SeenGroup[] }) =>
  groups.map(({ group, rateAssumed, endpoints }) => [
    ...[group, rateAssumed],
    ...endpoints.map(({ estimatedThroughput }) => estimatedThroughput),
  ]);
interface SeenGroup {
  readonly group: string;
  readonly rateAssumed?: true;
  readonly endpoints: readonly { readonly estimatedThroughput: number }[];
}

test("JSON keeps the estimate and marks it, in results and in saved plans", async () => {
  const { out, world } = await runWorld({ argv: "plan --output json --out p.json", files });
  const expected = [
    ["assumed", true, 160],
    ["given", undefined, 8],
  ];
  expect(seen(JSON.parse(out) as never)).toEqual(expected);
  const saved = JSON.parse(world.files.text("p.json")) as { plan: never };
  expect(seen(saved.plan)).toEqual(expected);
  const applied = await runWorld({ argv: "apply p.json", from: world });
  expect(applied.out.match(/\d+ event types.*/g)).toEqual([
    "2 event types",
    "2 event types, about 8 events/s",
    "0 event types moved",
  ]);
});

test.each(["rollback --last --yes", "release --group given --yes"])(
  "`%s` asks no manifest for a rate, so its estimates are assumed",
  async (argv) => {
    const { world } = await runWorld({ argv: "", files });
    world.files.set("subscriptions/g.yaml", manifest("given", { eventTypes: ["a.created"] }));
    await runWorld({ argv: "", from: world });
    const { out } = await runWorld({ argv: `${argv} --dry-run --output json`, from: world });
    const { groups } = JSON.parse(out) as { readonly groups: readonly SeenGroup[] };
    expect(groups.map(({ group, rateAssumed }) => [group, rateAssumed])).toEqual([["given", true]]);
    const text = await runWorld({ argv: `${argv} --dry-run`, from: world });
    expect(text.out).toContain("https://events.example.com/given");
    expect(text.out).not.toContain("events/s");
  },
);

test("the dashboard's map", () => {
  const endpoint = {
    url: "https://a.example.com/x",
    eventTypes: ["a"],
    estimatedThroughput: 80,
    webhookId: "w",
  };
  const group = {
    ...{ endpoints: [endpoint], moves: [], skipped: null, frozen: null, capacity: 15, unchanged: 1 },
    ...{ place: { file: "a.yaml", line: 1, column: 1 }, state: "enabled", explanation: null },
  };
  const groups = [
    { ...group, group: "assumed", rateAssumed: true },
    { ...group, group: "given" },
  ];
  const shown = { result: { groups, operations: [] }, lastChange: null } as unknown as PassResults;
  const rates = makeMap(shown).map(({ name, throughput, endpoints }) => [
    ...[name, throughput],
    ...endpoints.map((one) => one.throughput),
  ]);
  expect(rates).toEqual([
    ["assumed", 0, 0],
    ["given", 80, 80],
  ]);
});
