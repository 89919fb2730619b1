// Logs the daemon's passes: a line for each change, and none for a pass that finds what the pass before it found.
import { nextTurn } from "../lib/next-turn.ts";
import type { Log, LogLevel } from "../model/deps.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import type { Kinds } from "../model/kind.ts";
import { isDone, onlyEventType, type Operation } from "../model/plan.ts";
import type { Result } from "../model/result.ts";
import { isDeletion } from "../model/find-deleted.ts";
import { describeSummary } from "../report/summary.ts";
import type { Condition } from "./conditions.ts";
import type { PassNote } from "./view.ts";

interface LoggedPass {
  readonly result: Result;
  readonly note: PassNote;
  /** The conditions after the pass. */
  readonly conditions: readonly Condition[];
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | null>>;
  /** True if the same finding of the pass before makes this line a repetition. */
  readonly canStand: boolean;
}

/** So many lines are logged before the daemon answers probes again. */
const linesAtOnce = 100;

/** Returns a function that logs one pass. It logs a finding that the pass before had too at `debug`. */
export function makePassLog(log: Log, kinds: Kinds): (pass: LoggedPass) => Promise<void> {
  let standing: ReadonlySet<string> = new Set();
  let conditionsBefore: readonly Condition[] = [];
  const onceTrue = new Set<Condition["type"]>();
  let hasFailed = false;
  return async (pass) => {
    const { result, note, conditions } = pass;
    const { runId } = result;
    const now = new Set<string>();
    /** Returns whether the pass before did not find one of these. */
    const say = async (lines: readonly Line[]): Promise<boolean> => {
      let isNews = false;
      for (const [index, { level, message, fields, canStand }] of lines.entries()) {
        if (index % linesAtOnce === linesAtOnce - 1) await nextTurn();
        const words = JSON.stringify([level, message, fields]);
        const isRepeated = canStand && standing.has(words);
        if (canStand) now.add(words);
        isNews ||= !isRepeated;
        log(isRepeated ? "debug" : level, message, { runId, ...fields });
      }
      return isNews;
    };
    await say(findDiagnostics(result, "warning"));
    const found = [
      ...findDiagnostics(result, "error"),
      ...findDrift(result),
      ...findOperations(result, kinds),
    ];
    const isNews = await say(found);
    logEnd(log, pass, isNews || hasFailed === note.ok);
    logConditions(log, pass, { before: conditionsBefore, onceTrue });
    for (const { type, status } of conditions) if (status === "True") onceTrue.add(type);
    standing = now;
    conditionsBefore = conditions;
    hasFailed = !note.ok;
  };
}

/** `isNews`: the pass found something that the pass before had not found, or ended otherwise than it. */
function logEnd(log: Log, { result, note }: LoggedPass, isNews: boolean): void {
  const { triggers, durationMs } = note;
  const fields = { runId: result.runId, triggers: triggers.join(","), durationMs };
  const summary = describeSummary(result);
  if (note.ok) log(isNews ? "info" : "debug", summary, fields);
  else {
    const done = result.operations.some(isDone) ? summary : "nothing was changed";
    log(isNews ? "error" : "debug", `the pass failed; ${done}`, fields);
  }
}

/** The end of a failed pass already says that the daemon is not ready. */
function logConditions(
  log: Log,
  { result: { runId }, conditions }: LoggedPass,
  {
    before,
    onceTrue,
  }: { readonly before: readonly Condition[]; readonly onceTrue: ReadonlySet<Condition["type"]> },
): void {
  const ready = conditions.filter(({ type }) => type === "Ready");
  const others = conditions.filter(({ type }) => type !== "Ready");
  for (const { type, status, reason, message, since } of [...others, ...ready]) {
    const last = before.find((condition) => condition.type === type)?.status;
    const isFirstAndFine = last === undefined && status !== "False";
    if (status === last || isFirstAndFine || (type === "Ready" && status === "False")) continue;
    const words = status === "True" && onceTrue.has(type) ? "True again" : status;
    log(status === "True" ? "info" : "warn", `${type} is ${words}: ${message}`, { runId, reason, since });
  }
}

function findDiagnostics({ diagnostics }: Result, wanted: Diagnostic["severity"]): readonly Line[] {
  return diagnostics
    .filter(({ severity }) => severity === wanted)
    .map(({ message, file, line }) => ({
      level: wanted === "error" ? "error" : "warn",
      message,
      fields: file === null ? {} : { at: `${file}:${line ?? 1}` },
      canStand: true,
    }));
}

function findDrift({ drift, operations }: Result): readonly Line[] {
  const mended = new Set(operations.flatMap((one) => (isDone(one) ? (one.webhookId ?? []) : [])));
  return drift.map(({ webhookId, group, endpoint, patch }) => {
    const changed = [...new Set(patch.map(({ path }) => path.split("/")[1] ?? ""))].join(", ");
    const did = isDeletion({ patch }) ? "deleted it" : `changed ${changed}`;
    return {
      level: "warn",
      message: `drift: someone else ${did}`,
      fields: { group, endpoint: shownEndpoint(endpoint) },
      canStand: !mended.has(webhookId),
    };
  });
}

function findOperations({ operations }: Result, kinds: Kinds): readonly Line[] {
  return operations.map((operation) => ({
    level: operation.status === "failed" || operation.status === "unknown" ? "error" : "info",
    message: `${operation.action}: ${operation.reason}`,
    fields: fieldsOf(operation, kinds),
    canStand: !isDone(operation),
  }));
}

function fieldsOf(operation: Operation, kinds: Kinds): Line["fields"] {
  const { group, endpoint, status, error } = operation;
  const eventType = onlyEventType(operation, kinds);
  return {
    ...{ group, endpoint: shownEndpoint(endpoint), status },
    ...(eventType === null ? {} : { eventType }),
    ...(error === null ? {} : { error }),
  };
}
