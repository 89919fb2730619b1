// Tests that a reading by an index finds what a reading of the whole trail finds, whatever was appended to it since.
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeCount, makeRecordFilter, type Whose } from "../../src/audit/belongs.ts";
import { findRecordedRun } from "../../src/audit/compare-runs.ts";
import { findAppliedCommit } from "../../src/audit/find-applied-commit.ts";
import { findCommits } from "../../src/audit/find-commits.ts";
import { findDriftOnRecord } from "../../src/audit/find-drift-on-record.ts";
import { readHistory } from "../../src/audit/history.ts";
import { makeIndex } from "../../src/audit/make-index.ts";
import { emptyMetrics } from "../../src/audit/metrics.ts";
import { genesis, sealRecord, type Head } from "../../src/audit/record.ts";
import { runEntry } from "../../src/audit/run-entry.ts";
import type { TrailIndex } from "../../src/audit/trail-index.ts";
import type { AuditEntry, AuditRecord } from "../../src/model/audit-record.ts";
import { liveFrom } from "../support/kinds.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { makeDocument, makeEntry, path, startMs } from "./samples.ts";

/** Whose records a run makes: they name the owner and the organisation, or neither, as those of older versions. */
type Maker = Pick<AuditRecord, "owner" | "organization">;
const makers: readonly Maker[] = [
  { owner: "default", organization: { id: "org-1", name: "One" } },
  { owner: "default", organization: { id: "org-2", name: "Two" } },
  { owner: "other", organization: { id: "org-1", name: "One" } },
  { owner: "default" },
  {},
];
const readers: readonly Whose[] = [
  { environment: "here", owner: "default", organization: "org-1" },
  { environment: "here", owner: "default", organization: "org-2" },
  { environment: "here", owner: "other", organization: "org-1" },
  { environment: "here", owner: "default", organization: null },
];

const ids = ["a", "b", "c", "d", "e"];
const names = ["n1", "n2", "n3"];

interface Change {
  readonly id: string;
  readonly name: string;
  readonly operation: "create" | "update" | "delete";
  readonly end: "applied" | "failed" | "recovered" | "unknown" | "none";
  readonly endpoint: string;
  readonly rollbackOf: string | undefined;
  readonly drifts: boolean;
  readonly commit: string | null;
  readonly keptHealing: true | undefined;
}

interface RunPlan {
  readonly maker: number;
  readonly changes: readonly Change[];
  /** What the run does with each open intent that it finds, in turn. */
  readonly settles: readonly ("recovered" | "failed" | "carried")[];
  readonly finishes: boolean;
  readonly claims: boolean;
  readonly pauseMs: number;
}

const aChange: fc.Arbitrary<Change> = fc.record({
  id: fc.constantFrom(...ids),
  name: fc.constantFrom(...names),
  operation: fc.constantFrom("create", "update", "update", "delete"),
  end: fc.constantFrom("applied", "applied", "applied", "failed", "recovered", "unknown", "none"),
  endpoint: fc.constantFrom("https://a/", "https://b/"),
  rollbackOf: fc.constantFrom(undefined, undefined, "run-0"),
  drifts: fc.boolean(),
  // Most changes apply no commit, so that the last one that does may be far back.
  commit: fc.constantFrom(null, null, `${"a".repeat(40)}-dirty`, "a".repeat(40), "b".repeat(40)),
  keptHealing: fc.constantFrom(undefined, undefined, true),
});
const aRun: fc.Arbitrary<RunPlan> = fc.record({
  maker: fc.constantFrom(0, 0, 0, 1, 2, 3, 4),
  changes: fc.array(aChange, { maxLength: 4 }),
  settles: fc.array(fc.constantFrom("recovered", "failed", "carried"), { minLength: 1, maxLength: 3 }),
  finishes: fc.constantFrom(true, true, false),
  claims: fc.constantFrom(false, false, false, true),
  pauseMs: fc.constantFrom(10, 1_000, 50_000, 130_000, 1_000_000),
});
const scenes = fc.record({
  runs: fc.array(aRun, { minLength: 1, maxLength: 12 }),
  splits: fc.tuple(fc.nat(), fc.nat()),
  live: fc.array(
    fc.tuple(
      fc.constantFrom(...ids),
      fc.constantFrom(...names),
      fc.constantFrom("https://a/", "https://b/"),
    ),
    {
      maxLength: 5,
    },
  ),
});

