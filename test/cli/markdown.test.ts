// `--output markdown`: for a pull request comment.
import { expect, test } from "vitest";
import { answer, manifest, putWebhook, runWorld } from "../support/world.ts";

const [one, two] = ["https://events.example.com/p1?key=hidden", "https://events.example.com/p2"] as const;
const eventTypes = ["a.one", "a.two", "a.three"];

test("a sentence first, then a table a group with its load, and the event types folded", async () => {
  const first = await runWorld({
    argv: "sync",
    files: {
      "subscriptions/g.yaml": manifest("g", { eventTypes, pool: [one] }),
      "subscriptions/same.yaml": manifest("same"),
    },
  });
  first.world.files.set(
    "subscriptions/g.yaml",
    manifest("g", { eventTypes: [...eventTypes, "a.four"], pool: [one, two] }),
  );
  const { status, out } = await runWorld({ argv: "plan --output markdown", from: first.world });
  expect(status).toBe(0);
  const warnings = out.split("\n").filter((line) => line.startsWith("- **warning**"));
  expect(warnings).toHaveLength(2);
  expect(out.replaceAll(/^- \*\*warning\*\*.*\n/gm, "")).toBe(`<!-- reconcile -->
**A sync creates 1 webhook and updates 1; 1 event type moves to another endpoint.**

mypurecloud.com as owner "default" · 1 webhook unchanged


#### \`g\` — \`subscriptions/g.yaml:1\`

| | endpoint | event types | load | why |
|---|---|---:|---|---|
| update | \`https://events.example.com/p1?…\` | 3 → 2 | \`██░░░░░░░░\` 2/15 | hands 1 event type to another endpoint |
| create | \`https://events.example.com/p2\` | 0 → 2 | \`██░░░░░░░░\` 2/15 | the group is split over its pool |

<details><summary>1 event type moves, 1 event type added</summary>

- \`a.three\`: \`https://events.example.com/p1?…\` → \`https://events.example.com/p2\`
- \`a.four\`: added at \`https://events.example.com/p2\`

</details>
`);
  expect(out).not.toContain("hidden");
});

test.each([
  ["nothing to do", "plan", {}, "Nothing to do: everything is as the manifests declare."],
  ["what was done", "", { "subscriptions/new.yaml": manifest("new") }, "This run created 1 webhook."],
  ["no plan", "plan", { "subscriptions/new.yaml": "kind: Nonsense" }, "No plan. 1 error: see below."],
])("the sentence says %s", async (_, argv, more, sentence) => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/g.yaml": manifest("g") } });
  for (const [path, text] of Object.entries(more)) world.files.set(path, text);
  const { out } = await runWorld({ argv: `${argv} --output markdown`, from: world });
  expect(out.split("\n")[1]).toBe(`**${sentence}**`);
});

test("with a base: what this change does, and the rest folded apart", async () => {
  const base = {
    "subscriptions/g.yaml": manifest("g"),
    "subscriptions/gone.yaml": manifest("gone"),
    "subscriptions/late.yaml": manifest("late"),
    "subscriptions/never.yaml": manifest("never"),
  };
  const { world } = await runWorld({ argv: "--group g gone", files: base });
  for (const [id, webhook] of world.state.webhooks)
    if (webhook.description.includes("g.json"))
      world.state.webhooks.set(id, { ...webhook, state: "disabled" });
  world.files.take("subscriptions/gone.yaml");
  world.files.take("subscriptions/never.yaml");
  const frozen = manifest("cold").replace(
    "name: cold",
    "name: cold\n  annotations: { reconcile.genesys/freeze: now }",
  );
  world.files.set("subscriptions/cold.yaml", frozen);
  const { out } = await runWorld({
    argv: "plan --base main --output markdown",
    from: world,
    revisions: { main: base },
  });
  expect(out).toBe(`<!-- reconcile -->
**This change changes no webhook. 2 more operations were pending before it. 1 operation is held back by a freeze. 1 webhook of a group without a manifest goes on delivering.**

mypurecloud.com as owner "default" · compared with main (ccccccc)

**No manifest any more**: \`gone\`. Their live resources keep delivering until a run with \`--prune\`.

- **warning**: group "cold" is frozen (now): 1 operation is held back (\`subscriptions/cold.yaml:1\`); take the annotation reconcile.genesys/freeze away to let the group go on

#### \`cold\` — \`subscriptions/cold.yaml:1\`

**Frozen**, so it is left unchanged: now

| | endpoint | event types | load | why |
|---|---|---:|---|---|
| create | \`https://events.example.com/cold\` | 0 → 2 | \`██░░░░░░░░\` 2/15 | the consumer group is new — **skipped** |

<details><summary>2 event types added</summary>

- \`a.created\`: added at \`https://events.example.com/cold\`
- \`a.ended\`: added at \`https://events.example.com/cold\`

</details>

<details><summary>2 operations of 2 groups were pending before this change</summary>

| | endpoint | event types | group | why |
|---|---|---:|---|---|
| update | \`https://events.example.com/g\` | 2 | \`g\` | changed outside this repository; state disabled → enabled |
| create | \`https://events.example.com/late\` | 0 → 2 | \`late\` | the consumer group is new |

</details>

<details><summary>1 operation that was pending is no longer needed with this change</summary>

- create of \`https://events.example.com/never\` in \`never\`

</details>

<details><summary>1 webhook was changed outside this repository since the last run</summary>

- \`g\`: \`https://events.example.com/g\`: state

</details>

<details><summary>1 webhook of 1 group without a manifest (--prune deletes them)</summary>

- \`gone\`: \`https://events.example.com/gone\` (this change removes its manifest)

</details>
`);
});

