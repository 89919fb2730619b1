// `reconcile audit rotate`: closes the trail's file, and goes on in a new one.
import { makeRecordFilter, type RecordFilter } from "../../audit/belongs.ts";
import { findNewestOf } from "../../audit/find-newest-of.ts";
import { readMetrics } from "../../audit/kept.ts";
import { emptyMetrics } from "../../audit/metrics.ts";
import { readLastRecord } from "../../audit/head.ts";
import { findTrailBytes } from "../../audit/read-trail.ts";
import { findSigner } from "../../audit/find-signer.ts";
import { requireTrail, tryToKeep } from "../../audit/require-trail.ts";
import { rotateTrail } from "../../audit/rotate.ts";
import { plain } from "../../lib/plain.ts";
import { readAuditKeys } from "../../app/audit-keys.ts";
import { openState, type StateFlags } from "../../app/open-state.ts";
import { requireConfig } from "../../app/pass-settings.ts";
import { describeRun } from "../../app/describe-run.ts";
import { readEnvironment } from "../../app/environment.ts";
import type { Config } from "../../model/config.ts";
import type { HeldLease, State } from "../../state/state.ts";
import { underLease } from "../../state/under-lease.ts";
import type { World } from "../../app/world.ts";
import { showDiagnostics, showWarning } from "../../report/diagnostics.ts";
import { emptyTrail, refuseMissing } from "./audit-file.ts";

export interface RotateFlags extends StateFlags {
  readonly config?: string;
}

/** Returns the exit status. Throws ReconcileError if the trail does not verify, or cannot be written. */
export async function runAuditRotate(flags: RotateFlags, world: World): Promise<number> {
  const config = await requireConfig(flags, world.files);
  const { state, shared, close } = await openState(config, flags, world);
  const { interrupted, stderr } = world;
  const onWait = (words: string): void => {
    stderr.write(`${plain(words)}\n`);
  };
  try {
    await state.look();
    const { paths } = state;
    const from = flags.sandbox ? "sandbox" : "config";
    if ((await findTrailBytes(world.files, paths.trail)) === null)
      await refuseMissing({ path: paths.trail, from, paths }, world.files);
    const whose = {
      owner: flags.owner ?? config.owner,
      organization: shared?.key.organization ?? flags.organization ?? config.organization,
    };
    await underLease(state, { task: "audit rotate", interrupted, onWait }, async (held) => {
      await state.look();
      await rotate({ state, held, config, whose }, world);
    });
    return 0;
  } finally {
    await close();
  }
}

interface Rotating {
  readonly state: State;
  readonly held: HeldLease;
  readonly config: Config;
  readonly whose: RecordFilter & { readonly owner: string };
}

async function rotate({ state, held, config, whose }: Rotating, world: World): Promise<void> {
  const { trail, copyOf, kept, head: headPath } = state.paths;
  const { variables } = await readEnvironment(world.environment, world.files);
  const place = { path: trail, copyOf, headPath, ...(await readAuditKeys(variables, world.files)) };
  const { record } = await readLastRecord(world.files, trail);
  if (!record) throw emptyTrail(trail);
  const known = await findNewestOf(world.files, trail, whose);
  const last = typeof record.environment === "string" ? record.environment : "";
  const environment = known?.environment ?? last;
  const wish = { ...place, environment, dryRun: false, acceptHead: null, endsFile: true } as const;
  const checked = await requireTrail({ ...wish, readAnew: state.readAnew }, world.files);
  const closingKey = [place.key, ...place.formerKeys][await findSigner(place, world.files)];
  const here = await world.provenance(config.manifests);
  const { actor, provenance } = describeRun(here, { host: world.processes.host }, config.audit.actors);
  const organization =
    known?.organization ?? (whose.organization === null ? null : { id: whose.organization, name: null });
  const run = {
    ...{ runId: world.random.id(), environment, owner: whose.owner },
    ...(organization ? { organization } : {}),
    ...{ actor, ...(provenance ? { provenance } : {}) },
  };
  const figures = { kept, trail, whose, counts: makeRecordFilter(whose) };
  const { metrics } = await readMetrics(world.files, figures);
  const rotated = await rotateTrail(
    { path: trail, checked, run, metrics: metrics ?? emptyMetrics, key: place.key, closingKey },
    { files: world.files, clock: world.clock, mayAppend: held.confirm, store: held.append },
  );
  for (const notice of rotated.notices) world.stderr.write(showWarning(notice));
  const warnings = [...checked.diagnostics, ...(await tryToKeep(rotated.mark, place, world.files))];
  world.stderr.write(await showDiagnostics(warnings, world.files, world.stderr));
  const { seq, hash } = rotated.head;
  const done =
    rotated.closed === null
      ? "the records so far are closed, and the trail goes on in the same store\n"
      : `${plain(rotated.closed)}: closed; it stays where it is, and every command goes on reading it there\n` +
        `${plain(trail)}: begun\n`;
  world.stdout.write(`${done}head: ${seq} ${hash}\n`);
}
