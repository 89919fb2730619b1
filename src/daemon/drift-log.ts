// What somebody else changed or deleted, and how often it was put right: a pass tells only of itself.
import { hasPlan, type Result } from "../model/result.ts";
import type { PatchStep } from "../model/plan.ts";
import { deletedOutside } from "../plan/reason.ts";

/** The drift of one endpoint. */
export interface DriftNote {
  readonly group: string;
  readonly endpoint: string;
  readonly kind: "changed" | "deleted";
  /** From what the trail last recorded to what was live; empty where it was deleted. */
  readonly patch: readonly PatchStep[];
  /** When a pass first saw it as it was the last time; ISO 8601, UTC. */
  readonly seenAt: string;
  /** `gone`: somebody else put it right. */
  readonly status: "open" | "healed" | "gone";
  /** How often this endpoint's webhook was put right, since the start. */
  readonly healed: number;
}

const longestLog = 50;

/** Newest first. */
export function nextDriftLog(
  before: readonly DriftNote[],
  result: Result,
  finishedAt: string,
): readonly DriftNote[] {
  if (!hasPlan(result)) return before;
  const seen = [...findChanged(result), ...findDeleted(result)].map(({ isHealed, ...found }): DriftNote => {
    const last = before.find((note) => isSame(note, found));
    return {
      ...found,
      seenAt: last?.status === "open" ? last.seenAt : finishedAt,
      status: isHealed ? "healed" : "open",
      healed: (last?.healed ?? 0) + (isHealed ? 1 : 0),
    };
  });
  const others = before.filter((note) => !seen.some((found) => isSame(note, found)));
  const settled = others.map((note) =>
    note.status === "open" ? { ...note, status: "gone" as const } : note,
  );
  return [...seen, ...settled].slice(0, longestLog);
}

type Found = Pick<DriftNote, "group" | "endpoint" | "kind" | "patch"> & { readonly isHealed: boolean };

function findChanged({ drift, operations }: Result): Found[] {
  const done = new Set(operations.filter(isDone).map(({ webhookId }) => webhookId));
  return drift.map(({ webhookId, group, endpoint, patch }) => ({
    ...{ group, endpoint, patch },
    kind: "changed",
    isHealed: done.has(webhookId),
  }));
}

function findDeleted({ operations }: Result): Found[] {
  return operations
    .filter(({ action, reason }) => action === "create" && reason === deletedOutside)
    .map((operation) => ({
      group: operation.group,
      endpoint: operation.endpoint,
      kind: "deleted",
      patch: [],
      isHealed: isDone(operation),
    }));
}

function isDone({ status }: Result["operations"][number]): boolean {
  return status === "applied" || status === "recovered";
}

function isSame(
  a: Pick<DriftNote, "group" | "endpoint">,
  b: Pick<DriftNote, "group" | "endpoint">,
): boolean {
  return a.group === b.group && a.endpoint === b.endpoint;
}