/** Writes the runs one after the other, each of which settles what it finds open. */
async function writeRuns(runs: readonly RunPlan[]): Promise<readonly string[]> {
  const lines: string[] = [];
  let [previous, timeMs]: [Head, number] = [genesis, startMs];
  for (const [number, plan] of runs.entries()) {
    const maker = makers[plan.maker] ?? {};
    const write = (entry: AuditEntry, more: Partial<AuditRecord> = {}): number => {
      timeMs += 10;
      const { record, line } = sealRecord({
        ...{
          ...entry,
          ...more,
          ...maker,
          seq: previous.seq + 1,
          prevHash: previous.hash,
          metrics: emptyMetrics,
        },
        ...{
          timestamp: new Date(timeMs).toISOString(),
          runId: `run-${number}`,
          environment: "here",
          actor: "ada",
        },
      });
      previous = { seq: record.seq, hash: record.hash };
      lines.push(line);
      return record.seq;
    };
    const files = makeMemoryFiles({ [path]: lines.join("") });
    const whose = {
      environment: "here",
      owner: maker.owner ?? "default",
      organization: maker.organization?.id ?? null,
    };
    const { open } = await readHistory(files, { path, ...whose }, { live: [], isListed: () => true });
    timeMs += plan.pauseMs;
    write({ ...runEntry, event: "run.started" });
    for (const [at, { seq, webhookId, operation, after }] of open.entries()) {
      const how = plan.settles[at % plan.settles.length];
      const common = { ...makeEntry({ webhookId, operation, after }), intent: seq };
      if (how === "carried") write({ ...common, event: "change.failed", success: null }, { carried: true });
      else
        write({
          ...common,
          event: how === "failed" ? "change.failed" : "change.recovered",
          success: how !== "failed",
        });
    }
    if (plan.claims && maker.organization)
      write(
        { ...runEntry, event: "trail.claimed", success: true },
        { claims: { before: previous.seq + 1, records: 1 } },
      );
    for (const change of plan.changes) writeChange(change, write);
    if (plan.finishes) write({ ...runEntry, event: "run.finished", success: true });
  }
  return lines;
}

function writeChange(
  { id, name, operation, end, endpoint, rollbackOf, drifts, commit, keptHealing }: Change,
  write: (entry: AuditEntry, more?: Partial<AuditRecord>) => number,
): void {
  const document = makeDocument({ name, endpoint });
  const [before, after] = operation === "delete" ? [document, null] : [null, document];
  const more = {
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(keptHealing ? { keptHealing } : {}),
    // A delete has no manifest, so only its run names the commit.
    ...(operation === "delete" && commit !== null ? { provenance: { commit } } : {}),
    source: operation === "delete" ? null : { file: "a.yaml", line: 1, commit },
  };
  const entry = makeEntry({ operation, endpoint, webhookId: id, before, after });
  if (drifts)
    write({ ...entry, event: "drift.found", operation: null, patch: [{ op: "remove", path: `/${name}` }] });
  const intent = write(operation === "create" ? { ...entry, webhookId: null } : entry, more);
  if (end === "none") return;
  const success = end === "unknown" ? null : end !== "failed";
  const event = end === "unknown" ? "change.failed" : (`change.${end}` as const);
  write({ ...entry, event, success, intent }, more);
}

/** All that the readers find of these resources, for each reader. */
async function findAll(text: string, index: TrailIndex | null, live: readonly (readonly string[])[]) {
  const files = makeMemoryFiles({ [path]: text });
  const resources = new Map(
    live.map(([id = "", name = "", endpoint = ""]) => [
      id,
      liveFrom({ ...makeDocument({ name, endpoint }), id }),
    ]),
  );
  const seen = { live: [...resources.values()], isListed: () => true };
  return Promise.all(
    readers.map(async (whose) => {
      const history = await readHistory(files, { path, index, ...whose }, seen);
      const counted = { path, index, counts: makeCount(whose, { older: history.older.count }) };
      const { count, left, live: found } = history.older;
      return {
        history: {
          ...history,
          older: { count, left, live: found, records: count ? 0 : history.older.records },
        },
        commits: await findCommits(files, counted, ids),
        applied: await findAppliedCommit(files, counted),
        drifts: await findDriftOnRecord(files, counted, new Set(ids)),
        lastRun: await findRecordedRun(files, {
          ...{ path, index },
          counts: makeRecordFilter({ owner: whose.owner, organization: whose.organization }),
        }),
      };
    }),
  );
}

test("what is found by an index, made at once or step by step, is what the whole trail holds", async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async ({ runs, splits, live }) => {
      const lines = await writeRuns(runs);
      const text = lines.join("");
      const endOf = (line: number): number => Buffer.byteLength(lines.slice(0, line).join(""));
      const [first, second] = splits.map((split) => split % (lines.length + 1)).sort((a, b) => a - b);
      const files = makeMemoryFiles({ [path]: text });
      const early = await makeIndex(files, { path, endBytes: endOf(first ?? 0) });
      const later = await makeIndex(files, { path, endBytes: endOf(second ?? 0) }, early);
      expect(early).not.toBeNull();
      expect(later).not.toBeNull();
      const whole = await findAll(text, null, live);
      expect(await findAll(text, early, live)).toEqual(whole);
      expect(await findAll(text, later, live)).toEqual(whole);
    }),
    { numRuns: Number(process.env["FC_RUNS"] ?? 150) },
  );
}, 120_000);
