// `reconcile audit rotate`: closes the trail's file, and goes on in a new one.
import { readLastRecord } from "../../audit/head.ts";
import { findTrailBytes } from "../../audit/read-trail.ts";
import { findSigner, requireTrail, tryToKeep } from "../../audit/require-trail.ts";
import { rotateTrail } from "../../audit/rotate.ts";
import { plain } from "../../lib/plain.ts";
import { readAuditKeys } from "../../app/audit-keys.ts";
import { requireConfig, statePaths } from "../../app/pass-settings.ts";
import { describeRun } from "../../app/describe-run.ts";
import { readEnvironment } from "../../app/environment.ts";
import { openFileState } from "../../state/files/state-directory.ts";
import type { HeldLease } from "../../state/state.ts";
import { underLease } from "../../state/under-lease.ts";
import type { World } from "../../app/world.ts";
import { showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { emptyTrail, refuseMissing } from "./audit-file.ts";

export interface RotateFlags {
  readonly config?: string;
  readonly sandbox?: true;
}

/** Returns the exit status. Throws ReconcileError if the trail does not verify, or cannot be written. */
export async function runAuditRotate(flags: RotateFlags, world: World): Promise<number> {
  const config = await requireConfig(flags, world.files);
  const paths = statePaths(config, flags.sandbox === true);
  const { trail, head: headPath } = paths;
  const { variables } = await readEnvironment(world.environment, world.files);
  const from = flags.sandbox ? "sandbox" : "config";
  if ((await findTrailBytes(world.files, trail)) === null)
    await refuseMissing({ path: trail, from }, world.files);
  const place = { path: trail, headPath, ...(await readAuditKeys(variables, world.files)) };
  const rotate = async ({ confirm }: HeldLease): Promise<void> => {
    const { record } = await readLastRecord(world.files, trail);
    if (!record) throw emptyTrail(trail);
    const environment = typeof record.environment === "string" ? record.environment : "";
    const wish = { ...place, environment, dryRun: false, acceptHead: null, endsFile: true } as const;
    const checked = await requireTrail(wish, world.files);
    const closingKey = [place.key, ...place.formerKeys][await findSigner(place, world.files)];
    const here = await world.provenance(config.manifests);
    const { actor, provenance } = describeRun(here, { host: world.processes.host });
    const run = { runId: world.random.id(), environment, actor, ...(provenance ? { provenance } : {}) };
    const rotated = await rotateTrail(
      { path: trail, checked, run, key: place.key, closingKey },
      { files: world.files, clock: world.clock, mayAppend: confirm },
    );
    for (const notice of rotated.notices) world.stderr.write(showWarning(notice));
    const warnings = [...checked.diagnostics, ...(await tryToKeep(rotated.mark, place, world.files))];
    world.stderr.write(await showDiagnostics(warnings, world.files, world.stderr));
    const { seq, hash } = rotated.head;
    world.stdout.write(
      `${plain(rotated.closed)}: closed; it stays where it is, and every command goes on reading it there\n` +
        `${plain(trail)}: begun\nhead: ${seq} ${hash}\n`,
    );
  };
  const { interrupted, stderr } = world;
  const onWait = (words: string): void => {
    stderr.write(`${plain(words)}\n`);
  };
  await underLease(openFileState(paths, world), { task: "audit rotate", interrupted, onWait }, rotate);
  return 0;
}
