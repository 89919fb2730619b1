// Applies a plan on record: opens the trail before the first write, closes open intents, applies the plan, closes the run.
import { makeRecordFilter, type CountedTrail } from "../audit/belongs.ts";
import type { AgedIntent } from "../audit/open-intent.ts";
import { readMetrics } from "../audit/kept.ts";
import { checkTrail } from "../audit/check-trail.ts";
import { proveBytes } from "../audit/prove-bytes.ts";
import { keepCheckpointOf } from "../audit/renew-checkpoint.ts";
import { tryToKeep, type CheckedTrail, type TrailWish } from "../audit/require-trail.ts";
import { emptyMetrics } from "../audit/metrics.ts";
import { runEntry } from "../audit/run-entry.ts";
import { openTrail, type Trail } from "../audit/trail.ts";
import type { ResourcePort } from "../genesys/driver.ts";
import type { HeldLease } from "../state/state.ts";
import { withRoomForMany } from "../lib/young-heap.ts";
import type { AuditEntry, AuditRecord, AuditRun } from "../model/audit-record.ts";
import type { Deps } from "../model/deps.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Kinds } from "../model/kind.ts";
import type { Organization } from "../model/organization.ts";
import { allOperations, isDone, type Plan } from "../model/plan.ts";
import type { Subscription } from "../model/subscription.ts";
import { withSourceWarnings } from "../plan/new-sources.ts";
import { applyPlan, type Replan } from "./apply-plan.ts";
import { findLateCreates, type Seen } from "./close-intents.ts";
import { makeBusy, type Busy } from "./busy.ts";
import { findGainTimes, type OnRecord } from "./gain-times.ts";
import { countSplits } from "./count-splits.ts";
import { complaintOf, describeFailures } from "./failures.ts";
import { keepPending, keptFor } from "./pending.ts";
import { recordOpening, withoutWaiting, type AppliedOnRecord } from "./record-opening.ts";

type TrailPorts =
  "copyOf" | "key" | "formerKeys" | "names" | "readAnew" | "growth" | "checkpointPath" | "acceptHead";

export interface RecordOptions {
  /** Writes under way at once. */
  readonly concurrency: number;
  /** Whether no endpoint with a query string may get into the trail; default: false. */
  readonly refusesQueries?: boolean;
  readonly audit: Pick<TrailWish, TrailPorts> & {
    readonly path: string;
    /** The file of figures in the state directory. */
    readonly keptPath: string;
    /** The file in the state directory that keeps the trail's head. */
    readonly headPath: string;
    /** The file of outcomes that a shared store could not take; absent where the trail is the file itself. */
    readonly pendingPath?: string | undefined;
    readonly environment: string;
    /** The owner whose resources the run changes. */
    readonly owner: string;
  };
}

