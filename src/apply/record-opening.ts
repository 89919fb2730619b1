// Records what precedes the writes of a run: its start, the drift that it found, and what became of the intents that earlier
// runs left open.
import type { CountedTrail } from "../audit/belongs.ts";
import type { AgedIntent } from "../audit/open-intent.ts";
import { runEntry } from "../audit/run-entry.ts";
import type { AuditEntry } from "../model/audit-record.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Plan } from "../model/plan.ts";
import type { Busy } from "./busy.ts";
import { carryIntents, closeIntents, type Seen } from "./close-intents.ts";
import type { Present } from "./intent-age.ts";
import { clearPending, readPending, recordPending, type PendingPlace } from "./pending.ts";
import { recordDrift } from "./record-drift.ts";
import type { WritePorts } from "./write-one.ts";

interface OpenIntents {
  readonly open: readonly AgedIntent[];
  /** Those whose outcome this run cannot find out. */
  readonly unlistedIntents: readonly AgedIntent[];
}

interface Opening {
  readonly plan: Plan;
  readonly known: OpenIntents &
    Parameters<typeof recordDrift>[1] &
    Seen &
    Pick<CountedTrail, "counts" | "index">;
  readonly trailPath: string;
}

interface OpeningPorts extends Pick<WritePorts, "record" | "sourceOf">, Present {
  readonly files: PendingPlace["files"] & Parameters<typeof recordDrift>[2]["files"];
  readonly pendingPlace: PendingPlace;
  /** As `record`, and waits until the record is on record. */
  readonly recordSurely: WritePorts["record"];
  readonly busy: Pick<Busy, "during">;
}

interface Opened extends OpenIntents {
  /** The ids of the resources that it recorded as written by earlier runs. */
  readonly recovered: readonly string[];
  /** Warns of kept outcomes that are dropped. */
  readonly dropped: readonly Diagnostic[];
}

export interface AppliedOnRecord {
  readonly plan: Plan;
  readonly diagnostics: readonly Diagnostic[];
  /** How many open intents had an outcome that this machine had kept. */
  readonly kept: number;
}

/** Returns the intents whose outcome the run had to find out. Rejects as `record` does. */
export async function recordOpening(
  { plan, known, trailPath }: Opening,
  ports: OpeningPorts,
): Promise<Opened> {
  const { record, recordSurely, files, pendingPlace, busy } = ports;
  const all = [...known.open, ...known.unlistedIntents];
  const pending = await readPending(all, pendingPlace);
  const isOpen = ({ seq }: AgedIntent): boolean => !pending.fitting.has(seq);
  const [open, unlistedIntents] = [known.open.filter(isOpen), known.unlistedIntents.filter(isOpen)];
  await record({ ...runEntry, event: "run.started" });
  // They are kept until they are on record.
  await recordPending(all, pending, { ...ports, record: recordSurely });
  await clearPending(pendingPlace);
  return busy.during(async () => {
    const trail = { path: trailPath, counts: known.counts, index: known.index };
    await recordDrift(plan, known, { ...ports, files, trail });
    const made = [...pending.fitting.values()].flatMap(({ webhookId }) => webhookId ?? []);
    const seen = { ...known, onRecord: new Set([...known.onRecord, ...made]) };
    const found = await closeIntents(open, seen, ports);
    await carryIntents(unlistedIntents, ports);
    const recovered = [...made, ...found];
    return { open, unlistedIntents, recovered, dropped: pending.diagnostics };
  });
}

/**
 * Makes a `record` that does not wait until the record is on record: it goes along with the intents that follow it, and if
 * it fails they fail as well.
 */
export function withoutWaiting(record: (entry: AuditEntry) => Promise<unknown>): WritePorts["record"] {
  return (entry) => {
    record(entry).catch(() => undefined);
    return Promise.resolve({ seq: 0 });
  };
}
