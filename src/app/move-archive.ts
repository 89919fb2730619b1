// Moves a file that holds the records of several owners or organisations into a shared store, which keeps one trail for each:
// the file goes whole, as an archive that nothing is appended to, and each trail begins with a record that names its head.
import { makeRecordFilter } from "../audit/belongs.ts";
import { readOpenIntents } from "../audit/history.ts";
import { readMetrics } from "../audit/kept.ts";
import { emptyMetrics } from "../audit/metrics.ts";
import { parseRecord } from "../audit/parse-record.ts";
import { readLines } from "../audit/read-trail.ts";
import { decodeLine } from "../audit/lines.ts";
import { runEntry } from "../audit/run-entry.ts";
import type { Named, TrailSurvey } from "../audit/survey-trail.ts";
import { openTrail } from "../audit/trail.ts";
import type { Clock } from "../lib/clock.ts";
import { count } from "../lib/count.ts";
import type { Files } from "../lib/files.ts";
import type { Archive, AuditRun } from "../model/audit-record.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { archiveKey } from "../state/archive-key.ts";
import type { StateKey } from "../state/shared-store.ts";
import type { HeldLease, LeaseWish } from "../state/state.ts";
import { underLease } from "../state/under-lease.ts";
import type { AuditKeys } from "./audit-keys.ts";
import { completeTrail, type MovePlace } from "./complete-trail.ts";
import { unmovable } from "./unmovable.ts";

/** A trail that goes on from the archive. */
export type Chain = Named & { readonly key: StateKey };

export interface MovedWhole {
  /** How many records the target had before. */
  readonly present: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The archive that holds the file, and the trails that go on from it. */
export interface MadeArchive {
  readonly key: StateKey;
  readonly chains: readonly Chain[];
}

export interface Archiving {
  readonly clock: Clock;
  /** Uses the place of a key in the target, apart from this machine's copies; null if the target is files. */
  readonly withPlace: (<T>(key: StateKey, use: (place: MovePlace) => Promise<T>) => Promise<T>) | null;
  /** The run of the records that the move writes. */
  readonly run: Pick<AuditRun, "runId" | "actor" | "provenance">;
}

export interface Move extends Archiving {
  readonly source: MovePlace;
  readonly target: MovePlace;
  readonly key: StateKey;
  readonly keys: AuditKeys;
  readonly files: Files;
  readonly wish: Omit<LeaseWish, "task">;
  /** Called with the number of records that the target has, and with that of all. */
  readonly onProgress: (done: number, total: number) => void;
  /** Called once the target holds the trail, and before the source is marked. */
  readonly onCopied: () => Promise<void>;
}

interface ArchiveMove extends Move {
  readonly leases: { readonly from: HeldLease; readonly to: HeldLease };
  /** Throws if the move must end here. */
  readonly mayGoOn: () => Promise<void>;
}

/** Records that name no organisation go on with those of their owner that name one, else in the one that was asked for. */
export function findChains({ named }: TrailSurvey, { organization: asked }: StateKey): readonly Chain[] {
  const owners = new Set(named.filter(({ organization }) => organization).map(({ owner }) => owner));
  return named
    .filter(({ owner, organization }) => organization !== null || !owners.has(owner))
    .map((one) => ({
      ...one,
      key: { organization: one.organization?.id ?? asked, owner: one.owner },
    }));
}

/** Throws as `moveState` does. */
export async function moveArchive(
  { wanted, chains }: { readonly wanted: TrailSurvey; readonly chains: readonly Chain[] },
  move: ArchiveMove,
): Promise<MovedWhole & { readonly archive: MadeArchive }> {
  const { source, target, files, leases, withPlace } = move;
  if (!withPlace) throw unmovable(`${source.name} holds the trails of several`, "move each of them alone");
  await requireClosed(chains, move);
  const key = archiveKey(wanted.head);
  const archive: Archive = { owner: key.owner, ...wanted.head };
  for (const chain of chains)
    await withPlace(chain.key, (place) => isBegun(place, { archive, chain, files }));
  const wish = { ...move.wish, task: "state move", takesMoved: true } as const;
  const completed = await withPlace(key, (place) =>
    underLease(place.state, wish, (held) =>
      completeTrail({ ...move, target: place, wanted, held, onPart: () => Promise.resolve() }),
    ),
  );
  await move.onCopied();
  await move.mayGoOn();
  // From here on no pass changes the file, so that its repetition finds the same head.
  await leases.from.markMoved(target.state.store);
  for (const chain of chains) {
    await move.mayGoOn();
    if (chain.owner === move.key.owner && chain.key.organization === move.key.organization)
      await begin(target, leases.to, { archive, chain, move });
    else
      await withPlace(chain.key, (place) =>
        underLease(place.state, wish, (held) => begin(place, held, { archive, chain, move })),
      );
  }
  return { ...completed, archive: { key, chains } };
}

/** A new trail cannot say what became of an intent that only the archive holds. */
async function requireClosed(chains: readonly Chain[], { source, files }: ArchiveMove): Promise<void> {
  for (const owner of new Set(chains.map((chain) => chain.owner))) {
    const counts = makeRecordFilter({ owner, organization: null });
    const open = await readOpenIntents(files, source.state.paths.trail, { counts });
    if (open.length > 0)
      throw unmovable(
        `${count(open.length, "write")} of ${owner} in ${source.name} ${open.length === 1 ? "has" : "have"} no outcome yet`,
        `run \`reconcile sync\` with the config of ${owner} first`,
      );
  }
}

interface Beginning {
  readonly archive: Archive;
  readonly chain: Chain;
}

/** Throws ReconcileError `state/targetDiffers` if the trail holds records and does not go on from the archive. */
async function isBegun(
  { state, name }: MovePlace,
  { archive, chain, files }: Beginning & { readonly files: Files },
): Promise<boolean> {
  await state.readAnew();
  for await (const bytes of readLines(files, state.paths.trail)) {
    const parsed = parseRecord((bytes && decodeLine(bytes)) ?? "");
    if (parsed.ok && parsed.record.archive?.hash === archive.hash) return true;
    const message = `${name} holds a trail of ${chain.owner} already, which does not begin with the archive of this file`;
    throw new ReconcileError("state/targetDiffers", message, {
      hint: `a move changes no other trail: choose another branch or schema, or take ${chain.owner} into one by hand; nothing was moved`,
    });
  }
  return false;
}

async function begin(
  place: MovePlace,
  held: HeldLease,
  { archive, chain, move }: Beginning & { readonly move: ArchiveMove },
): Promise<void> {
  const { files, clock, keys, source, run } = move;
  if (await isBegun(place, { archive, chain, files })) return;
  const { organization, owner } = chain.key;
  const whose = { owner, organization };
  const counts = makeRecordFilter(whose);
  const figures = { kept: source.state.paths.kept, trail: source.state.paths.trail, whose, counts };
  const { metrics } = await readMetrics(files, figures);
  const trail = await openTrail({
    ...{ files, clock, path: place.state.paths.trail, archive, metrics: metrics ?? emptyMetrics },
    ...(keys.key === undefined ? {} : { key: keys.key }),
    ...{ mayAppend: held.confirm, ...(held.append ? { store: held.append } : {}) },
    run: {
      ...run,
      ...{ owner, environment: chain.environment },
      organization: chain.organization ?? { id: organization, name: null },
    },
  });
  try {
    await trail.append({ ...runEntry, event: "trail.continued" });
  } finally {
    await trail.close();
  }
}
