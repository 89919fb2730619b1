// `--explain`, and groups that are skipped: what a reviewer sees of them.
import { expect, test } from "vitest";
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
  const grown = await runWorld({ argv: "plan --explain", from: first.world });
  expect(grown.status).toBe(0);
  expect(/^ {2}why\n([^]*?)\n\n/m.exec(grown.out)?.[1]).toBe(
    [
      `    ${two}  weight 1, share 5/2 (2.50): gets 2, holds 2, 2 stay`,
      `    ${three}  weight 1, share 5/2 (2.50): gets 3, holds 0, 0 stay, 3 move here`,
      `    ${one}  not in use any more: 3 event types must go`,
      `    3 event types move: the group no longer uses ${one}`,
      "    2 of 5 live event types stay; no balanced assignment moves fewer than 3",
    ].join("\n"),
  );
  const json = await runWorld({ argv: "plan --explain --output json", from: first.world });
  const [group] = (JSON.parse(json.out) as { groups: { explanation: unknown }[] }).groups;
  expect(group?.explanation).toMatchObject({ live: 5, leastMoves: 3 });
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
