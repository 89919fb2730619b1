// `reconcile audit export`: writes the trail, wherever it is kept, as JSON Lines into a file.
import { exportTrail } from "../../audit/export-trail.ts";
import { findTrailBytes } from "../../audit/read-trail.ts";
import { findTrailFaults } from "../../app/find-trail-faults.ts";
import type { World } from "../../app/world.ts";
import { count } from "../../lib/count.ts";
import { plain } from "../../lib/plain.ts";
import { showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { emptyTrail, findTrail, nameOf, refuseMissing, type TrailFlags } from "./audit-file.ts";

export interface ExportFlags extends Omit<TrailFlags, "file" | "json"> {
  /** The file to write. */
  readonly file: string;
}

/** Returns the exit status. A trail that does not verify is exported too, with a warning. */
export async function runAuditExport({ file, ...flags }: ExportFlags, world: World): Promise<number> {
  const { files, stdout, stderr } = world;
  const trail = await findTrail(flags, world, { anew: true });
  if (!trail.ok) {
    stderr.write(await showDiagnostics(trail.diagnostics, files, stderr));
    return 1;
  }
  const { path, paths, from } = trail.value;
  if ((await findTrailBytes(files, path)) === null) await refuseMissing(trail.value, files);
  const { head, lines, tornBytes } = await exportTrail(path, file, files);
  if (!head) throw emptyTrail(nameOf(trail.value));
  if (tornBytes > 0)
    stderr.write(
      showWarning(
        `${nameOf(trail.value)}: the last line is incomplete, as after a crash, and ${plain(file)} leaves it out`,
      ),
    );
  const faults = paths ? await findTrailFaults(paths, world, { sandbox: from === "sandbox" }) : [];
  stderr.write(await showDiagnostics(faults, files, stderr));
  stdout.write(`${plain(file)}: ${count(lines, "line")}\nhead: ${head.seq} ${head.hash}\n`);
  return 0;
}
