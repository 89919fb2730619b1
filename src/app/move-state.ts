// Moves a trail from one store to another, record for record: under both leases, so that no pass writes meanwhile, and in
// such an order that a move which was cut off at any moment can be repeated.
import type { Head } from "../audit/record.ts";
import { surveyTrail, type TrailSurvey } from "../audit/survey-trail.ts";
import type { Files } from "../lib/files.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import type { HeldLease } from "../state/state.ts";
import { underLease } from "../state/under-lease.ts";
import { wasMoved } from "../state/was-moved.ts";
import { carryKept } from "./carry-kept.ts";
import { checkPlace, completeTrail, type MovePlace } from "./complete-trail.ts";
import { findChains, moveArchive, type MadeArchive, type Move, type MovedWhole } from "./move-archive.ts";
import { unmovable } from "./unmovable.ts";

export interface Moved extends MovedWhole {
  readonly head: Head;
  /** Null if all records are of one owner in one organisation. */
  readonly archive: MadeArchive | null;
}

/**
 * Throws ReconcileError `state/targetDiffers`, `state/targetSplit`, `state/unmovable`, `state/moved`, `run/interrupted`, and
 * as `take` and `requireTrail` do.
 */
export async function moveState(move: Move): Promise<Moved> {
  const { source, target } = move;
  const wish = { ...move.wish, task: "state move", takesMoved: true } as const;
  await source.state.look();
  return underLease(source.state, wish, async (from) => {
    await target.state.look();
    return underLease(target.state, wish, (to) => moveUnderLeases(move, { from, to }));
  });
}

interface Leases {
  readonly from: HeldLease;
  readonly to: HeldLease;
}

async function moveUnderLeases(move: Move, leases: Leases): Promise<Moved> {
  const { source, target, files } = move;
  const elsewhere = await source.state.findMovedTo();
  if (elsewhere !== null && elsewhere !== target.state.store)
    throw wasMoved(`the trail in ${source.name}`, elsewhere);
  await requireNoPending(source, files);
  await source.state.readAnew();
  const checked = await checkPlace(source, move);
  const wanted = await surveyTrail(files, source.state.paths.trail);
  requireMovable(wanted, move);
  const chains = findChains(wanted, move.key);
  const moved =
    chains.length > 1
      ? await moveArchive(
          { wanted, chains },
          { ...move, leases, mayGoOn: () => requireLeases(move, leases) },
        )
      : { ...(await moveWhole(wanted, move, leases)), archive: null };
  await carryKept({ from: source.state.paths, to: target.state.paths }, files);
  await leases.from.markMoved(target.state.store);
  if ((await target.state.findMovedTo()) !== null) await leases.to.markMoved(null);
  return { ...moved, head: wanted.head, diagnostics: [...checked, ...moved.diagnostics] };
}

async function moveWhole(wanted: TrailSurvey, move: Move, leases: Leases): Promise<MovedWhole> {
  const mayGoOn = (): Promise<void> => requireLeases(move, leases);
  const { source } = move;
  // A pass whose config names the target already must not go on in a half of the trail.
  const onPart = (): Promise<void> => leases.to.markMoved(source.state.store);
  const completed = await completeTrail({ ...move, wanted, held: leases.to, onPart, mayGoOn });
  await move.onCopied();
  await mayGoOn();
  return completed;
}

/** Such an outcome belongs to the trail, and only a pass in the present store appends it. */
async function requireNoPending({ state }: MovePlace, files: Files): Promise<void> {
  const { pending } = state.paths;
  if (pending === undefined || (await isEmpty(pending, files))) return;
  throw unmovable(
    `${pending} holds outcomes of this machine that are not on record yet`,
    "run `reconcile sync` with this config first: it records them, or drops them where another machine did",
  );
}

async function isEmpty(path: string, files: Files): Promise<boolean> {
  try {
    return (await files.stat(path)).sizeBytes === 0;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return true;
    throw error;
  }
}

async function requireLeases({ wish }: Move, { from, to }: Leases): Promise<void> {
  if (wish.interrupted.aborted)
    throw new ReconcileError("run/interrupted", "interrupted; repeat the move to complete it");
  for (const held of [from, to])
    if (!(await held.confirm()))
      throw new ReconcileError(
        "state/takenOver",
        "another process took over the lease, so the move ended",
        {
          hint: "repeat the move to complete it",
        },
      );
}

function requireMovable({ misfit, named }: TrailSurvey, { source, key }: Move): void {
  if (misfit)
    throw unmovable(
      `line ${misfit.line} of the trail in ${source.name} has no place in another store: ${misfit.reason}`,
      "a closed file that was put away has to lie beside the trail again",
    );
  requireOwn(
    named.map(({ owner }) => owner),
    { own: key.owner, what: "owner", source },
  );
  requireOwn(
    named.flatMap(({ organization }) => organization?.id ?? []),
    { own: key.organization, what: "organisation", source },
  );
}

function requireOwn(
  named: readonly string[],
  { own, what, source }: { readonly own: string; readonly what: string; readonly source: MovePlace },
): void {
  const all = [...new Set(named)];
  if (all.length === 0 || all.includes(own)) return;
  throw unmovable(
    `the records of the trail in ${source.name} name the ${what} ${all.join(", ")}, and it was to be moved as that of ${own}`,
    `check the config's \`${what === "owner" ? "owner" : "organization"}\`, or the flag that names it`,
  );
}
