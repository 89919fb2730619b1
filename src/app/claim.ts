// Claims the records of older versions, which name no organisation, for the present one: a record of the trail says so.
import { complaintOf } from "../apply/failures.ts";
import { keepHeadOf, openTrailOfRun, type RecordOptions } from "../apply/on-record.ts";
import { makeBelonging } from "../audit/belongs.ts";
import { bufferOf } from "../audit/lines.ts";
import { runIdOf, webhookIdOf } from "../audit/raw-keys.ts";
import { readLinesBackwards } from "../audit/read-trail.ts";
import { requireTrail } from "../audit/require-trail.ts";
import { runEntry } from "../audit/run-entry.ts";
import type { TrailFiles } from "../audit/trail-parts.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { PassPorts } from "./pass.ts";

/** The records that would be claimed, or were. */
export interface Claimed {
  readonly organization: Organization;
  readonly records: number;
  readonly runs: number;
  readonly resources: number;
}

interface ClaimOptions extends RecordOptions {
  readonly dryRun: boolean;
  /** Whether these records may be claimed; asked only if there are any. */
  readonly approves: (claimed: Claimed) => boolean;
}

export interface ClaimEnding {
  readonly claimed: Claimed;
  readonly hasWritten: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** A claim changes nothing on the platform, so it is not kept as the last run. */
  readonly isUnapproved: true;
}

/** Throws ReconcileError `organization/…`, `audit/…`, `state/…`, and as the client does. */
export async function claim(options: ClaimOptions, ports: PassPorts): Promise<ClaimEnding> {
  const { audit, dryRun, approves } = options;
  const checked = await requireTrail({ ...audit, dryRun }, ports.files);
  const organization = await (dryRun ? ports.organization.find() : ports.organization.confirm());
  if (organization === null) throw unknown();
  const claimed = { organization, ...(await countOlder(organization, audit, ports.files)) };
  const ending = { claimed, isUnapproved: true, diagnostics: checked.diagnostics } as const;
  if (dryRun || claimed.records === 0 || !approves(claimed)) return { ...ending, hasWritten: false };
  const running = { options, ports, runId: ports.runId, organization, trail: checked };
  const { trail } = await openTrailOfRun(running);
  try {
    const claims = { before: trail.head().seq + 1, records: claimed.records };
    const recording = trail.append({ ...runEntry, event: "trail.claimed", success: true }, { claims });
    const faults = [...(await complaintOf(recording)), ...(await keepHeadOf(trail, running))];
    return { ...ending, hasWritten: true, diagnostics: [...ending.diagnostics, ...faults] };
  } finally {
    await trail.close();
  }
}

async function countOlder(
  { id }: Organization,
  { path, environment, owner }: RecordOptions["audit"],
  files: TrailFiles,
): Promise<Omit<Claimed, "organization">> {
  const belonging = makeBelonging({ environment, owner, organization: id });
  const [runs, resources] = [new Set<string | undefined>(), new Set<string>()];
  let records = 0;
  for await (const bytes of readLinesBackwards(files, path)) {
    const line = bufferOf(bytes);
    if (belonging(line) !== "older") continue;
    records += 1;
    runs.add(runIdOf(line));
    resources.add(webhookIdOf(line.toString()));
  }
  resources.delete("");
  return { records, runs: runs.size, resources: resources.size };
}

function unknown(): ReconcileError {
  const message =
    "the platform does not tell which organisation this OAuth client belongs to, so nothing can be claimed for it";
  return new ReconcileError("organization/unknown", message, {
    hint: "allow the client GET /api/v2/tokens/me or GET /api/v2/organizations/me",
  });
}
