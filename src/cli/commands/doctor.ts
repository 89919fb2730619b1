// `reconcile doctor`: looks at everything that a pass needs, says what it saw and what to do. It changes nothing.
import { ReconcileError } from "../../model/errors.ts";
import { checks } from "../../doctor/checks.ts";
import { look, type DoctorFlags } from "../../doctor/look.ts";
import { isWell, listFaults, showCheckup, showCheckupJson, type Checkup } from "../../doctor/checkup.ts";
import { showAnnotations } from "../../report/diagnostics.ts";
import type { World } from "../../app/world.ts";

/** The exit status: 1 where a check failed. Throws ReconcileError where the sandbox cannot be started. */
export async function runDoctor(flags: DoctorFlags, world: World): Promise<number> {
  const seen = await look(flags, world);
  if (world.interrupted.aborted) throw new ReconcileError("run/interrupted", "interrupted");
  const checkup: Checkup = {
    environment: seen.platform?.ok ? seen.platform.value.environment : null,
    owner: seen.config.ok ? seen.config.value.owner : null,
    checks: checks.map(({ name, judge }) => ({ check: name, ...judge(seen) })),
  };
  const isJson = flags.output === "json";
  world.stdout.write(isJson ? showCheckupJson(checkup) : showCheckup(checkup, world.stdout.colours));
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(listFaults(checkup)));
  return isWell(checkup) ? 0 : 1;
}
