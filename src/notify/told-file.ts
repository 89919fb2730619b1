// `.reconcile/notified.json` keeps what receivers were last told, and the messages that are not delivered yet.
import type { Files } from "../lib/files.ts";
import { setAside } from "../lib/set-aside.ts";
import { listOf, object, oneOf, optional, orNull, text, truth, wholeFrom } from "../lib/shape.ts";
import { systemErrorCode } from "../model/errors.ts";
import type { QueuedMessage, Receiver } from "./make-request.ts";
import { nothingTold, type Told } from "./told.ts";

export interface WaitingMessage extends QueuedMessage {
  readonly to: Receiver["kind"];
}

/** The state of one installation. */
export interface Notified {
  readonly told: Told;
  /** In the order in which they came about. */
  readonly waiting: readonly WaitingMessage[];
}

interface NotifiedFile {
  readonly formatVersion: 1;
  readonly installations: Readonly<Record<string, Notified>>;
}

export const nothingNotified: Notified = { told: nothingTold, waiting: [] };

/** Some hundred messages of a hundred lines. */
const maxFileBytes = 16 * 1024 * 1024;
/** Only this user may read it: messages name groups and endpoints. */
const fileMode = 0o600;

/** Sets a corrupt file aside and returns what that means for a person in `notice`. Rejects with Node's errors. */
export async function readNotified(
  files: Pick<Files, "read" | "create" | "remove">,
  path: string,
): Promise<{ readonly file: NotifiedFile; readonly notice: string | null }> {
  const none: NotifiedFile = { formatVersion: 1, installations: {} };
  const bytes = await files.read(path, maxFileBytes).catch((error: unknown) => {
    if (systemErrorCode(error) === "ENOENT") return null;
    throw error;
  });
  if (bytes === null) return { file: none, notice: null };
  const file = parse(new TextDecoder().decode(bytes));
  if (file) return { file, notice: null };
  const aside = await setAside(files, `${path}.corrupt`, bytes);
  await files.remove(path);
  return {
    file: none,
    notice: `${path} is corrupt, so it was moved to ${aside}; faults may be told again`,
  };
}

/** Rejects with Node's errors. */
export async function writeNotified(
  files: Pick<Files, "write">,
  path: string,
  file: NotifiedFile,
): Promise<void> {
  await files.write(path, `${JSON.stringify(file, null, 2)}\n`, { mode: fileMode });
}

const faults = listOf(object({ key: text, group: orNull(text), isOpen: truth }));
const data = object({
  organization: optional(orNull(object({ id: text, name: orNull(text) }))),
  ...{ environment: text, owner: text, command: text, runId: orNull(text), summary: text },
  ...{ details: listOf(text), groups: listOf(text) },
});
const topic = oneOf("drift", "failure", "recovery", "orphans", "trail");
const notified = object({
  told: object({ trail: faults, failure: faults, drift: faults, orphans: faults }),
  waiting: listOf(object({ to: oneOf("slack", "webhook"), id: text, topic, timestamp: text, data })),
});

function parse(content: string): NotifiedFile | null {
  try {
    const file = JSON.parse(content) as NotifiedFile;
    if (object({ formatVersion: wholeFrom(1), installations: object({}) })(file, "") !== null) return null;
    return listOf(notified)(Object.values(file.installations), "") === null ? file : null;
  } catch {
    return null;
  }
}
