// Judges the daemon's state as conditions with a reason each, for probes, alerts and the dashboard.
import { count } from "../lib/count.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { isPutBack } from "../model/find-deleted.ts";
import { isDone } from "../model/plan.ts";
import type { Kinds } from "../model/kind.ts";
import { isOfPlatform, originOf } from "../model/origin.ts";
import { bad, good, notChecked, reasonOf, type Judgement } from "./judgement.ts";
import { judgeState } from "./judge-state.ts";
import { sayOrphans } from "../report/say-orphans.ts";
import { findStaying, hasPlan, type Result } from "../model/result.ts";

export const conditionTypes = [
  "Ready",
  "ManifestsValid",
  "PlatformReachable",
  "Converged",
  "NoOrphans",
  "StateReachable",
] as const;

/** Only a daemon whose state is in a shared store has the last one. */
function typesOf({ isShared = false }: Pick<JudgeOptions, "isShared">): readonly Condition["type"][] {
  return conditionTypes.filter((type) => isShared || type !== "StateReachable");
}

export interface Condition extends Judgement {
  readonly type: (typeof conditionTypes)[number];
  /** When the status began, ISO 8601, UTC. For `Converged` it also begins anew when a pass had to change something. */
  readonly since: string;
}

/** Returns the conditions before the first pass has ended. */
export function firstConditions(
  now: string,
  options: Pick<JudgeOptions, "isShared"> = {},
): readonly Condition[] {
  const unknown = { status: "Unknown", reason: "NotYetKnown", message: "no pass has ended yet" } as const;
  return typesOf(options).map((type) => ({
    type,
    ...(type === "Ready" ? { ...unknown, status: "False" as const } : unknown),
    since: now,
  }));
}

interface JudgeOptions {
  readonly kinds: Kinds;
  /** True if the daemon puts drift back even while not every manifest is valid. */
  readonly keepHealing?: boolean;
  /** True if the state is in a shared store. */
  readonly isShared?: boolean;
}

/** Returns the conditions after a pass. `since` is kept when the status is the same and the pass changed nothing. */
export function nextConditions(
  before: readonly Condition[],
  result: Result,
  { now, kinds, keepHealing = false, isShared = false }: JudgeOptions & { readonly now: string },
): readonly Condition[] {
  const isFirst = isBeginning(result, before);
  const judged = {
    ...judge(result, { kinds, keepHealing, isBeginning: isFirst }),
    StateReachable: judgeState(result),
  };
  return typesOf({ isShared }).map((type) => {
    const last = before.find((condition) => condition.type === type);
    const { status, reason, message } = judged[type];
    const isSteady = last?.status === status && !(type === "Converged" && result.operations.some(isDone));
    return { type, status, reason, message, since: isSteady ? last.since : now };
  });
}

/** Returns the conditions after a daemon that waits for its lease has asked the shared store. */
export function withStore(
  before: readonly Condition[],
  judgement: Judgement,
  now: string,
): readonly Condition[] {
  return before.map((condition) => {
    if (condition.type !== "StateReachable") return condition;
    return {
      ...condition,
      ...judgement,
      since: condition.status === judgement.status ? condition.since : now,
    };
  });
}

/** Judges by the first error. A condition at which the pass did not look is `Unknown`. */
function judge(
  result: Result,
  {
    kinds,
    keepHealing,
    isBeginning,
  }: Required<Omit<JudgeOptions, "isShared">> & { readonly isBeginning: boolean },
): Readonly<Record<Exclude<Condition["type"], "StateReachable">, Judgement>> {
  const error = result.diagnostics.find(({ severity }) => severity === "error");
  const origin = error === undefined ? "none" : originOf(error, result);
  const ready = result.ok ? good("LastPassSucceeded", "the last pass succeeded") : notReady(result, error);
  const valid = good("Valid", "every manifest is valid");
  if (origin === "settings") {
    const unknown = notChecked("the settings have errors, so no pass can begin");
    const others = { PlatformReachable: unknown, Converged: unknown, NoOrphans: unknown };
    return { Ready: ready, ManifestsValid: unknown, ...others };
  }
  if (isBeginning) return judgeBeginning(result, error);
  if (origin === "manifests")
    return { Ready: ready, ManifestsValid: judgeInvalid(result, keepHealing), ...judgeLook(result) };
  if (origin === "platform") {
    const unreachable = bad(reasonOf(error), error?.message ?? "the platform does not answer");
    const unknown = notChecked("the platform did not show what is live");
    return {
      Ready: ready,
      ManifestsValid: valid,
      PlatformReachable: unreachable,
      Converged: unknown,
      NoOrphans: unknown,
    };
  }
  const unplanned = notChecked(error?.message ?? "the last pass made no plan");
  const planned = hasPlan(result)
    ? { Converged: judgeConverged(result, kinds), NoOrphans: judgeOrphans(result, kinds) }
    : { Converged: unplanned, NoOrphans: unplanned };
  // The pass may have ended before its first request.
  const seen =
    result.traffic.requests > 0 ? answers : notChecked("the pass ended before its first request");
  return { Ready: ready, ManifestsValid: valid, PlatformReachable: seen, ...planned };
}

/** True if no manifest was ever there, as far as this daemon and the trail know: what is missing is no fault. */
function isBeginning({ diagnostics, traffic }: Result, before: readonly Condition[]): boolean {
  const valid = before.find(({ type }) => type === "ManifestsValid");
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const isEmpty = errors.every(({ code }) => code === "folder/empty" || code === "folder/missing");
  const { status = "Unknown", reason: code = "" } = valid ?? {};
  const wasNever = status === "Unknown" || code === "NoManifests";
  return errors.length > 0 && isEmpty && wasNever && traffic.requests === 0;
}

