// Releases groups: read → list → plan → carry out. Nothing but this owner's marker changes.
import type { RecordOptions } from "../apply/on-record.ts";
import { requireTrail } from "../audit/require-trail.ts";
import { carryOut } from "./carry-out.ts";
import { readLive } from "./live.ts";
import { readDesired, type DesiredSource } from "../manifest/read-desired.ts";
import { nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import { endWithoutPlan, type Ending } from "../model/result.ts";
import type { Subscription } from "../model/subscription.ts";
import type { PassPorts } from "./pass.ts";
import { findNotOwned, planRelease, type ReleaseOptions } from "../plan/release.ts";

export interface ReleaseRunOptions extends RecordOptions {
  readonly dryRun: boolean;
  /** The current manifests, which may still declare the groups. */
  readonly desired: DesiredSource;
  readonly plan: Omit<ReleaseOptions, "unread" | "places">;
}

/** Invalid manifests do not stop a release. Throws ReconcileError if the platform or the disk fails. */
export async function release(options: ReleaseRunOptions, ports: PassPorts): Promise<Ending> {
  const { groups } = options.plan;
  const trail = await requireTrail({ ...options.audit, dryRun: options.dryRun }, ports.files);
  const read = await readDesired(options.desired, ports.files);
  const declared = findDeclared(read, groups);
  // No manifest needs to say of which kind a group's resources are, so all kinds are listed.
  const all = new Set(ports.kinds.all);
  const known = await readLive(
    { needed: new Set(), others: all, prune: false, groups: new Set(groups) },
    { ...options, trailIndex: trail.index },
    ports,
  );
  const { live, unread } = known;
  const unknown = findNotOwned(live, { ...options.plan, unread });
  if (unknown.length > 0) return endWithoutPlan(unknown);
  const places = new Map(declared?.map(({ group, place }) => [group, place]));
  const plan = planRelease(live, { ...options.plan, unread, places });
  const done = await carryOut(
    { plan, desired: declared ?? [], known, replan: null },
    { trail, options, ports, runId: ports.runId, dryRun: options.dryRun, settlesOpen: false },
  );
  return {
    ...{ plan: done.plan, base: null, isUnapproved: done.isUnapproved },
    diagnostics: [
      ...trail.diagnostics,
      ...known.diagnostics,
      ...done.diagnostics,
      ...warnOfManifests(groups, declared),
    ],
  };
}

/** Null if some manifests are invalid. */
function findDeclared(
  read: Loaded<readonly Subscription[]>,
  groups: readonly string[],
): readonly Subscription[] | null {
  if (read.ok) return read.value.filter(({ group }) => groups.includes(group));
  return read.diagnostics.every(({ code }) => code === "folder/missing") ? [] : null;
}

/** `declared`: the manifests of these groups; null if it is not known which there are, because some are invalid. */
function warnOfManifests(
  groups: readonly string[],
  declared: readonly Subscription[] | null,
): readonly Diagnostic[] {
  const about = { severity: "warning", code: "release/manifestLeft" } as const;
  const hint = "remove the manifest, or take the group over again with --adopt";
  const conflict = "the next sync would find a conflict, because what is live of it has no owner any more";
  if (declared === null) {
    const names = groups.map((group) => `"${group}"`).join(", ");
    const message = `the manifests are invalid, so it is not known whether one declares ${names}: if so, ${conflict}`;
    return [{ ...about, message, hint, ...nowhere }];
  }
  return declared.map(({ group, place }) => ({
    ...{ ...about, hint, ...place },
    message: `a manifest still declares the released group "${group}": ${conflict}`,
  }));
}
