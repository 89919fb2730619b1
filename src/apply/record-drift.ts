// Records what someone else changed or deleted, before the run puts it back. Each drift is on record once until it changes.
import { isDeepStrictEqual } from "node:util";
import type { CountedTrail } from "../audit/belongs.ts";
import { findDriftOnRecord } from "../audit/find-drift-on-record.ts";
import type { TrailFiles } from "../audit/trail-parts.ts";
import type { AuditEntry, AuditSource } from "../model/audit-record.ts";
import { asDocument } from "../model/document.ts";
import { deletionPatch, isPutBack } from "../model/find-deleted.ts";
import { allOperations, type Drift, type Plan } from "../model/plan.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

interface Known {
  readonly live: readonly LiveResource[];
  /** By id, the documents that the trail last recorded and that differ from what is live. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
}

type FoundDrift = Pick<AuditEntry, "group" | "endpoint" | "webhookId"> & Pick<Drift, "patch">;

interface DriftPorts {
  readonly files: TrailFiles;
  readonly trail: CountedTrail;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly sourceOf: (group: string) => AuditSource | null;
}

/** Rejects as `record` and `findDriftOnRecord` do. */
export async function recordDrift(plan: Plan, known: Known, ports: DriftPorts): Promise<void> {
  const drift: readonly FoundDrift[] = [...plan.drift, ...findDeletedWithIds(plan, known)];
  const ids = new Set(drift.flatMap(({ webhookId }) => (webhookId === null ? [] : [webhookId])));
  const recorded = await findDriftOnRecord(ports.files, ports.trail, ids);
  const liveById = new Map(known.live.map((live) => [live.id, live]));
  const isFresh = ({ webhookId, patch }: FoundDrift): boolean =>
    !isDeepStrictEqual(recorded.get(webhookId ?? ""), patch);
  await Promise.all(
    drift.filter(isFresh).map(({ webhookId, group, endpoint, patch }) => {
      const live = liveById.get(webhookId ?? "");
      return ports.record({
        ...{ event: "drift.found", operation: null, group, endpoint, webhookId, patch },
        before: known.recorded.get(webhookId ?? "") ?? null,
        after: live ? asDocument(live) : null,
        ...{ success: null, latencyMs: null, error: null, intent: null, attempted: null },
        source: group === null ? null : ports.sourceOf(group),
      });
    }),
  );
}

/** The plan shows a deleted resource as the create that puts it back, which has no id; the trail knows the id. */
function findDeletedWithIds(plan: Plan, { live, recorded }: Known): readonly FoundDrift[] {
  const isLive = new Set(live.map(({ id }) => id));
  // The newest comes first, and so it is set last.
  const gone = [...recorded].filter(([id]) => !isLive.has(id)).toReversed();
  const idByName = new Map(gone.map(([id, { name }]) => [name, id]));
  return allOperations(plan)
    .filter(isPutBack)
    .map(({ group, endpoint, name }) => ({
      ...{ group, endpoint, webhookId: idByName.get(name) ?? null, patch: [...deletionPatch] },
    }));
}
