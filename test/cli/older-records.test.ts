// Whose the records of a trail are: those of older versions, of other organisations and of other owners.
import { expect, test } from "vitest";
import type { WorldOptions } from "../support/world.ts";
import { reseal } from "../support/reseal.ts";
import {
  manifest,
  plantTrail,
  runWorld,
  trailOf,
  trailPath,
  writesOf,
  type Entry,
  type TestWorld,
} from "../support/world.ts";

const files = {
  "subscriptions/alpha.yaml": manifest("alpha"),
  "subscriptions/beta.yaml": manifest("beta"),
};
const acme = { id: "acme-1", name: "Acme" };
const other = { id: "other-2", name: "Other" };

const go = (argv: string, options: Partial<WorldOptions> = {}) =>
  runWorld({ argv, files, organisation: acme, ...options });

/** A world whose trail an older version wrote, with what it made live or without it. */
async function olderWorld({ isLive }: { readonly isLive: boolean }): Promise<TestWorld> {
  const { world } = await go("");
  const older = reseal(world.files.text(trailPath), () => ({ owner: undefined, organization: undefined }));
  if (!isLive) world.state.webhooks.clear();
  plantTrail(world.files, older);
  world.files.take(".reconcile/metrics.json");
  return world;
}

const eventsOf = (world: TestWorld): readonly string[] => trailOf(world.files).map(({ event }) => event);

test("records of an older version count where what they leave live is live: drift is found, the run is rolled back", async () => {
  const from = await olderWorld({ isLive: true });
  const [[id, webhook] = []] = [...from.state.webhooks];
  if (id && webhook) from.state.webhooks.set(id, { ...webhook, state: "disabled" });
  const { out } = await go("plan --output json", { from });
  expect((JSON.parse(out) as { drift: unknown[] }).drift).toHaveLength(1);
  expect(out).not.toContain("audit claim");
  const back = await go("rollback --last --dry-run --force --allow-deletes", { from });
  expect([back.status, back.out]).toEqual([
    0,
    expect.stringContaining("Plan: 0 to create, 0 to update, 2 to delete"),
  ]);
});

test("else they are another one's: a pass warns, status says so, and no run of theirs is taken back", async () => {
  const from = await olderWorld({ isLive: false });
  const { status, out, world } = await go("", { from });
  expect([status, world.state.webhooks.size]).toEqual([0, 2]);
  const said = "of the 2 resources that they leave live, 0 are live in Acme (acme-1)";
  expect(out).toContain(said);
  const shown = await go("status", { from: world });
  expect(shown.out).toContain(said);
  const [first] = trailOf(world.files);
  const back = await go(`rollback --run ${first?.runId ?? ""}`, { from: world });
  expect([back.status, writesOf(back.world)]).toEqual([1, []]);
  expect(back.err).toContain("reconcile audit claim");
});

test("a claim is on record, and counts from then on", async () => {
  const from = await olderWorld({ isLive: false });
  const count = trailOf(from.files).length;
  const dry = await go("audit claim --dry-run", { from });
  expect([dry.status, dry.out]).toEqual([
    0,
    `Would claim for Acme (acme-1): ${count} records of 1 run about 2 resources.\n`,
  ]);
  const { status, out, world } = await go("audit claim --yes", { from });
  expect([status, out]).toEqual([0, expect.stringMatching(/^Claimed for Acme/)]);
  expect(trailOf(world.files).at(-1)).toMatchObject({
    event: "trail.claimed",
    owner: "default",
    organization: acme,
    claims: { before: count + 1, records: count },
  });
  expect((await go("audit verify", { from: world })).status).toBe(0);
  const planned = await go("plan", { from: world });
  expect(planned.out).not.toContain("audit claim");
  const again = await go("audit claim", { from: world });
  expect([again.status, again.out]).toEqual([0, expect.stringContaining("Nothing to claim")]);
});

test("on a terminal a claim asks, and a no writes nothing", async () => {
  const from = await olderWorld({ isLive: false });
  const before = from.files.text(trailPath);
  const no = await go("audit claim", { from, terminal: true, answers: ["n"] });
  expect([no.status, no.world.files.text(trailPath)]).toEqual([1, before]);
  const yes = await go("audit claim", { from, terminal: true, answers: ["y"] });
  expect([yes.status, eventsOf(yes.world).at(-1)]).toEqual([0, "trail.claimed"]);
});

/** Leaves the outcome of its write open, as a crash does. */
function cutShort(world: TestWorld): void {
  const lines = world.files.text(trailPath).split("\n");
  const last = lines.findLastIndex((line) => line.includes('"event":"change.intended"'));
  const before = lines.slice(0, last + 1).filter((line) => !line.includes('"event":"change.applied"'));
  plantTrail(world.files, reseal(`${before.join("\n")}\n`));
}

test("an open intent of another organisation is neither closed nor shown, and its run is not taken back", async () => {
  const { world } = await go("", { organisation: other });
  cutShort(world);
  const [first] = trailOf(world.files);
  // Another machine with this trail, in another organisation.
  world.state.webhooks.clear();
  for (const kept of ["organizations.json", "metrics.json"]) world.files.take(`.reconcile/${kept}`);
  const synced = await go("", { from: world });
  const closed = (entries: readonly Entry[]): unknown =>
    entries.filter(({ error }) => error?.includes("ended before"));
  expect([synced.status, closed(trailOf(synced.world.files))]).toEqual([0, []]);
  const status = await go("status --output json", { from: synced.world });
  expect(JSON.parse(status.out)).toMatchObject({ openIntents: [], metrics: { totalAttempts: 2 } });
  const theirs = await go("status --output json --organization other-2", { from: synced.world });
  expect((JSON.parse(theirs.out) as { openIntents: unknown[] }).openIntents).toHaveLength(2);
  const back = await go(`rollback --run ${first?.runId ?? ""}`, { from: synced.world });
  expect([back.status, back.err]).toEqual([
    1,
    expect.stringContaining("was in organisation Other (other-2), and this is Acme (acme-1)"),
  ]);
  const last = await go("rollback --last --dry-run --allow-deletes", { from: synced.world });
  expect(last.out).toContain("2 to delete");
});

test("two owners of one trail have each their own figures and runs", async () => {
  const { world } = await go("");
  world.files.set(
    "other.yaml",
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: other\nmanifests: others\naudit: { file: audit-logs/subscription_audit.log }\n",
  );
  world.files.set("others/gamma.yaml", manifest("gamma"));
  const theirs = await go("--config other.yaml", { from: world });
  expect([theirs.status, trailOf(theirs.world.files).at(-1)]).toMatchObject([
    0,
    { owner: "other", metrics: { totalAttempts: 1 } },
  ]);
  const ours = await go("status --output json", { from: theirs.world });
  expect(JSON.parse(ours.out)).toMatchObject({ lastRun: null, metrics: { totalAttempts: 2 } });
  const back = await go("rollback --last --dry-run --allow-deletes", { from: theirs.world });
  expect(back.out).toContain("2 to delete");
  const ofOther = await go("rollback --last --dry-run --allow-deletes --owner other", {
    from: theirs.world,
  });
  expect(ofOther.out).toContain("1 to delete");
  const log = await go("audit log --json --owner other", { from: theirs.world });
  expect(
    log.out
      .split("\n")
      .filter(Boolean)
      .every((line) => line.includes('"owner":"other"')),
  ).toBe(true);
});
