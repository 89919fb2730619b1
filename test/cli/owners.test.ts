// Owners change: one takes over what another had, and one gives up what it has. Nothing stops delivering meanwhile.
import { expect, test } from "vitest";
import type { SavedPlan } from "../../src/model/saved-plan.ts";
import { kinds, webhooks, type TestKind } from "../support/kinds.ts";
import { seeWorld } from "../support/see.ts";
import { manifest, methodsOf, putWebhook, runWorld, trailPath, type TestWorld } from "../support/world.ts";

const config = (owner: string): string =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: ${owner}\n`;

/** Two groups of a kind that owner "old" has synced; the config then names owner "new". */
async function renamedOwner(kind: TestKind): Promise<TestWorld> {
  const { world, status } = await runWorld({
    argv: "sync",
    files: {
      "reconcile.yaml": config("old"),
      "subscriptions/alpha.yaml": manifest("alpha", { kind }),
      "subscriptions/beta.yaml": manifest("beta", { kind }),
    },
  });
  expect(status).toBe(0);
  world.files.set("reconcile.yaml", config("new"));
  return world;
}

const described = (kind: TestKind, { state }: TestWorld): string[] =>
  kind.stored(state).map(({ description }) => description);

/** What is live, without its owner. */
const deliveries = (kind: TestKind, { state }: TestWorld) =>
  kind.stored(state).map(({ description, ...rest }) => ({ ...rest, group: description.split(" | ")[0] }));

test.each(kinds)(
  "--adopt-from takes $nouns of declared groups over from that owner, in place",
  async (kind) => {
    const from = await renamedOwner(kind);
    from.files.take("subscriptions/beta.yaml");
    const before = deliveries(kind, from);
    const refused = await seeWorld({ argv: "plan", from });
    expect(refused.codes).toEqual(["ownership/otherOwner"]);
    expect(refused.about("ownership/otherOwner")[0]?.hint).toContain("--adopt-from old");
    const plan = await seeWorld({ argv: "plan --adopt-from old", from });
    expect([plan.status, new Set(plan.became)]).toEqual([0, new Set(["adopt alpha planned"])]);
    expect(plan.result.operations[0]?.reason).toMatch(/^taken over from owner "old"/);
    const sync = await seeWorld({ argv: "sync --adopt-from old", from });
    expect([sync.status, new Set(sync.became)]).toEqual([0, new Set(["adopt alpha applied"])]);
    expect(new Set(methodsOf(sync.world))).toEqual(new Set(["PUT"]));
    expect(deliveries(kind, from)).toEqual(before);
    const owners = described(kind, from).map((text) =>
      /group: (\w+).*\((\w+)\)$/.exec(text)?.slice(1).join(),
    );
    expect(new Set(owners)).toEqual(new Set(["alpha,new", "beta,old"]));
    expect((await seeWorld({ argv: "plan", from })).result).toMatchObject({ ok: true, operations: [] });
  },
);

test("--adopt-from takes nothing from a third owner, and nothing that has none", async () => {
  const { world: from } = await runWorld({
    argv: "plan",
    files: { "reconcile.yaml": config("new"), "subscriptions/alpha.yaml": manifest("alpha") },
  });
  putWebhook(from.state, { id: "w1", group: "alpha", owner: "third" });
  const third = await seeWorld({ argv: "sync --adopt-from old", from });
  expect([third.status, third.codes]).toEqual([1, ["ownership/otherOwner"]]);
  putWebhook(from.state, { id: "w1", group: "alpha" });
  const none = await seeWorld({ argv: "sync --adopt-from old", from });
  expect([none.status, none.codes]).toEqual([1, ["ownership/unmarked"]]);
});

test("--adopt-from with this config's own owner, or with no possible owner, is an error", async () => {
  const files = { "reconcile.yaml": config("new"), "subscriptions/alpha.yaml": manifest("alpha") };
  const self = await seeWorld({ argv: "plan --adopt-from new", files });
  expect([self.status, self.codes]).toEqual([1, ["adoptFrom/sameOwner"]]);
  const { status, err } = await runWorld({ argv: ["plan", "--adopt-from", "no owner"], files });
  expect([status, err]).toEqual([1, expect.stringContaining("1 to 63 letters")]);
});

test("a saved plan holds --adopt-from", async () => {
  const from = await renamedOwner(webhooks);
  await runWorld({ argv: "plan --adopt-from old --out plan.json", from });
  const { overrides } = JSON.parse(from.files.text("plan.json")) as SavedPlan;
  expect(overrides.adoptFrom).toBe("old");
  const applied = await seeWorld({ argv: "apply plan.json", from });
  expect(applied.became).toEqual(["adopt alpha applied", "adopt beta applied"]);
});

test.each(kinds)("release takes the marker off a group's $nouns, and nothing else", async (kind) => {
  const from = await renamedOwner(kind);
  from.files.set("reconcile.yaml", config("old"));
  const before = deliveries(kind, from);
  const dry = await seeWorld({ argv: "release --group alpha --dry-run", from });
  expect([dry.status, new Set(dry.became), methodsOf(dry.world)]).toEqual([
    0,
    new Set(["update alpha planned"]),
    [],
  ]);
  const released = await seeWorld({ argv: "release --group alpha", from });
  expect([released.status, new Set(released.became)]).toEqual([0, new Set(["update alpha applied"])]);
  expect(released.about("release/manifestLeft")).toMatchObject([
    { severity: "warning", file: "subscriptions/alpha.yaml" },
  ]);
  expect(deliveries(kind, from)).toEqual(before);
  const marked = described(kind, from).filter((text) => text.includes("Managed by"));
  expect(marked.every((text) => text.includes("beta"))).toBe(true);
  const records = from.files.text(trailPath).split("\n").slice(-12).join("\n");
  expect(records).toMatch(/"event":"change.applied","operation":"update","group":"alpha"/);
  const sync = await seeWorld({ argv: "sync", from });
  expect([sync.status, sync.codes]).toEqual([1, ["ownership/unmarked"]]);
  from.files.take("subscriptions/alpha.yaml");
  expect((await seeWorld({ argv: "sync --prune", from })).result).toMatchObject({
    ...{ ok: true, operations: [], orphans: [] },
  });
  expect(deliveries(kind, from)).toEqual(before);
});

test("release names a group that this owner does not have, and writes nothing", async () => {
  const from = await renamedOwner(webhooks);
  const released = await seeWorld({ argv: "release --group alpha", from });
  expect([released.status, released.codes, methodsOf(released.world)]).toEqual([1, ["group/unknown"], []]);
  const { status, err } = await runWorld({ argv: "release", from });
  expect([status, err]).toEqual([1, expect.stringContaining("--group")]);
});

test("release works without a manifest, and beside invalid ones", async () => {
  const from = await renamedOwner(webhooks);
  from.files.set("reconcile.yaml", config("old"));
  from.files.take("subscriptions/alpha.yaml");
  from.files.set("subscriptions/beta.yaml", "kind: nonsense\n");
  const released = await seeWorld({ argv: "release --group alpha", from });
  expect([released.status, released.became]).toEqual([0, ["update alpha applied"]]);
  expect(released.about("release/manifestLeft")[0]?.message).toMatch(/^the manifests are invalid/);
});

test("release asks on a terminal", async () => {
  const from = await renamedOwner(webhooks);
  from.files.set("reconcile.yaml", config("old"));
  const asked = { argv: "release --group alpha", from, terminal: true };
  const no = await runWorld({ ...asked, answers: ["n"] });
  expect([no.status, methodsOf(no.world)]).toEqual([1, []]);
  expect(no.err).toContain("Apply this plan to");
  const yes = await runWorld({ ...asked, answers: ["y"] });
  expect([yes.status, methodsOf(yes.world)]).toEqual([0, ["PUT"]]);
});

test("what was released can be taken back by a rollback", async () => {
  const from = await renamedOwner(webhooks);
  from.files.set("reconcile.yaml", config("old"));
  await runWorld({ argv: "release --group alpha", from });
  const back = await seeWorld({ argv: "rollback --last", from });
  expect([back.status, back.became]).toEqual([0, ["adopt alpha applied"]]);
  expect(described(webhooks, from).every((text) => text.endsWith("(old)"))).toBe(true);
});
