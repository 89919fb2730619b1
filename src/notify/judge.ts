// Judges what a run shows of each topic: which faults it found, and which it would have found if they still stood.
import { aboutTrail } from "../model/about-trail.ts";
import { findDeleted } from "../model/find-deleted.ts";
import { isOfPlatform, originOf } from "../model/origin.ts";
import { isDone, type Drift } from "../model/plan.ts";
import { findStaying, hasPlan, type Result } from "../model/result.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Fault, Look, Looks } from "./told.ts";

/** A run, as far as it decides what its result proves. */
export interface RunScope {
  readonly task: "sync" | "watch" | "apply" | "rollback";
  /** True if the run looks at some groups only. */
  readonly isPart: boolean;
  /** The groups that `--group` names. */
  readonly named: readonly string[];
}

/** Returns null if the result is about the command's arguments, which say nothing about the installation. */
export function judge(result: Result, scope: RunScope): Looks | null {
  const errors = errorsOf(result);
  if (errors.some(({ code }) => aboutArguments.has(code))) return null;
  const faults = errors.filter(({ code }) => aboutTrail.has(code));
  if (faults.length > 0) {
    const found = faults.map(({ code }) => ({ key: code, group: null, isOpen: true }));
    return { trail: { found, covers: always }, failure: unseen, drift: unseen, orphans: unseen };
  }
  return {
    // No run makes a plan before the trail is proven.
    trail: { found: [], covers: () => hasPlan(result) },
    failure: hasPlan(result) ? judgePlanned(result, scope) : judgeEnded(result, errors),
    drift: judgeDrift(result, scope),
    orphans: judgeOrphans(result, scope),
  };
}

export function errorsOf({ diagnostics }: Result): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

const aboutArguments: ReadonlySet<string> = new Set([
  ...["acceptHead/inDryRun", "adoptFrom/sameOwner", "base/withoutDryRun", "out/withoutDryRun"],
  ...["group/unknown", "prune/withSelector", "selector/noMatch"],
  ...["audit/ambiguousRun", "audit/missing", "audit/unknownRun", "rollback/noRun"],
  ...["rollback/otherEnvironment", "rollback/unproven", "rollback/unsignedTrail"],
]);

const always = (): boolean => true;
const unseen: Look = { found: [], covers: () => false };

/** In this order a run could fail; a run that came further has not failed before. */
const stages: readonly string[] = ["settings", "other", "manifests", "platform", "group"];

function stageOf({ key, group }: Fault): number {
  if (group !== null || key === "group") return stages.indexOf("group");
  const at = stages.indexOf(key);
  return at < 0 ? stages.indexOf("other") : at;
}

/** Judges a run that ended before it had a plan. */
function judgeEnded(result: Result, errors: readonly Diagnostic[]): Look {
  const [first] = errors;
  if (!first) return unseen;
  const origin = originOf(first, result);
  const isAway = errors.some(isOfPlatform);
  const keys = [origin === "other" ? first.code : origin, ...(isAway ? ["platform"] : [])];
  const found = [...new Set(keys)].map((key) => ({ key, group: null, isOpen: true }));
  const reached = Math.min(...found.map(stageOf));
  const covers = (earlier: Fault): boolean =>
    stageOf(earlier) < reached || (earlier.key === "platform" && hasLooked(result, errors));
  return { found, covers };
}

/** A daemon looks for drift although manifests are not valid. */
function hasLooked(result: Result, errors: readonly Diagnostic[]): boolean {
  const [first] = errors;
  const isInvalid = first !== undefined && originOf(first, result) === "manifests";
  return isInvalid && result.traffic.requests > 0 && !errors.some(isOfPlatform);
}

function judgePlanned(result: Result, scope: RunScope): Look {
  const { ok, operations, groups } = result;
  const failing = operations.filter(
    ({ status, frozen }) =>
      status === "failed" || status === "unknown" || (status === "skipped" && !frozen),
  );
  const names = new Set([
    ...failing.map(({ group }) => group),
    ...groups.flatMap(({ group, skipped }) => (skipped === null ? [] : [group])),
  ]);
  const about = [...names].map((group) => ({ key: keyOfGroup(group), group, isOpen: true }));
  const [first] = errorsOf(result);
  const whole = { key: first?.code ?? "other", group: null, isOpen: true };
  const covers = (earlier: Fault): boolean => {
    // A rollback goes on with manifests that are not valid.
    if (earlier.key === "manifests") return scope.task !== "rollback";
    return stageOf(earlier) < stages.indexOf("group") || isInScope(earlier.group, result, scope);
  };
  return { found: ok ? [] : about.length > 0 ? about : [whole], covers };
}

/** A resource that several groups share has no group. */
function keyOfGroup(group: string | null): string {
  return group === null ? "group" : `group ${group}`;
}

function isInScope(group: string | null, { groups, orphans }: Result, scope: RunScope): boolean {
  if (!scope.isPart) return true;
  if (group === null) return false;
  return scope.named.includes(group) || [...groups, ...orphans].some((one) => one.group === group);
}

/** What someone else changed or deleted. */
export function driftOf(result: Result): readonly Drift[] {
  // Without a plan, the drift holds what was deleted already.
  return [...result.drift, ...findDeleted({ operations: result.operations, prunes: [] })];
}

export function keyOfDrift({ webhookId, group, endpoint }: Drift): string {
  return webhookId === "" ? `${group ?? ""} ${shownEndpoint(endpoint)}` : webhookId;
}

export function isPutBack({ webhookId, group, endpoint }: Drift, { operations }: Result): boolean {
  return operations.some(
    (operation) =>
      isDone(operation) &&
      (webhookId === ""
        ? operation.group === group && operation.endpoint === endpoint
        : operation.webhookId === webhookId),
  );
}

function judgeDrift(result: Result, scope: RunScope): Look {
  if (scope.task === "rollback") return unseen;
  const found = driftOf(result).map((drift) => ({
    ...{ key: keyOfDrift(drift), group: drift.group, isOpen: !isPutBack(drift, result) },
  }));
  const skipped = new Set(result.groups.flatMap((one) => (one.skipped === null ? [] : [one.group])));
  const covers = (earlier: Fault): boolean =>
    hasPlan(result)
      ? isInScope(earlier.group, result, scope) && !(earlier.group !== null && skipped.has(earlier.group))
      : hasLooked(result, errorsOf(result));
  return { found, covers };
}

function judgeOrphans(result: Result, scope: RunScope): Look {
  if (scope.task === "rollback" || !hasPlan(result)) return unseen;
  const groups = new Set(findStaying(result).map(({ group }) => group));
  const found = [...groups].map((group) => ({ key: group, group, isOpen: true }));
  return { found, covers: ({ group }) => isInScope(group, result, scope) };
}
