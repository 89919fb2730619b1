// Somebody watches the trail on CI machines, too: each job has the head that the last run kept, and its summary says so.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import type { Event, Ran } from "./run-workflow.ts";
import { startActionWorld, type ActionWorld } from "./world.ts";

const slow = 240_000;
const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: default\n";
const nothing = /^Audit trail: nothing was compared, because this job has no head of an earlier run/m;
const ends = /The trail now ends with (record \d+, `[0-9a-f]{64}`)\./;

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
}, slow);
afterAll(() => {
  world.close();
});

const merge = (group: string): Promise<Ran> => {
  world.commit("main", { "reconcile.yaml": config, [`subscriptions/${group}.yaml`]: manifest(group) });
  const event: Event = { name: "push", ref: "refs/heads/main", secrets: world.secrets };
  return world.run("apply", event);
};

/** The newest cache's copy of the trail. */
const cachedTrail = (): string =>
  join(world.caches.at(-1)?.folder ?? "", "audit-logs/subscription_audit.log");

test(
  "the summary says that nothing was compared, then with which head, and a trail that was cut stops the run",
  { timeout: slow },
  async () => {
    const first = await merge("alpha");
    expect(first.jobs["plan"]?.summary).toMatch(nothing);
    expect(first.jobs["plan"]?.summary).not.toMatch(ends);
    expect(first.jobs["apply"]?.summary).toMatch(nothing);
    const [, head = ""] = ends.exec(first.jobs["apply"]?.summary ?? "") ?? [];
    expect(head).toContain("record 4, ");

    const second = await merge("beta");
    const compared = `Audit trail: reconcile compares the trail with the head that an earlier run kept: ${head}.`;
    expect(second.jobs["plan"]?.summary).toContain(compared);
    expect(second.jobs["apply"]?.summary).toContain(compared);
    expect(second.jobs["apply"]?.summary).toMatch(/The trail now ends with record 8, /);

    const lines = readFileSync(cachedTrail(), "utf8").trimEnd().split("\n");
    writeFileSync(cachedTrail(), `${lines.slice(0, -2).join("\n")}\n`);
    const cut = await merge("gamma");
    expect(cut.jobs["plan"]?.summary).toContain("this machine last saw record 8");
    expect(cut.jobs["apply"]?.result).toBe("failure");
    expect(cut.jobs["apply"]?.log).toContain("[audit/cut]");
    rmSync(cachedTrail());
    expect((await merge("delta")).jobs["apply"]?.log).toContain("[audit/gone]");
  },
);

test("a command that does not use the trail says nothing of it", { timeout: slow }, async () => {
  const event: Event = { name: "merge_group", ref: "refs/heads/main", secrets: world.secrets };
  const { jobs } = await world.run("plan", event);
  expect(jobs["validate"]?.summary).not.toContain("Audit trail");
});
