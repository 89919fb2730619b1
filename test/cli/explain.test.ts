// `--explain`, and groups that are skipped: what a reviewer sees of them.
import { expect, test } from "vitest";
import type { Result } from "../../src/model/result.ts";
import { manifest, putWebhook, runWorld } from "../support/world.ts";

const eventTypes = ["a.one", "a.two", "a.three", "a.four", "a.five"];
const [one, two, three] = [1, 2, 3].map((number) => `https://events.example.com/p${number}`) as [
  string,
  string,
  string,
];

test("--explain shows shares, what stays, what moves and why, and the least that must", async () => {
  const before = { "subscriptions/g.yaml": manifest("g", { eventTypes, pool: [one, two] }) };
  const first = await runWorld({ argv: "sync", files: before });
  await first.world.files.write("subscriptions/g.yaml", manifest("g", { eventTypes, pool: [two, three] }));
  const json = await runWorld({ argv: "plan --explain --output json", from: first.world });
  const [group] = (JSON.parse(json.out) as Result).groups;
  const at = { weight: 1, share: "5/2 (2.50)", added: [], leave: [] };
  expect([json.status, group?.explanation]).toEqual([
    0,
    {
      endpoints: [
        { ...at, url: two, quota: 2, holds: 2, stay: ["a.two", "a.four"], arrive: [] },
        { ...at, url: three, quota: 3, holds: 0, stay: [], arrive: ["a.one", "a.three", "a.five"] },
      ],
      left: [{ url: one, eventTypes: ["a.one", "a.three", "a.five"] }],
      live: 5,
      leastMoves: 3,
    },
  ]);
  expect(group?.moves.map(({ from, to }) => [from, to])).toEqual(
    Array.from({ length: 3 }, () => [one, three]),
  );
});

test("--explain counts no moves of a group of which nothing is live, nor where all stays", async () => {
  const files = { "subscriptions/g.yaml": manifest("g", { eventTypes, pool: [one, two] }) };
  const fresh = await runWorld({ argv: "plan --explain", files });
  expect(fresh.out).toContain("\n    none of its event types is live yet, so none moves\n");
  const { world } = await runWorld({ argv: "sync", files });
  const { out } = await runWorld({ argv: "plan --explain", from: world });
  expect(out).toContain("\n    all 5 live event types stay\n");
});

test("a group that is skipped is neither planned nor counted as unchanged", async () => {
  const files = { "subscriptions/g.yaml": manifest("g"), "subscriptions/h.yaml": manifest("h") };
  const first = await runWorld({ argv: "sync", files });
  putWebhook(first.world.state, { id: "1", group: "g", name: "by-hand" });
  const second = await runWorld({ argv: "sync --output json", from: first.world });
  expect(second.status).toBe(1);
  const result = JSON.parse(second.out) as {
    summary: Record<string, number>;
    groups: { group: string; skipped: string | null }[];
  };
  expect(result.summary).toMatchObject({ unchanged: 1, update: 0, skipped: 0 });
  expect(result.groups.map(({ group, skipped }) => [group, skipped])).toEqual([
    ["g", expect.stringContaining('webhook "by-hand"')],
    ["h", null],
  ]);
  const shown = await runWorld({ argv: "plan", from: first.world });
  expect(shown.out).toMatch(/^g {2}subscriptions\/g\.yaml:1\n {4}skipped\n$/m);
});