/** Requests go through the run's driver, and through nothing else. */
export interface RecordPorts extends Omit<Deps, "send"> {
  readonly kinds: Kinds;
  /** Finds who and what runs, and the commit of the manifests; called only if there is something to record. */
  readonly provenance: () => Promise<
    Pick<AuditRun, "actor" | "provenance"> & { readonly commit: string | null }
  >;
  readonly lease: RecordLease;
  /** The platform's time in ms since 1970, by its last answer; null if it is unknown. */
  readonly platformNow: () => number | null;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

/** The part of its lease that a run on record uses. */
export interface RecordLease {
  /** Takes the lease, unless the run holds it; rejects if it cannot, and if what was read may be out of date. */
  readonly hold: () => Promise<void>;
  /** Called before each request that changes something and before each write to the trail. */
  readonly confirm: () => Promise<boolean>;
  readonly append?: HeldLease["append"] | undefined;
  readonly gathers?: HeldLease["gathers"];
}

export interface Running {
  readonly options: RecordOptions;
  readonly ports: RecordPorts;
  readonly runId: string;
  /** Null if the platform tells it nowhere; absent if the run did not need to know it. */
  readonly organization?: Organization | null | undefined;
  /** The last applied commit, if the run goes back to an older one. */
  readonly olderThan?: AuditRecord["olderThan"];
  /** The run that this one takes back. */
  readonly rollbackOf?: string;
  /** True if it only puts drift back, because not every manifest is valid. */
  readonly keptHealing?: boolean;
}

export interface RunningOnTrail extends Running {
  readonly trail: CheckedTrail;
}

/** The live resources, the driver that writes them, and the intents that earlier runs left open. */
export interface Situation extends Seen, OnRecord {
  readonly driver: ResourcePort;
  /** Tells which lines of the trail are of this owner in this organisation. */
  readonly counts: CountedTrail["counts"];
  readonly index?: CountedTrail["index"];
  /** The intents that earlier runs left open. */
  readonly open: readonly AgedIntent[];
  /** Open intents of unlisted kinds, whose outcome this pass cannot find out. */
  readonly unlistedIntents: readonly AgedIntent[];
  /** Creates that may still take effect. */
  readonly late: readonly AgedIntent[];
}

/** The work of a run. */
export interface Work {
  readonly plan: Plan;
  /** The groups' manifests, for the records. */
  readonly desired: readonly Pick<Subscription, "group" | "place">[];
  /** The live state that the plan was made from. */
  readonly known: Situation;
  /** Null if exactly this plan shall be applied. */
  readonly replan: Replan | null;
}

/**
 * Applies a plan. Throws ReconcileError `audit/…` if the trail cannot be opened; then nothing has been sent. If the trail
 * fails later, the operations tell what was sent, and a diagnostic tells what is not on record.
 */
export async function applyOnRecord(
  { plan, desired, known, replan }: Work,
  running: RunningOnTrail,
): Promise<AppliedOnRecord> {
  const { options, ports } = running;
  const { kinds, clock, random, interrupted, lease, platformNow } = ports;
  const busy = makeBusy();
  const { trail, commit } = await openTrailOfRun({ ...running, counts: known.counts, gather: busy.idle });
  const sources = new Map(
    desired.map(({ group, place: { file, line } }) => [group, { file, line, commit }]),
  );
  const pendingPlace = { path: options.audit.pendingPath, files: ports.files };
  const recording = {
    record: (entry: AuditEntry) =>
      trail.append(entry).catch(async (error: unknown) => {
        throw (await keepPending(entry, running.runId, pendingPlace))
          ? keptFor(error, pendingPlace)
          : error;
      }),
    sourceOf: (group: string) => sources.get(group) ?? null,
  };
  try {
    const opening = {
      ...recording,
      recordSurely: recording.record,
      ...{ clock, files: ports.files, platformNow, pendingPlace, busy },
    };
    const { open, unlistedIntents, recovered, dropped } = await recordOpening(
      { plan, known, trailPath: options.audit.path },
      lease.gathers ? { ...opening, record: withoutWaiting(recording.record) } : opening,
    );
    const applied = await withRoomForMany(allOperations(plan).length, () =>
      applyPlan(plan, {
        ...{ kinds, clock, random, interrupted, mayWrite: lease.confirm, platformNow, replan },
        ...recording,
        busy: { ...busy, gathers: lease.gathers === true },
        driver: known.driver,
        lateCreates: findLateCreates([...open, ...unlistedIntents, ...known.late], {
          ...{ clock, platformNow },
        }),
        concurrency: options.concurrency,
        recordedAtMs: findGainTimes({ known, recovered }, clock),
        onWait: ports.onProgress,
        onProgress: (done, total) => {
          ports.onProgress("applying", done, total);
        },
      }),
    );
    const success = allOperations(applied.plan).every((one) => isDone(one) || one.frozen);
    const finished = trail.append(
      { ...runEntry, event: "run.finished", success },
      { rebalancedGroups: countSplits(applied.plan) },
    );
    const failures = await describeFailures(applied, ports.files);
    return {
      kept: known.open.length - open.length,
      plan: withSourceWarnings(applied.plan, { canWait: false, kinds }),
      diagnostics: [
        ...dropped,
        ...failures,
        ...(await complaintOf(finished)),
        ...(await keepHeadOf(trail, running)),
      ],
    };
  } finally {
    await trail.close();
  }
}

/** Keeps the head that the run has made; returns a warning if that failed. */
export async function keepHeadOf(
  trail: Trail,
  { options, ports, trail: checked }: RunningOnTrail,
): Promise<readonly Diagnostic[]> {
  const { audit } = options;
  const mark = trail.mark() ?? (checked.accepted && (await checkTrail(ports.files, audit)).mark);
  const diagnostics = mark ? await tryToKeep(mark, audit, ports.files) : [];
  const kept = { mark: trail.mark(), identity: trail.files() };
  await keepCheckpointOf(kept, { ...audit, index: checked.index }, ports.files);
  return diagnostics;
}

/** Takes the lease first. Throws as `hold` and `openTrail` do. */
export async function openTrailOfRun({
  options,
  ports,
  runId,
  organization,
  olderThan,
  rollbackOf,
  keptHealing,
  trail: found,
  counts,
  gather,
}: RunningOnTrail & Partial<Pick<Situation, "counts"> & { readonly gather: Busy["idle"] }>): Promise<{
  trail: Trail;
  commit: string | null;
}> {
  await ports.lease.hold();
  const checked = await proveBytes(found, options.audit, ports.files);
  const { actor, commit, provenance } = await ports.provenance();
  const { path, keptPath, key, environment, owner } = options.audit;
  const whose = { owner, organization: organization?.id ?? null };
  const { metrics, notice } = await readMetrics(ports.files, {
    ...{ kept: keptPath, trail: path, whose },
    counts: counts ?? makeRecordFilter(whose),
  });
  if (notice !== null) ports.log("warn", notice);
  const run = {
    ...{ runId, environment, owner, actor },
    ...(organization === undefined ? {} : { organization }),
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
    ...(provenance ? { provenance } : {}),
    ...(keptHealing ? { keptHealing: true as const } : {}),
  };
  const trail = await openTrail({
    ...{ files: ports.files, clock: ports.clock, path, run, checked, olderThan },
    ...(key ? { key } : {}),
    metrics: metrics ?? emptyMetrics,
    mayAppend: ports.lease.confirm,
    ...(ports.lease.append ? { store: ports.lease.append } : {}),
    ...(ports.lease.gathers && gather ? { gather } : {}),
  });
  for (const notice of trail.notices) ports.log("warn", notice);
  return { trail, commit };
}
