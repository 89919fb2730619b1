// Checks that this machine can run passes and keep their trail.
import { count } from "../lib/count.ts";
import { ReconcileError, refusalReason } from "../model/errors.ts";
import type { Verification } from "../audit/verify.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import {
  failed,
  notChecked,
  passed,
  warned,
  type Finding,
  type Observations,
  type TrailLook,
} from "./check.ts";

/** The major and minor version that package.json asks for. */
const leastNode = [20, 19] as const;

export function checkNode({ nodeVersion }: Observations): Finding {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, "").split(".").map(Number);
  const [leastMajor, leastMinor] = leastNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return passed(nodeVersion);
  return failed(
    `${nodeVersion} is too old for reconcile`,
    `install Node ${leastMajor}.${leastMinor} or newer`,
  );
}

export function checkState({ disk }: Observations): Finding {
  if (!disk) return notChecked("needs a valid config");
  if (!disk.state) return passed(`${stateDirectory}/ can be written`);
  const { path, code } = disk.state;
  return failed(
    `${path} cannot be written: ${refusalReason(code)}`,
    "give this user write permission there; without it no pass can apply anything",
  );
}

export function checkTrail({ disk }: Observations): Finding {
  if (!disk) return notChecked("needs a valid config");
  if (!disk.trail) return notChecked("needs the store, and the organisation whose trail it is");
  const { path, isShared, refusal, verification, faults, keyFault } = disk.trail;
  if (refusal)
    return failed(
      `${refusal.path} cannot be written: ${refusalReason(refusal.code)}`,
      "give this user write permission there, or set audit.file in the config to another path: reconcile " +
        "changes nothing that it cannot record",
    );
  const fault = keyFault ?? faults[0];
  if (fault) return failed(fault.message, fault.hint ?? `check ${path}`);
  if (verification === null)
    return passed(isShared ? "no trail in the store yet" : `no trail yet; ${path} can be written`);
  if (verification instanceof ReconcileError)
    return failed(verification.message, verification.hint ?? `check ${path}`);
  return judgeChain(verification, disk.trail);
}

function judgeChain(
  { ok, records, signed, firstBroken, tornTail }: Verification,
  { path, isShared, hasKey }: TrailLook,
): Finding {
  if (!ok) {
    const { line = 1, reason = "" } = firstBroken ?? {};
    const toDo =
      "run reconcile audit verify for details; keep the file as it is, and compare it with a copy";
    return failed(`${path} is broken at line ${line}: ${reason}`, toDo);
  }
  const seals = signed === 0 ? "none signed" : `${signed} signed`;
  const torn = tornTail
    ? ["the last line is incomplete, as after a crash: the next pass moves it aside"]
    : [];
  const unsigned = hasKey ? [] : ["RECONCILE_AUDIT_KEY is not set, so records are not signed"];
  const place = isShared ? "this machine's copy" : path;
  return passed(`${place}: ${count(records, "record")}, unbroken, ${seals}`, [...torn, ...unsigned]);
}

export function checkGit({ git: { actor, commit, refusal } }: Observations): Finding {
  if (refusal) return warned(refusal.message, refusal.hint ?? "install a newer Git");
  if (commit !== null) return passed(`commit ${commit.slice(0, 12)}, ${actor}`);
  return warned(
    `no commit was found: the audit trail would record ${actor}, but not which commit a change came from`,
    "install Git, and run in a clone; if the repository has no commit yet, make one; in a workflow, check the repository out first",
  );
}
