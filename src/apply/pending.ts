// `.reconcile/pending/` keeps the outcomes that could not be recorded because a shared store went away. The next run of this
// machine records those whose intents are still open.
import type { OpenIntent } from "../audit/open-intent.ts";
import { count } from "../lib/count.ts";
import type { Files } from "../lib/files.ts";
import { numberIn, object, oneOf, orNull, text, truth, wholeFrom } from "../lib/shape.ts";
import type { AuditEntry } from "../model/audit-record.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { errorText, ReconcileError, systemErrorCode } from "../model/errors.ts";
import { entryOf, type WritePorts } from "./write-one.ts";

/** What an outcome adds to its intent. */
interface PendingOutcome extends Pick<
  AuditEntry,
  "event" | "webhookId" | "success" | "latencyMs" | "error" | "attempted"
> {
  readonly runId: string;
  readonly intent: number;
}

export interface PendingPlace {
  /** The file; undefined where the trail is a file on this machine. */
  readonly path: string | undefined;
  readonly files: Pick<Files, "openAppend" | "read" | "remove">;
}

const pendingMode = 0o600;
/** A few hundred bytes an outcome. */
const maxPendingBytes = 16 * 1024 * 1024;

/** Returns whether the outcome is kept; never rejects, because the caller reports what is not on record in any case. */
export async function keepPending(
  entry: AuditEntry,
  runId: string,
  { path, files }: PendingPlace,
): Promise<boolean> {
  if (path === undefined || entry.intent === null) return false;
  const { event, intent, webhookId, success, latencyMs, error, attempted } = entry;
  const line = { runId, intent, event, webhookId, success, latencyMs, error, attempted };
  try {
    const file = await files.openAppend(path, pendingMode);
    try {
      await file.append(`${JSON.stringify(line)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch {
    return false;
  }
}

/** Adds to the error of a record that it is kept. */
export function keptFor(error: unknown, { path = "" }: PendingPlace): unknown {
  if (!(error instanceof ReconcileError)) return error;
  const { code, problem, hint, cause } = error;
  const message = `${problem}; it is kept in ${path}, and the next run of this machine records it`;
  return new ReconcileError(code, message, { ...(hint === null ? {} : { hint }), cause });
}

export interface Pending {
  /** The outcomes of intents that are still open, by the number of the intent. */
  readonly fitting: ReadonlyMap<number, PendingOutcome>;
  /** Warns of outcomes that are dropped. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the kept outcomes, and tells which of them are still missing in the trail. */
export async function readPending(
  open: readonly OpenIntent[],
  { path, files }: PendingPlace,
): Promise<Pending> {
  if (path === undefined) return { fitting: new Map(), diagnostics: [] };
  const runs = new Map(open.map(({ seq, runId }) => [seq, runId]));
  const fitting = new Map<number, PendingOutcome>();
  let dropped = 0;
  try {
    const lines = new TextDecoder().decode(await files.read(path, maxPendingBytes)).split("\n");
    for (const line of lines.filter((one) => one !== "")) {
      const outcome = parse(line);
      if (outcome && runs.get(outcome.intent) === outcome.runId) fitting.set(outcome.intent, outcome);
      else dropped += 1;
    }
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return { fitting, diagnostics: [] };
    return { fitting, diagnostics: [warn(`${path} cannot be read: ${errorText(error)}`)] };
  }
  const about = `${count(dropped, "outcome")} in ${path} ${dropped === 1 ? "is" : "are"} dropped: another run has recorded what became of ${dropped === 1 ? "that write" : "those writes"}`;
  return { fitting, diagnostics: dropped === 0 ? [] : [warn(about)] };
}

/** Records the kept outcomes of open intents. Rejects as `record` does. */
export async function recordPending(
  open: readonly OpenIntent[],
  { fitting }: Pending,
  ports: Pick<WritePorts, "record" | "sourceOf">,
): Promise<void> {
  await Promise.all(
    open.map(async (intent) => {
      const outcome = fitting.get(intent.seq);
      if (!outcome) return;
      const { event, webhookId, success, latencyMs, error, attempted } = outcome;
      const entry = { ...intent, action: intent.operation, webhookId, error };
      await ports.record(
        entryOf(entry, ports, { event, success, latencyMs, attempted, intent: intent.seq }),
      );
    }),
  );
}

/** Rejects with Node's errors. */
export async function clearPending({ path, files }: PendingPlace): Promise<void> {
  if (path !== undefined) await files.remove(path);
}

const shape = object({
  runId: text,
  intent: wholeFrom(1),
  event: oneOf("change.applied", "change.failed", "change.recovered"),
  webhookId: orNull(text),
  success: orNull(truth),
  latencyMs: orNull(numberIn(0)),
  error: orNull(text),
  attempted: orNull(truth),
} satisfies Readonly<Record<keyof PendingOutcome, unknown>>);

/** Null for a line that a crash cut short, or that someone changed. */
function parse(line: string): PendingOutcome | null {
  try {
    const found: unknown = JSON.parse(line);
    return shape(found, "") === null ? (found as PendingOutcome) : null;
  } catch {
    return null;
  }
}

function warn(message: string): Diagnostic {
  return { severity: "warning", code: "state/pending", message, hint: null, ...nowhere };
}
