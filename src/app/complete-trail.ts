// Gives a store the records of a trail that it lacks, and proves that it holds the same bytes then.
import { digestStart } from "../audit/read-trail.ts";
import { requireTrail } from "../audit/require-trail.ts";
import { surveyTrail, type TrailSurvey } from "../audit/survey-trail.ts";
import { makeDigest } from "../lib/hash.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import type { HeldLease, State } from "../state/state.ts";
import type { AuditKeys } from "./audit-keys.ts";
import { moveIntoFiles } from "./move-into-files.ts";
import { moveIntoStore } from "./move-into-store.ts";

export interface MovePlace {
  readonly state: State;
  /** Names the store for people. */
  readonly name: string;
}

interface Completing {
  readonly source: MovePlace;
  readonly target: MovePlace;
  /** The survey of the source's trail. */
  readonly wanted: TrailSurvey;
  /** The lease of the target. */
  readonly held: HeldLease;
  readonly keys: AuditKeys;
  readonly files: Files;
  /** Called before the first record that the target lacks. */
  readonly onPart: () => Promise<void>;
  /** Called with the number of records that the target has, and with that of all. */
  readonly onProgress: (done: number, total: number) => void;
  /** Called before each part; throws if the move must end here. */
  readonly mayGoOn: () => Promise<void>;
}

/**
 * `present`: how many records the target had before. Throws ReconcileError `state/targetDiffers`, `state/targetSplit`, and
 * as `requireTrail` and `mayGoOn` do.
 */
export async function completeTrail(
  completing: Completing,
): Promise<{ readonly present: number; readonly diagnostics: readonly Diagnostic[] }> {
  const { target, wanted, files, onPart } = completing;
  await target.state.readAnew();
  const present = await surveyTrail(files, target.state.paths.trail);
  if (!(await isPrefix(present, completing))) throw differs(present, completing);
  if (present.sizeBytes < wanted.sizeBytes) {
    await onPart();
    await copy(present.sizeBytes, completing);
    await target.state.readAnew();
    const copied = await surveyTrail(files, target.state.paths.trail);
    if (copied.digest !== wanted.digest) throw differs(copied, completing);
  }
  return { present: present.head.seq, diagnostics: await checkPlace(target, completing) };
}

/** A trail that does not verify is not moved. Keeps the head, by which this machine notices a change from then on. */
export async function checkPlace(
  { state }: MovePlace,
  { keys, files }: Pick<Completing, "keys" | "files">,
): Promise<readonly Diagnostic[]> {
  const { trail: path, copyOf, head: headPath } = state.paths;
  const place = { ...keys, path, copyOf, headPath };
  const wish = { ...place, environment: "", dryRun: false, acceptHead: null } as const;
  return (await requireTrail({ ...wish, endsFile: true, readAnew: state.readAnew }, files)).diagnostics;
}

async function isPrefix(present: TrailSurvey, { source, wanted, files }: Completing): Promise<boolean> {
  if (present.sizeBytes > wanted.sizeBytes) return false;
  const digest = makeDigest();
  await digestStart(files, { path: source.state.paths.trail, endBytes: present.sizeBytes }, digest);
  return digest.hex() === present.digest;
}

async function copy(doneBytes: number, completing: Completing): Promise<void> {
  const { source, target, held, files, mayGoOn, wanted } = completing;
  const appending = { files, from: source.state.paths.trail, doneBytes, mayGoOn };
  const onProgress = (seq: number): void => {
    completing.onProgress(seq, wanted.head.seq);
  };
  if (held.append) await moveIntoStore(held.append, { ...appending, gathers: held.gathers, onProgress });
  else await moveIntoFiles(target.state.paths.trail, { ...appending, survey: wanted });
}

function differs(present: TrailSurvey, { source, target, wanted }: Completing): ReconcileError {
  const [its, own] = [present, wanted].map(({ head }) => `number ${head.seq}, ${head.hash}`);
  const message = `${target.name} holds another trail, whose last record is ${its}; that of ${source.name} is ${own}`;
  return new ReconcileError("state/targetDiffers", message, {
    hint: "a move completes a trail that is the beginning of this one, and changes no other; nothing was moved",
  });
}
