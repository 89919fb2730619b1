// Plan → writes. A group's phases follow each other, groups run side by side, and one group's failure leaves the
// others going.
import pLimit from "p-limit";
import type { Busy } from "./busy.ts";
import type { Found } from "../genesys/driver.ts";
import { groupBy } from "../lib/group-by.ts";
import { shareNext } from "../lib/share-next.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldFault } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import type { Listing } from "../model/listing.ts";
import { allOperations, isDone, isPlanned, type Operation, type Plan } from "../model/plan.ts";
import { applyGains, applyLosses, holdWithoutShared, type WriteShared } from "./apply-shared.ts";
import { applyGroup, type DoneSoFar, type GroupPorts, type GroupWork } from "./apply-group.ts";
import { makePruneSuccessors } from "./gainers.ts";
import { leaveOutFound } from "./found-done.ts";
import { makeHealth } from "./health.ts";
import { pause } from "./pause.ts";
import { makeReadiness } from "./readiness.ts";
import { makeSettling } from "./settling.ts";
import { final, skip, writeOne, type GroupContext, type WritePorts } from "./write-one.ts";

export interface ApplyPorts extends Omit<WritePorts, "health" | "readiness" | "listLive" | "inTurn"> {
  /** Writes under way at once; as many again of those that take several requests and wait in between. */
  readonly concurrency: number;
  /** Once it fires, writes in flight are finished and no other is started. */
  readonly interrupted: AbortSignal;
  /** Null if exactly this plan shall be applied; then a group that is out of date stays undone. */
  readonly replan: Replan | null;
  /** Tells the trail when to wait for more records; with `gathers`, as many as there are may wait. */
  readonly busy: Busy & { readonly gathers: boolean };
  /** By id, when earlier passes recorded what they wrote, in ms since 1970; absent for nothing. */
  readonly recordedAtMs?: ReadonlyMap<string, number>;
  /** Called while the pass lets time pass; `words` describes what it waits for. */
  readonly onWait?: (words: string, done: number, total: number) => void;
  /** Called after every write. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Plans one group from what is listed now, and from what this pass has done to it: the list may not show that yet. */
export type Replan = (group: string, listed: Listing, done: DoneSoFar) => Promise<Plan>;

export interface Applied {
  /** No operation is left `planned`. */
  readonly plan: Plan;
  /** Why some operations were not started; null if no stop prevented any. */
  readonly stopped: string | null;
  /** The faults that the platform found in the documents of failed operations. */
  readonly faults: ReadonlyMap<Operation, readonly FieldFault[]>;
}

/**
 * For each request under way, so many more writes may be recording their intents or outcomes: one fsync then serves them
 * all, and no request waits for the disk.
 */
const recordsAhead = 8;

/** Never throws for a write that failed. */
export async function applyPlan(plan: Plan, ports: ApplyPorts): Promise<Applied> {
  const { busy } = ports;
  const laneOf = makeLanes(ports.concurrency, busy.gathers ? Infinity : recordsAhead);
  const { driver, kinds, clock, random, interrupted, lateCreates } = ports;
  const { record, sourceOf, mayWrite, platformNow } = ports;
  const listLive = shareNext(() => driver.list());
  const health = makeHealth(interrupted);
  const readiness = makeReadiness({ clock, random, interrupted });
  const looking = { driver, kinds, listLive, clock, random, interrupted, lateCreates };
  const writing = { ...looking, record, sourceOf, mayWrite, platformNow, health, readiness, busy };
  const settling = makeSettling(ports);
  const settle: GroupPorts["settle"] = (operation, successors) =>
    health.stopped() === null ? settling.settle(operation, successors) : Promise.resolve();
  let total = allOperations(plan).filter(isPlanned).length;
  let done = 0;
  const faults = new Map<Operation, readonly FieldFault[]>();
  const found = new Map<Operation, Found>();
  const write: GroupPorts["write"] = async (operation, group) => {
    if (!isPlanned(operation)) return final(operation);
    const { writes, inTurn } = laneOf(kinds.of(operation));
    const written = await writes(() => writeOne(operation, group, { ...writing, inTurn }));
    if (written.found) found.set(written.operation, written.found);
    if (written.faults.length > 0) faults.set(written.operation, written.faults);
    if (isDone(written.operation)) settling.note(written.operation, written.recordedAtMs);
    done += 1;
    ports.onProgress(done, total);
    return written;
  };
  const { replan: makeAnew } = ports;
  const replan: GroupPorts["replan"] =
    makeAnew &&
    (async (group, doneSoFar) => {
      const next = await busy.during(async () => makeAnew(group, await listLive(), doneSoFar));
      settling.noteReplan();
      total += next.operations.filter(isPlanned).length;
      return { plan: next.groups[0] ?? null, operations: next.operations, diagnostics: next.diagnostics };
    });
  const writeShared: WriteShared = async (one) => (await write(one, alone([]))).operation;
  const gained = await applyGains(plan, writeShared);
  const holdBack = holdWithoutShared(gained, ports.kinds);
  const groupPorts = { write, settle, replan, pause: waitBusy(ports) };
  const groups = await Promise.all(workOf(plan).map((work) => applyGroup(holdBack(work), groupPorts)));
  const operations = groups.flatMap((group) => group.operations);
  const isClear = [...gained.flatMap(({ gains }) => gains), ...operations].every(isDone);
  const latest = withReplans(plan, groups);
  const successorsOf = makePruneSuccessors(latest.groups, operations);
  const prunes = await Promise.all(
    plan.prunes.map(async (one) => {
      if (!isClear) return skip(one, { by: "earlier", waitsFor: "allOthers" });
      const successors = successorsOf(one);
      await settle(one, successors);
      return (await write(one, alone(successors))).operation;
    }),
  );
  const shared = await applyLosses(gained, {
    earlier: [...operations, ...prunes],
    plan,
    write: writeShared,
  });
  return {
    plan: leaveOutFound(
      { ...plan, operations, prunes, ...(shared.length > 0 ? { shared } : {}), ...latest },
      found,
    ),
    stopped: health.stopped(),
    faults,
  };
}

/** A group that pauses is about to write, so that records wait for it. */
function waitBusy({ busy, ...ports }: ApplyPorts): GroupPorts["pause"] {
  return (delayMs) => busy.during(() => pause(delayMs, ports));
}

interface Lane {
  readonly writes: WritePorts["inTurn"];
  readonly inTurn: WritePorts["inTurn"];
}

/**
 * The requests of slow writes have turns of their own, so that they hold up only slow writes. A write that waits until its
 * endpoint is ready takes no turn meanwhile, and keeps its place only among the writes of its kind.
 */
function makeLanes(concurrency: number, ahead: number): (kind: Kind) => Lane {
  const [quick, slow] = [pLimit(concurrency), pLimit(concurrency)];
  const lanes = new Map<Kind, Lane>();
  return (kind) => {
    const requests = kind.isMadeInSteps ? slow : quick;
    const lane = lanes.get(kind) ?? {
      writes: pLimit(concurrency * ahead),
      inTurn: requests,
    };
    lanes.set(kind, lane);
    return lane;
  };
}

function workOf(plan: Plan): GroupWork[] {
  const plans = new Map(plan.groups.map((group) => [group.group, group]));
  const byGroup = groupBy(plan.operations, ({ group }) => group);
  return [...byGroup].map(([group, operations]) => ({
    plan: plans.get(group ?? "") ?? null,
    operations,
    diagnostics: [],
  }));
}

function withReplans(plan: Plan, groups: readonly GroupWork[]): Pick<Plan, "groups" | "diagnostics"> {
  const latest = new Map(groups.map((group) => [group.plan?.group, group.plan]));
  // Each new plan tells again what does not concern its group, such as resources that cannot be read.
  const told = new Map<string, Diagnostic>();
  for (const one of groups.flatMap((group) => group.diagnostics)) told.set(JSON.stringify(one), one);
  for (const one of plan.diagnostics) told.delete(JSON.stringify(one));
  return {
    groups: plan.groups.map((group) => latest.get(group.group) ?? group),
    diagnostics: [...plan.diagnostics, ...told.values()],
  };
}

/** The context of a write outside any group's plan, such as a prune: it only waits for resources that take over from it. */
function alone(successors: GroupContext["successors"]): GroupContext {
  return { successors, known: new Set(), plan: { isOutdated: false } };
}