test("what is wrong stands below the sentence, and nobody's text becomes markup", async () => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/g.yaml": manifest("g") } });
  putWebhook(world.state, {
    id: "1",
    group: "g",
    name: "<img> [x](y) | @all https://x.example/?token=abc",
  });
  const { status, out } = await runWorld({ argv: "plan --output markdown", from: world });
  expect(status).toBe(1);
  expect(out.split("\n").find((line) => line.startsWith("- "))).toBe(
    '- **error**: webhook "&lt;img> \\[x\\](y) \\| @&#8203;all https:&#8203;//x.example/?…" (id 1) of group "g" has no owner, so the group is skipped (`subscriptions/g.yaml:1`); pass --adopt to take it over, or remove the manifest to leave it alone',
  );
  expect(out).toContain("**Skipped**: see the error above.");
});

test("a deleted webhook has a row, a refused one says so", async () => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/g.yaml": manifest("g") } });
  for (const id of ["1", "2"]) putWebhook(world.state, { id, group: `old-${id}`, owner: "default" });
  const { out } = await runWorld({ argv: "plan --prune --output markdown", from: world });
  expect(out).toMatch(
    /^\| delete \| `https:\/\/events\.example\.com\/old-1` \| 2 → 0 \| {2}\| no manifest declares this group — \*\*skipped\*\*: would delete 2 of 2/m,
  );
});

test("validate: its own line is the sentence", async () => {
  const files = { "subscriptions/g.yaml": manifest("g") };
  const { out } = await runWorld({ argv: "validate --output markdown", files });
  expect(out).toBe("<!-- reconcile -->\n**1 manifest is valid**\n");
});

/** Each table row and each block is whole. */
function expectWhole(out: string): void {
  expect(out.length).toBeLessThan(65_536);
  expect(out.match(/<details>/g)?.length ?? 0).toBe(out.match(/<\/details>/g)?.length ?? 0);
  for (const line of out.split("\n").filter((text) => text.startsWith("| ")))
    expect(line.split("|")).toHaveLength(7);
  expect(out.endsWith("\n")).toBe(true);
}

test("it stays below what GitHub takes, and says what it leaves out", async () => {
  const groups = Array.from({ length: 400 }, (_, index) => `group-${index}`);
  const files = Object.fromEntries(groups.map((group) => [`subscriptions/${group}.yaml`, manifest(group)]));
  const { out } = await runWorld({ argv: "plan --output markdown", files });
  expectWhole(out);
  const shown = out.match(/^#### /gm)?.length ?? 0;
  expect(shown).toBeGreaterThan(90);
  expect(out).toContain(
    `_… and ${400 - shown} more groups with changes: see the job's log, or \`--output json\`._\n`,
  );
});

test("nor do long names, many problems, a great deal of drift, or what was pending make it too long", async () => {
  const long = (text: string): string => text + "@".repeat(900);
  const { world } = await runWorld({ argv: "", files: { "subscriptions/g.yaml": manifest("g") } });
  for (let index = 0; index < 150; index += 1) {
    const name = `group-${index}`;
    world.files.set(`subscriptions/${name}.yaml`, manifest(name));
    const owner = index < 50 ? {} : { owner: "default" };
    const group = index < 100 ? name : long(name);
    putWebhook(world.state, {
      id: `w${index}`,
      group,
      name: long("n"),
      endpoint: long(`https://x/${index}`),
      ...owner,
    });
  }
  const { out } = await runWorld({
    argv: "plan --base main --output markdown",
    from: world,
    revisions: { main: { "subscriptions/group-120.yaml": manifest("group-120") } },
  });
  expectWhole(out);
  expect(out).toMatch(/^- … and \d+ more problems: see the job's log$/m);
  expect(out).toMatch(/^_… and \d+ more groups with changes/m);
});

test("a failed write says so in its row", async () => {
  const { out } = await runWorld({
    argv: "--output markdown",
    files: { "subscriptions/g.yaml": manifest("g") },
    intercept: (request, forward) =>
      request.method === "POST" && request.url.endsWith("/webhooks")
        ? answer(400, { message: "no <b>thanks</b>" })
        : forward(),
  });
  expect(out).toMatch(/^\*\*This run changes no webhook\. 1 operation failed\. 1 error: see below\.\*\*$/m);
  expect(out).toMatch(/the consumer group is new — \*\*failed\*\*: .*no &lt;b>thanks&lt;\/b> \|$/m);
});
