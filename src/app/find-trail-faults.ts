// Finds what is wrong with the trail, for the commands that only read.
import { requireTrail } from "../audit/require-trail.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { StatePaths } from "../state/state.ts";
import { readAuditKeys } from "./audit-keys.ts";
import { readEnvironment } from "./environment.ts";
import type { World } from "./world.ts";

/** Returns the warnings of a dry run. Throws ReconcileError if the trail or what is kept of it cannot be read. */
export async function findTrailFaults(
  { trail: path, head: headPath }: Pick<StatePaths, "trail" | "head">,
  { environment: real, files }: Pick<World, "environment" | "files">,
  { sandbox = false }: { readonly sandbox?: boolean },
): Promise<readonly Diagnostic[]> {
  const { variables } = await readEnvironment(real, files);
  const environment = sandbox ? "sandbox" : "";
  const place = { path, headPath, ...(await readAuditKeys(variables, files)), environment };
  return (await requireTrail({ ...place, dryRun: true, acceptHead: null }, files)).diagnostics;
}
