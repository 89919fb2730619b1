// Takes out of the records what an earlier run that was cut short wrote itself: that is nobody's drift.
import type { AgedIntent } from "../audit/open-intent.ts";
import { asDocument } from "../model/document.ts";
import { diffDocuments } from "../model/document-diff.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import { judgeWrite } from "./judge.ts";

interface OnTrail {
  /** By id, the documents that the trail last recorded and that differ from what is live. */
  readonly recorded: ReadonlyMap<string, ResourceDocument>;
  /** The intents that earlier runs left open, oldest first. */
  readonly open: readonly AgedIntent[];
}

/** Judges by what is live what came of each open intent; records without one stay as they are. */
export function withoutOwnWrites(
  { recorded, open }: OnTrail,
  live: readonly LiveResource[],
): ReadonlyMap<string, ResourceDocument> {
  if (open.length === 0) return recorded;
  const byId = new Map(live.map((one) => [one.id, one]));
  const settled = new Map(recorded);
  for (const intent of open) {
    const id = intent.webhookId;
    const last = id === null ? undefined : settled.get(id);
    if (id === null || !last) continue;
    const record = settle(last, intent, byId.get(id) ?? null);
    if (record) settled.set(id, record);
    else settled.delete(id);
  }
  return settled;
}

/** Returns what counts as the resource's record; null if the run itself made all the difference. */
function settle(
  last: ResourceDocument,
  intent: AgedIntent,
  live: LiveResource | null,
): ResourceDocument | null {
  const { before, after, operation: action } = intent;
  const { state } = judgeWrite({ ...intent, action }, live, "that all is said");
  if (state === "done") return null;
  if (!live) return after;
  if (before && diffDocuments(asDocument(live), before, live.kind).length === 0) return last;
  // The run was on its way.
  if (state === "notDone") return null;
  // Someone else changed it. The write may have arrived before; what the resource differs less from tells what was changed.
  const stepsFrom = (document: ResourceDocument): number => diffDocuments(document, live, live.kind).length;
  return after && stepsFrom(after) <= stepsFrom(last) ? after : last;
}
