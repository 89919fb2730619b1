// Writes the records of a trail that files lack: into the trail's own file, which gets its name where the records say that
// it was closed. A move may be cut off at any moment, like a rotation, and goes on from what is there.
import { readTrailWindows } from "../audit/read-trail.ts";
import type { Segment, TrailSurvey } from "../audit/survey-trail.ts";
import { emptyMetrics } from "../audit/metrics.ts";
import { readTail, trailMode } from "../audit/tail.ts";
import { directoryOf, fileNameOf, findTrailParts } from "../audit/trail-parts.ts";
import { unwritable } from "../audit/unwritable.ts";
import type { AppendFile } from "../lib/files.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Appending } from "./move-into-store.ts";

interface Filling extends Appending {
  readonly survey: Pick<TrailSurvey, "segments" | "sizeBytes">;
}

/** Throws ReconcileError `audit/unwritable`, `audit/notATrail`, `state/targetSplit`, and as `mayGoOn` does. */
export async function moveIntoFiles(path: string, filling: Filling): Promise<void> {
  const { files, survey } = filling;
  const closedBytes = await requireSameSplit(path, filling);
  try {
    let startBytes = 0;
    for (const segment of survey.segments) {
      if (startBytes >= closedBytes) await fill(path, { ...segment, startBytes }, filling);
      if (startBytes >= closedBytes && segment.file !== null)
        await files.rename(path, directoryOf(path) + segment.file);
      startBytes = segment.endBytes;
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Returns the size of the closed files. A closed file that was put away, or renamed, has the records in other places. */
async function requireSameSplit(path: string, { files, survey }: Filling): Promise<number> {
  const closed = (await findTrailParts(files, path)).filter((part) => part.path !== path);
  let endBytes = 0;
  for (const [index, part] of closed.entries()) {
    const segment = survey.segments[index];
    endBytes += part.sizeBytes;
    if (segment?.file === fileNameOf(part.path) && segment.endBytes === endBytes) continue;
    const message = `${part.path} does not hold the records that its name stands for in the trail that is moved`;
    throw new ReconcileError("state/targetSplit", message, {
      hint: "move the files of that trail away, so that the move writes all of them anew",
    });
  }
  return endBytes;
}

async function fill(
  path: string,
  { startBytes, endBytes }: Segment & { readonly startBytes: number },
  filling: Filling,
): Promise<void> {
  const { files, from, doneBytes, mayGoOn } = filling;
  if (startBytes === endBytes) return;
  const file = await files.openAppend(path, trailMode);
  try {
    await file.setMode(trailMode);
    const first = Math.max(startBytes, doneBytes);
    await dropTorn(file, first - startBytes, { path, first, filling });
    for await (const bytes of readTrailWindows(files, from, { from: first, endBytes })) {
      await mayGoOn();
      await file.append(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** An incomplete line is either the next one, which a move was writing, or one that a run left when it died. */
async function dropTorn(
  file: AppendFile,
  wholeBytes: number,
  { path, first, filling }: { readonly path: string; readonly first: number; readonly filling: Filling },
): Promise<void> {
  const tornBytes = (await file.sizeBytes()) - wholeBytes;
  if (tornBytes <= 0) return;
  const { files, from } = filling;
  const torn = await file.readRange(wholeBytes, wholeBytes + tornBytes);
  const due: Uint8Array[] = [];
  for await (const bytes of readTrailWindows(files, from, { from: first, endBytes: first + tornBytes }))
    due.push(bytes.slice());
  if (Buffer.concat(due).equals(torn)) await file.truncate(wholeBytes);
  else await readTail(file, { files, path, metrics: emptyMetrics });
}
