// Finds what is wrong with the trail, for the commands that only read.
import { requireTrail } from "../audit/require-trail.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { State, StatePaths } from "../state/state.ts";
import { readAuditKeys } from "./audit-keys.ts";
import { readEnvironment } from "./environment.ts";
import type { World } from "./world.ts";

/** Returns the warnings of a dry run. Throws ReconcileError if the trail or what is kept of it cannot be read. */
export async function findTrailFaults(
  { trail: path, copyOf, head: headPath, checkpoint: checkpointPath }: Omit<StatePaths, "kept">,
  { environment: real, files }: Pick<World, "environment" | "files">,
  { sandbox = false, growth }: { readonly sandbox?: boolean; readonly growth?: State["growth"] },
): Promise<readonly Diagnostic[]> {
  const { variables } = await readEnvironment(real, files);
  const environment = sandbox ? "sandbox" : "";
  const place = { path, copyOf, headPath, ...(await readAuditKeys(variables, files)), environment };
  const look = { checkpointPath, growth, needsIndex: false, dryRun: true, acceptHead: null };
  return (await requireTrail({ ...place, ...look }, files)).diagnostics;
}
