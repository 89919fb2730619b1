// `reconcile audit verify` and `audit head`: checks the trail's chain, and prints the hash of its last record.
import { readLastRecord } from "../../audit/head.ts";
import { findTrailBytes } from "../../audit/read-trail.ts";
import { verifyTrail } from "../../audit/verify.ts";
import { count } from "../../lib/count.ts";
import { hasErrors, type Diagnostic } from "../../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../../model/errors.ts";
import { showAnnotations, showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { plainJson } from "../../lib/plain.ts";
import {
  describeFaults,
  showVerification,
  showVerificationJson,
  type Verified,
} from "../../report/verification.ts";
import { readAuditKeys, type AuditKeys } from "../../app/audit-keys.ts";
import { auditKeyWarnings } from "../../app/ignored-variables.ts";
import { readEnvironment } from "../../app/environment.ts";
import type { World } from "../../app/world.ts";
import {
  compareWithKeptHead,
  emptyTrail,
  findTrail,
  nameOf,
  refuseMissing,
  type AuditedTrail,
  type KeptComparison,
  type TrailFlags,
} from "./audit-file.ts";
import { findTrailFaults } from "../../app/find-trail-faults.ts";

export interface VerifyFlags extends TrailFlags {
  /** 64 hexadecimal digits, in lower case. */
  readonly expectHead?: string;
  readonly requireSigned?: true;
}

/** Returns the exit status: 1 for a trail that is broken or cut, and for one that does not exist. */
export async function runAuditVerify(flags: VerifyFlags, world: World): Promise<number> {
  const { path, verified, diagnostics } = await verify(flags, world);
  if (flags.json) world.stdout.write(showVerificationJson(path, verified, diagnostics));
  else {
    const stream = verified ? world.stdout : world.stderr;
    const faults = await showDiagnostics(diagnostics, world.files, stream);
    stream.write(`${faults}${verified ? showVerification(verified) : ""}`);
  }
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(diagnostics));
  return hasErrors(diagnostics) ? 1 : 0;
}

interface TrailCheck {
  /** Null when the config, which would name the trail, cannot be read. */
  readonly path: string | null;
  /** Null when the trail could not be checked. */
  readonly verified: Verified | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function verify(flags: VerifyFlags, world: World): Promise<TrailCheck> {
  let path: string | null = null;
  try {
    const trail = await findTrail(flags, world, { anew: true });
    if (!trail.ok) return { path, verified: null, diagnostics: trail.diagnostics };
    path = trail.value.path;
    if ((await findTrailBytes(world.files, path)) === null) await refuseMissing(trail.value, world.files);
    const environment = await readEnvironment(world.environment, world.files);
    const keys = await readAuditKeys(environment.variables, world.files);
    const { expectHead } = flags;
    const verification = await verifyTrail(world.files, path, { ...keys, expectHead });
    const kept = verification.ok ? await tryToCompare(trail.value, world, keys) : null;
    const verified = {
      path,
      copyOf: trail.value.paths?.copyOf,
      verification,
      hasKey: keys.key !== undefined,
      names: keys.names,
      expectHead: expectHead ?? null,
      requireSigned: flags.requireSigned === true,
      lost: kept?.fault ?? null,
      holdsLastSeen: kept !== null && kept.lastSeen !== null && kept.fault === null,
    };
    const warnings = [...auditKeyWarnings(environment), ...(kept?.warnings ?? [])];
    return { path, verified, diagnostics: [...warnings, ...describeFaults(verified)] };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { path, verified: null, diagnostics: [diagnosticOf(error)] };
  }
}

/** Who may read the trail may still not read what a pass keeps: then the trail is checked without that. */
async function tryToCompare(
  trail: AuditedTrail,
  { files }: World,
  keys: AuditKeys,
): Promise<KeptComparison & { readonly warnings: readonly Diagnostic[] }> {
  try {
    return { ...(await compareWithKeptHead(trail, files, keys)), warnings: [] };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { lastSeen: null, fault: null, warnings: [{ ...diagnosticOf(error), severity: "warning" }] };
  }
}

/** A copy of another machine's trail is verified by `audit verify` alone. */
async function findFaultsOf(trail: AuditedTrail, world: World): Promise<readonly Diagnostic[]> {
  const { paths } = trail;
  return paths ? findTrailFaults(paths, world, { sandbox: trail.from === "sandbox" }) : [];
}

/** Prints the last record's hash and nothing else. Throws ReconcileError when the trail has no record. */
export async function runAuditHead(flags: TrailFlags, world: World): Promise<number> {
  const trail = await findTrail(flags, world);
  if (!trail.ok) {
    world.stderr.write(await showDiagnostics(trail.diagnostics, world.files, world.stderr));
    return 1;
  }
  const { path } = trail.value;
  if ((await findTrailBytes(world.files, path)) === null) await refuseMissing(trail.value, world.files);
  const { record, skipped, tornTail } = await readLastRecord(world.files, path);
  if (!record) throw emptyTrail(nameOf(trail.value));
  const passedOver = [
    ...(tornTail ? ["the last line is incomplete, as after a crash"] : []),
    ...(skipped > 0
      ? [`${count(skipped, "line")} at its end ${skipped === 1 ? "is not a record" : "are not records"}`]
      : []),
  ];
  for (const what of passedOver)
    world.stderr.write(
      showWarning(`${nameOf(trail.value)}: ${what}; this is the hash of the last record before that`),
    );
  const faults = await findFaultsOf(trail.value, world);
  world.stderr.write(await showDiagnostics(faults, world.files, world.stderr));
  const { seq, hash, timestamp, runId } = record;
  world.stdout.write(
    flags.json ? `${plainJson(JSON.stringify({ seq, hash, timestamp, runId }))}\n` : `${hash}\n`,
  );
  return 0;
}