function judgeBeginning(result: Result, error: Diagnostic | undefined): ReturnType<typeof judge> {
  const none = bad("NoManifests", `${error?.file ?? "-"}: ${error?.message ?? ""}`);
  return { Ready: none, ManifestsValid: none, ...judgeLook(result) };
}

function judgeInvalid({ diagnostics }: Result, keepHealing: boolean): Judgement {
  const faults = diagnostics.filter((one) => one.severity === "error" && !isOfPlatform(one));
  const [first] = faults;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return bad(
    "InvalidManifests",
    `${placeOf(first)}${first?.message ?? ""}${more}; ${keepHealing ? onlyHealing : untilValid}`,
  );
}

const untilValid = "nothing is changed until every manifest is valid";
const onlyHealing = "until every manifest is valid, only drift of unchanged groups is put back";

/** With invalid manifests a pass only looks for drift, if the daemon ever saw valid ones; else it sends no request. */
function judgeLook(
  result: Result,
): Pick<Record<Condition["type"], Judgement>, "PlatformReachable" | "Converged" | "NoOrphans"> {
  const { diagnostics, operations, traffic } = result;
  const refusal = diagnostics.find((one) => one.severity === "error" && isOfPlatform(one));
  if (refusal) {
    const unknown = notChecked("the manifests are not valid, and the platform did not show what is live");
    const unreachable = bad(reasonOf(refusal), refusal.message);
    return { PlatformReachable: unreachable, Converged: unknown, NoOrphans: unknown };
  }
  if (traffic.requests === 0) {
    const unknown = notChecked("the pass ended before its first request");
    return { PlatformReachable: unknown, Converged: unknown, NoOrphans: unknown };
  }
  const left = countDriftLeft(result);
  const which = `someone else changed or deleted ${count(left, "resource")}`;
  const stays = `which ${left === 1 ? "stays" : "stay"} so until every manifest is valid`;
  const converged =
    left > 0
      ? bad("DriftFound", operations.length > 0 ? `${which}, ${stays}` : `${which}; ${untilValid}`)
      : notChecked(
          "the manifests are not valid; of what reconcile wrote, nothing was changed by someone else",
        );
  const orphans = notChecked("the manifests are not valid, so no group can be called an orphan");
  return { PlatformReachable: answers, Converged: converged, NoOrphans: orphans };
}

/** Counts what someone else changed or deleted and the pass did not put back. */
function countDriftLeft({ drift, operations }: Result): number {
  const done = new Set(operations.filter(isDone).map(({ webhookId }) => webhookId));
  const deleted = operations.filter((one) => isPutBack(one) && !isDone(one));
  return drift.filter(({ webhookId }) => !done.has(webhookId)).length + deleted.length;
}

function judgeOrphans(result: Result, kinds: Kinds): Judgement {
  const left = findStaying(result);
  if (left.length === 0) return good("NoneLeft", "every group of this owner has a manifest");
  const groups = [...new Set(left.map(({ group }) => group))];
  const more = groups.length > maxNamed ? ` and ${groups.length - maxNamed} more` : "";
  const names = groups.slice(0, maxNamed).join(", ");
  return bad("OrphansLeft", `${sayOrphans(left, kinds)}: ${names}${more}`);
}

const maxNamed = 5;

function judgeConverged({ dryRun, operations, summary, groups }: Result, kinds: Kinds): Judgement {
  const open = operations.filter(({ status }) => status !== "applied" && status !== "recovered");
  const skipped = groups.filter((group) => group.skipped !== null).length;
  if (open.length === 0 && skipped === 0) {
    const served = groups.flatMap(({ endpoints }) =>
      endpoints.map(({ url, kind }) => kinds.of({ endpoint: url, kind }).servedNoun),
    );
    const [noun = "endpoint", ...others] = new Set(served);
    const message = `Genesys Cloud is as the manifests declare: ${count(served.length, others.length > 0 ? "endpoint" : noun)}`;
    return good("AsDeclared", message);
  }
  if (dryRun) {
    const verb = open.length === 1 ? "is" : "are";
    return bad(
      "ChangesPending",
      `${count(open.length, "change")} ${verb} pending; this daemon runs with --dry-run, so it changes nothing`,
    );
  }
  return bad(
    summary.failed > 0 ? "OperationsFailed" : "OperationsHeldBack",
    sayUndone({ summary, groups }),
  );
}

function notReady(result: Result, error: Diagnostic | undefined): Judgement {
  return bad("LastPassFailed", error?.message ?? sayUndone(result));
}

/** Returns what a pass did not do: `1 operation failed, 2 operations were not started`. */
function sayUndone({ summary, groups }: Pick<Result, "summary" | "groups">): string {
  const { failed, skipped: held } = summary;
  const skipped = groups.filter((group) => group.skipped !== null).length;
  return [
    ...(failed > 0 ? [`${count(failed, "operation")} failed`] : []),
    ...(held > 0 ? [`${count(held, "operation")} ${held === 1 ? "was" : "were"} not started`] : []),
    ...(skipped > 0 ? [`${count(skipped, "group")} ${skipped === 1 ? "is" : "are"} skipped`] : []),
  ].join(", ");
}

function placeOf(error: Diagnostic | undefined): string {
  return error?.file ? `${error.file}:${error.line ?? 1}: ` : "";
}

const answers = good("Answers", "the platform answers");
