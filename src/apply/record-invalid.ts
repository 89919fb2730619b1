// Records that a run refused the manifests. A daemon, which tries again and again, records the same faults once.
import { readRecent } from "../audit/recent.ts";
import { requireTrail } from "../audit/require-trail.ts";
import { runEntry } from "../audit/run-entry.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { complaintOf } from "./failures.ts";
import { keepHeadOf, openTrailOfRun, type Running } from "./on-record.ts";

/** A daemon's memory of the faults that it recorded last. */
export interface RecordedFaults {
  /** Null once every manifest was valid; undefined before the daemon's first look, when the trail alone can tell. */
  last: string | null | undefined;
}

/** Returns the error if the refusal could not be recorded. */
export async function recordInvalid(
  diagnostics: readonly Diagnostic[],
  running: Running,
  memory?: RecordedFaults,
): Promise<readonly Diagnostic[]> {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  const faults = errors
    .map(({ file, line, message }) => `${file ?? "-"}:${line ?? 0} ${message}`)
    .join("\n");
  const { options, ports } = running;
  const kept: Diagnostic[] = [];
  const record = async (): Promise<void> => {
    const checked = await requireTrail({ ...options.audit, dryRun: false }, ports.files);
    const isAccepting = checked.accepted !== null;
    if (memory && !isAccepting && (await findRecorded(memory, running)) === faults) {
      kept.push(...checked.diagnostics);
      return;
    }
    const onTrail = { ...running, trail: checked };
    const { trail } = await openTrailOfRun(onTrail);
    try {
      await trail.append({ ...runEntry, event: "validation.failed", success: false, error: faults });
      if (memory) memory.last = faults;
      kept.push(...checked.diagnostics, ...(await keepHeadOf(trail, onTrail)));
    } finally {
      await trail.close();
    }
  };
  return [...(await complaintOf(record())), ...kept];
}

/** Returns the faults on record; after a restart they are those of the trail's last record, if it is a refusal. */
async function findRecorded(memory: RecordedFaults, { options, ports }: Running): Promise<string | null> {
  if (memory.last !== undefined) return memory.last;
  const [newest] = await readRecent(ports.files, options.audit.path, { after: null, limit: 1 });
  memory.last = newest?.event === "validation.failed" ? newest.error : null;
  return memory.last;
}
