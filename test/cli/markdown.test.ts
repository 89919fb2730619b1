// `--output markdown`: for a pull request comment.
import { expect, test } from "vitest";
import { manifest, putWebhook, runWorld } from "../support/world.ts";

const [one, two] = ["https://events.example.com/p1?key=hidden", "https://events.example.com/p2"] as const;

test("the count first, then a table a group with its capacity, and the moves folded", async () => {
  const eventTypes = ["a.one", "a.two", "a.three"];
  const first = await runWorld({
    argv: "sync",
    files: {
      "subscriptions/g.yaml": manifest("g", { eventTypes, pool: [one] }),
      "subscriptions/same.yaml": manifest("same"),
    },
  });
  first.world.files.set("subscriptions/g.yaml", manifest("g", { eventTypes, pool: [one, two] }));
  const { status, out } = await runWorld({ argv: "plan --output markdown", from: first.world });
  expect(status).toBe(0);
  const [summary, ...rest] = out.split("\n");
  expect(summary).toBe(
    '**Plan: 1 to create, 1 to update, 0 to delete, 0 to adopt, 1 unchanged; 1 event type moves** (mypurecloud.com as owner "default")',
  );
  expect(rest.join("\n")).toContain(`
#### \`g\` — \`subscriptions/g.yaml:1\`

| | endpoint | event types | about events/s | why |
|---|---|---:|---:|---|
| ~ | \`https://events.example.com/p1?…\` | 2 | 160 | hands 1 event type to another endpoint |
| + | \`https://events.example.com/p2\` | 1 | 80 | the group is split over its pool |

<details><summary>1 event type moves</summary>

- \`a.three\`: \`https://events.example.com/p1?…\` → \`https://events.example.com/p2\`

</details>
`);
  expect(out).not.toContain("same");
  expect(out).not.toContain("hidden");
});

test("what is wrong stands below the count, and nobody's text becomes markup", async () => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/g.yaml": manifest("g") } });
  putWebhook(world.state, { id: "1", group: "g", name: "<img> [x](y) | @all" });
  const { status, out } = await runWorld({ argv: "plan --output markdown", from: world });
  expect(status).toBe(1);
  expect(out.split("\n")[2]).toBe(
    '- **error**: webhook "&lt;img> \\[x\\](y) \\| @&#8203;all" (id 1) of group "g" is managed by nobody, so the group is skipped (`subscriptions/g.yaml:1`); pass --adopt to take it over, or delete it',
  );
});

test("a deleted webhook has a row, a failed one says so", async () => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/g.yaml": manifest("g") } });
  for (const id of ["1", "2"]) putWebhook(world.state, { id, group: `old-${id}`, owner: "default" });
  const { out } = await runWorld({ argv: "plan --prune --output markdown", from: world });
  expect(out).toMatch(
    /^\| - \| `https:\/\/events\.example\.com\/old-1` \| {2}\| {2}\| no manifest declares this group — \*\*skipped\*\*: would delete 2 of 2/m,
  );
});

test("it stays below what GitHub takes, and says what it leaves out", async () => {
  const groups = Array.from({ length: 400 }, (_, index) => `group-${index}`);
  const files = Object.fromEntries(groups.map((group) => [`subscriptions/${group}.yaml`, manifest(group)]));
  const { out } = await runWorld({ argv: "plan --output markdown", files });
  expect(out.length).toBeLessThan(65_536);
  const shown = out.match(/^#### /gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(100);
  expect(out).toContain(`_${400 - shown} more groups with changes, not shown here._`);
});
