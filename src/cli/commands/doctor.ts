// `reconcile doctor`: checks everything that a pass needs, and prints what it found and what to do. It changes nothing.
import { ReconcileError } from "../../model/errors.ts";
import { checks } from "../../doctor/checks.ts";
import { look, type DoctorFlags } from "../../doctor/look.ts";
import { isWell, listFaults, showCheckup, showCheckupJson, type Checkup } from "../../doctor/checkup.ts";
import { annotate } from "../../report/annotate.ts";
import type { World } from "../../app/world.ts";

/** Returns the exit status: 1 when a check failed. Throws ReconcileError when the sandbox cannot start. */
export async function runDoctor(flags: DoctorFlags, world: World): Promise<number> {
  const findings = await look(flags, world);
  if (world.interrupted.aborted) throw new ReconcileError("run/interrupted", "interrupted");
  const checkup: Checkup = {
    environment: findings.platform?.ok ? findings.platform.value.environment : null,
    owner: findings.config.ok ? findings.config.value.owner : null,
    checks: checks.flatMap(({ name, judge }) => {
      const finding = judge(findings);
      return finding ? [{ check: name, ...finding }] : [];
    }),
  };
  const isJson = flags.output === "json";
  world.stdout.write(isJson ? showCheckupJson(checkup) : showCheckup(checkup, world.stdout.colours));
  await annotate(listFaults(checkup), world);
  return isWell(checkup) ? 0 : 1;
}
