// What somebody else changed or deleted, and how often it was put right: a pass tells only of itself.
import { hasPlan, type Result } from "../model/result.ts";
import { isDone, type PatchStep } from "../model/plan.ts";

/** The drift of one endpoint. */
export interface DriftNote {
  readonly group: string;
  readonly endpoint: string;
  readonly kind: "changed" | "deleted";
  /** From what the trail last recorded to what was live; empty where it was deleted. */
  readonly patch: readonly PatchStep[];
  /** Event types that somebody took away, and that somebody put in, against what is declared. */
  readonly lost: readonly string[];
  readonly gained: readonly string[];
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

type Found = Omit<DriftNote, "seenAt" | "status" | "healed"> & { readonly isHealed: boolean };

function findChanged({ drift, operations }: Result): Found[] {
  const byId = new Map(operations.map((operation) => [operation.webhookId, operation]));
  return drift.map(({ webhookId, group, endpoint, patch }) => {
    const mend = byId.get(webhookId);
    const [had, has] = [mend?.before?.eventTypes ?? [], mend?.after?.eventTypes ?? []];
    return {
      ...{ group, endpoint, patch },
      kind: "changed",
      lost: has.filter((eventType) => !had.includes(eventType)),
      gained: mend?.after ? had.filter((eventType) => !has.includes(eventType)) : [],
      isHealed: mend !== undefined && isDone(mend),
    };
  });
}

function findDeleted({ operations }: Result): Found[] {
  return operations
    .filter(({ cause }) => cause.code === "deletedOutside")
    .map((operation) => ({
      group: operation.group,
      endpoint: operation.endpoint,
      kind: "deleted",
      patch: [],
      lost: [],
      gained: [],
      isHealed: isDone(operation),
    }));
}

function isSame(
  a: Pick<DriftNote, "group" | "endpoint">,
  b: Pick<DriftNote, "group" | "endpoint">,
): boolean {
  return a.group === b.group && a.endpoint === b.endpoint;
}
