// The job's summary names the head of the trail, so that a later one can be compared with it, and says what was compared.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import { runWorkflow, type Event, type Ran } from "./run-workflow.ts";
import {
  deleteWebhooks,
  fillIn,
  projectRoot,
  readWorkflow,
  startActionWorld,
  type ActionWorld,
} from "./world.ts";

const slow = 240_000;
const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: default\nstate: { store: git }\n";
const nothing = /^Audit trail: nothing was compared, because this job has no head of an earlier run/m;
const unseen = /^Audit trail: this runner has no head of an earlier run/m;
const ends = /The trail ends with record (\d+), `([0-9a-f]{64})`\.$/m;

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
}, slow);
afterAll(() => {
  world.close();
}, slow);

const merge = (group: string): Promise<Ran> => {
  world.commit("main", { "reconcile.yaml": config, [`subscriptions/${group}.yaml`]: manifest(group) });
  const event: Event = { name: "push", ref: "refs/heads/main", secrets: world.secrets };
  return world.run("apply", event);
};

const headIn = (ran: Ran, job: string): readonly string[] =>
  (ends.exec(ran.jobs[job]?.summary ?? "") ?? []).slice(1);

test(
  "the summary of each run names the head that the store's trail has then",
  { timeout: slow },
  async () => {
    const first = await merge("alpha");
    expect(first.jobs["plan"]?.summary).toMatch(nothing);
    expect(first.jobs["apply"]?.summary).toMatch(unseen);
    const head = headIn(first, "apply");
    const last = JSON.parse(world.trailOf("default").at(-1) ?? "") as { seq: number; hash: string };
    expect(head).toEqual([String(last.seq), last.hash]);

    const second = await merge("beta");
    // A plan is a dry run, which keeps no head.
    expect(second.jobs["plan"]?.summary).toMatch(nothing);
    expect(headIn(second, "apply")[0]).toBe("8");
  },
);

test(
  "a job whose token may not write the trail changes nothing, and says why",
  { timeout: slow },
  async () => {
    const before = world.trailOf("default");
    world.commit("main", { "reconcile.yaml": config, "subscriptions/gamma.yaml": manifest("gamma") });
    const workflow = fillIn(readWorkflow("reconcile-apply.yml"), world.from);
    const readOnly = workflow.replace("contents: write", "contents: read");
    const event: Event = { name: "push", ref: "refs/heads/main", secrets: world.secrets };
    const { jobs } = await runWorkflow(readOnly, event, world);
    expect([jobs["plan"]?.result, jobs["apply"]?.result]).toEqual(["success", "failure"]);
    expect(jobs["apply"]?.log).toContain("[state/refused]");
    expect([world.trailOf("default"), await deleteWebhooks(world)]).toEqual([before, 2]);
  },
);

test("a command that does not use the trail says nothing of it", { timeout: slow }, async () => {
  const event: Event = { name: "merge_group", ref: "refs/heads/main", secrets: world.secrets };
  const { jobs } = await world.run("plan", event);
  expect(jobs["validate"]?.summary).not.toContain("Audit trail");
});

const hashes = { old: "a".repeat(64), fresh: "b".repeat(64) };

/** Runs both functions of the action in a folder whose head changes between them. */
function tell(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-"));
  const place = join(folder, ".reconcile", path);
  mkdirSync(join(place, ".."), { recursive: true });
  writeFileSync(place, JSON.stringify({ seq: 4, hash: hashes.old }));
  const fresh = JSON.stringify({ seq: 8, hash: hashes.fresh });
  const script = `import { readHead, tellHead } from ${JSON.stringify(join(projectRoot, "action/tell-head.mjs"))};
import { writeFileSync } from "node:fs";
const before = readHead();
writeFileSync(${JSON.stringify(place)}, ${JSON.stringify(fresh)});
process.stdout.write(tellHead(before, readHead(), { command: "sync", args: [] }));`;
  const words = ["--input-type=module", "--eval", script];
  return execFileSync(process.execPath, words, { cwd: folder, encoding: "utf8" });
}

test.each(["head.json", "state/0d7a1c1e-9d0f-4c43-8f2f-6a6f0c7f3b1a/telephony/head.json"])(
  "where a machine has .reconcile/%s of an earlier run, it says that they are compared",
  (path) => {
    expect(tell(path)).toBe(
      `\nAudit trail: reconcile compares the trail with the head that an earlier run kept: record 4, \`${hashes.old}\`. The trail now ends with record 8, \`${hashes.fresh}\`.\n`,
    );
  },
);
