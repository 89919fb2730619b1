// Collects over many passes what someone else changed or deleted, and how often it was put right.
import { hasPlan, type Result } from "../model/result.ts";
import { isDeletion, isPutBack } from "../model/find-deleted.ts";
import { isDone, type PatchStep } from "../model/plan.ts";

/** The drift of one endpoint. */
export interface DriftNote {
  /** Null of a resource that several groups share. */
  readonly group: string | null;
  readonly endpoint: string;
  readonly kind: "changed" | "deleted";
  /** The difference of what was live from what the trail last recorded; empty for a deleted resource. */
  readonly patch: readonly PatchStep[];
  /** Declared event types that someone removed. */
  readonly lost: readonly string[];
  /** Event types that someone added and no manifest declares. */
  readonly gained: readonly string[];
  /** When a pass first found this drift; ISO 8601, UTC. */
  readonly seenAt: string;
  /** `gone`: the drift disappeared without a write of this daemon. */
  readonly status: "open" | "healed" | "gone";
  /** How often this endpoint's resource was put right, since the start. */
  readonly healed: number;
}

const longestLog = 50;

/** Returns the notes newest first. */
export function nextDriftLog(
  before: readonly DriftNote[],
  result: Result,
  finishedAt: string,
): readonly DriftNote[] {
  if (!hasPlan(result) && result.drift.length === 0) return before;
  const current = [...findChanged(result), ...findDeleted(result)].map(
    ({ isHealed, ...finding }): DriftNote => {
      const last = before.find((note) => isSame(note, finding));
      return {
        ...finding,
        seenAt: last?.status === "open" ? last.seenAt : finishedAt,
        status: isHealed ? "healed" : "open",
        healed: (last?.healed ?? 0) + (isHealed ? 1 : 0),
      };
    },
  );
  const others = before.filter((note) => !current.some((other) => isSame(note, other)));
  const settled = others.map((note) =>
    note.status === "open" && hasPlan(result) ? { ...note, status: "gone" as const } : note,
  );
  return [...current, ...settled].slice(0, longestLog);
}

type DriftFinding = Omit<DriftNote, "seenAt" | "status" | "healed"> & { readonly isHealed: boolean };

function findChanged({ drift, operations }: Result): DriftFinding[] {
  const byId = new Map(operations.map((operation) => [operation.webhookId, operation]));
  return drift.map(({ webhookId, group, endpoint, patch }) => {
    const repair = byId.get(webhookId);
    const [had, has] = [repair?.before?.eventTypes ?? [], repair?.after?.eventTypes ?? []];
    return {
      ...{ group, endpoint },
      ...(isDeletion({ patch })
        ? { kind: "deleted" as const, patch: [] }
        : { kind: "changed" as const, patch }),
      lost: has.filter((eventType) => !had.includes(eventType)),
      gained: repair?.after ? had.filter((eventType) => !has.includes(eventType)) : [],
      isHealed: repair !== undefined && isDone(repair),
    };
  });
}

function findDeleted({ operations }: Result): DriftFinding[] {
  return operations.filter(isPutBack).map((operation) => ({
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
