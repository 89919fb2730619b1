// Plan → writes. A group's phases follow each other, groups run side by side, and one group's failure leaves the
// others going.
import PQueue from "p-queue";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldFault } from "../model/errors.ts";
import { allOperations, isDone, type Operation, type Plan } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { applyGains, applyLosses, holdWithoutShared, type WriteShared } from "./apply-shared.ts";
import { applyGroup, type GroupPorts, type GroupWork } from "./apply-group.ts";
import { makeHeirs } from "./gainers.ts";
import { makeHealth } from "./health.ts";
import { final, skip, writeOne, type GroupContext, type WritePorts } from "./write-one.ts";

export interface ApplyPorts extends Omit<WritePorts, "health" | "listLive" | "inTurn"> {
  /** Writes under way at once; beside them as many of those that take several requests, and wait in between. */
  readonly concurrency: number;
  /** Once it fires, writes in flight are finished and no other is started. */
  readonly interrupted: AbortSignal;
  /** Null where exactly this plan shall be applied: what is out of date then stays undone. */
  readonly replan: Replan | null;
  /** Called after every write. */
  readonly onProgress: (done: number, total: number) => void;
}

/** The plan of one group from what is `live` now; `written`: what this pass has written of it, by webhook id. */
export type Replan = (
  group: string,
  live: readonly LiveResource[],
  written: ReadonlyMap<string, ResourceDocument>,
) => Plan;

export interface Applied {
  /** No operation is left `planned`. */
  readonly plan: Plan;
  /** Why not all of it was started, whatever failed; null where nothing kept it. */
  readonly stopped: string | null;
  /** What the platform found wrong with the documents of failed operations. */
  readonly faults: ReadonlyMap<Operation, readonly FieldFault[]>;
}

/**
 * For each request under way, so many more writes may have their intents on disk or their outcomes on the way there:
 * one fsync serves them all, and no request waits for it.
 */
const recordsAhead = 8;

/** Never throws for a write that failed. */
export async function applyPlan(plan: Plan, ports: ApplyPorts): Promise<Applied> {
  const [quick, slow] = [makeLane(ports.concurrency), makeLane(ports.concurrency)];
  const listLive = sharing(() => ports.driver.list());
  const health = makeHealth(ports.interrupted);
  let total = allOperations(plan).filter(isPlanned).length;
  let done = 0;
  const faults = new Map<Operation, readonly FieldFault[]>();
  const write: GroupPorts["write"] = async (operation, group) => {
    if (!isPlanned(operation)) return final(operation);
    const { writes, inTurn } = ports.kinds.of(operation).isMadeInSteps ? slow : quick;
    const writePorts = { ...ports, listLive, health, inTurn };
    const written = await writes.add(() => writeOne(operation, group, writePorts));
    if (written.faults.length > 0) faults.set(written.operation, written.faults);
    done += 1;
    ports.onProgress(done, total);
    return written;
  };
  const { replan: makeAnew } = ports;
  const replan: GroupPorts["replan"] =
    makeAnew &&
    (async (group, written) => {
      const next = makeAnew(group, await listLive(), written);
      total += next.operations.filter(isPlanned).length;
      return { plan: next.groups[0] ?? null, operations: next.operations, diagnostics: next.diagnostics };
    });
  const writeShared: WriteShared = async (one) => (await write(one, alone([]))).operation;
  const gained = await applyGains(plan, writeShared);
  const holdBack = holdWithoutShared(gained, ports.kinds);
  const groups = await Promise.all(
    workOf(plan).map((work) => applyGroup(holdBack(work), { write, replan })),
  );
  const operations = groups.flatMap((group) => group.operations);
  const isClear = operations.every(isDone);
  const latest = withReplans(plan, groups);
  const prune = async (): Promise<Operation[]> => {
    const findHeirs = makeHeirs(latest.groups, operations);
    return Promise.all(plan.prunes.map(async (one) => (await write(one, alone(findHeirs(one)))).operation));
  };
  const prunes =
    isClear && plan.prunes.length > 0
      ? await prune()
      : plan.prunes.map((one) => skip(one, { by: "earlier", waitsFor: "allOthers" }));
  const shared = await applyLosses(gained, {
    earlier: [...operations, ...prunes],
    plan,
    write: writeShared,
  });
  return {
    plan: { ...plan, operations, prunes, ...(shared.length > 0 ? { shared } : {}), ...latest },
    stopped: health.stopped(),
    faults,
  };
}

/** Two lanes, so that slow writes hold up only slow writes. */
function makeLane(concurrency: number): Pick<WritePorts, "inTurn"> & { readonly writes: PQueue } {
  const requests = new PQueue({ concurrency });
  const writes = new PQueue({ concurrency: concurrency * recordsAhead });
  return { writes, inTurn: (action) => requests.add(action) };
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
  const diagnostics: readonly Diagnostic[] = groups.flatMap((group) => group.diagnostics);
  return {
    groups: plan.groups.map((group) => latest.get(group.group) ?? group),
    diagnostics: [...plan.diagnostics, ...diagnostics],
  };
}

/** Callers that come while a call is under way share the next one, so no answer is older than its call. */
function sharing<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    next = undefined;
    const answer = ask();
    running = answer;
    return answer;
  };
  return () => (next ??= running.then(start, start));
}

/** A prune's group has no plan: all it waits for is that those that go on delivering its event types do so. */
function alone(holders: GroupContext["holders"]): GroupContext {
  return { holders, known: new Set(), plan: { isOutdated: false } };
}

function isPlanned({ status }: Operation): boolean {
  return status === "planned";
}
