// Moves a trail from one store to another, record for record: under both leases, so that no pass writes meanwhile, and in
// such an order that a move which was cut off at any moment can be repeated.
import { digestStart } from "../audit/read-trail.ts";
import type { Head } from "../audit/record.ts";
import { requireTrail } from "../audit/require-trail.ts";
import { surveyTrail, type TrailSurvey } from "../audit/survey-trail.ts";
import { makeDigest } from "../lib/hash.ts";
import type { Files } from "../lib/files.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import type { StateKey } from "../state/shared-store.ts";
import type { HeldLease, LeaseWish, State } from "../state/state.ts";
import { underLease } from "../state/under-lease.ts";
import { wasMoved } from "../state/was-moved.ts";
import { carryKept } from "./carry-kept.ts";
import type { AuditKeys } from "./audit-keys.ts";
import { moveIntoFiles } from "./move-into-files.ts";
import { moveIntoStore } from "./move-into-store.ts";

export interface MovePlace {
  readonly state: State;
  /** Names the store for people. */
  readonly name: string;
}

export interface Move {
  readonly source: MovePlace;
  readonly target: MovePlace;
  readonly key: StateKey;
  readonly keys: AuditKeys;
  readonly files: Files;
  readonly wish: Omit<LeaseWish, "task">;
  /** Called once the target holds the trail, and before the source is marked. */
  readonly onCopied: () => Promise<void>;
}

export interface Moved {
  readonly head: Head;
  /** How many records the target had before. */
  readonly present: number;
  readonly diagnostics: readonly Diagnostic[];
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
  const { source, target } = move;
  const elsewhere = await source.state.findMovedTo();
  if (elsewhere !== null && elsewhere !== target.state.store)
    throw wasMoved(`the trail in ${source.name}`, elsewhere);
  await requireNoPending(source, move.files);
  await source.state.readAnew();
  await target.state.readAnew();
  const checked = await check(source, move);
  const wanted = await surveyTrail(move.files, source.state.paths.trail);
  requireMovable(wanted, move);
  const present = await surveyTrail(move.files, target.state.paths.trail);
  if (!(await isPrefix(present, wanted, move))) throw differs(present, wanted, move);
  if (present.sizeBytes < wanted.sizeBytes) {
    // A pass whose config names the target already must not go on in a half of the trail.
    await leases.to.markMoved(source.state.store);
    await copy({ wanted, doneBytes: present.sizeBytes }, move, leases);
    await target.state.readAnew();
  }
  const copied = await surveyTrail(move.files, target.state.paths.trail);
  if (copied.digest !== wanted.digest) throw differs(copied, wanted, move);
  const kept = await check(target, move);
  await move.onCopied();
  await requireLeases(move, leases);
  await carryKept({ from: source.state.paths, to: target.state.paths }, move.files);
  await leases.from.markMoved(target.state.store);
  if ((await target.state.findMovedTo()) !== null) await leases.to.markMoved(null);
  return { head: wanted.head, present: present.head.seq, diagnostics: [...checked, ...kept] };
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

/** A trail that does not verify is not moved. Keeps the head, by which this machine notices a change from then on. */
async function check({ state }: MovePlace, { keys, files }: Move): Promise<readonly Diagnostic[]> {
  const { trail: path, copyOf, head: headPath } = state.paths;
  const wish = {
    ...keys,
    path,
    copyOf,
    headPath,
    environment: "",
    dryRun: false,
    acceptHead: null,
  } as const;
  return (await requireTrail({ ...wish, endsFile: true, readAnew: state.readAnew }, files)).diagnostics;
}

async function isPrefix(
  present: TrailSurvey,
  wanted: TrailSurvey,
  { source, files }: Move,
): Promise<boolean> {
  if (present.sizeBytes > wanted.sizeBytes) return false;
  const digest = makeDigest();
  await digestStart(files, { path: source.state.paths.trail, endBytes: present.sizeBytes }, digest);
  return digest.hex() === present.digest;
}

async function copy(
  { wanted, doneBytes }: { readonly wanted: TrailSurvey; readonly doneBytes: number },
  move: Move,
  leases: Leases,
): Promise<void> {
  const { source, target, files } = move;
  const mayGoOn = (): Promise<void> => requireLeases(move, leases);
  const appending = { files, from: source.state.paths.trail, doneBytes, mayGoOn };
  const { append } = leases.to;
  if (append) await moveIntoStore(append, appending);
  else await moveIntoFiles(target.state.paths.trail, { ...appending, survey: wanted });
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

function requireMovable({ misfit, owners, organizations }: TrailSurvey, move: Move): void {
  const { source, key } = move;
  if (misfit)
    throw unmovable(
      `line ${misfit.line} of the trail in ${source.name} has no place in another store: ${misfit.reason}`,
      "a closed file that was put away has to lie beside the trail again",
    );
  requireOne(owners, { own: key.owner, what: "owner", source });
  requireOne(organizations, { own: key.organization, what: "organisation", source });
}

function requireOne(
  named: ReadonlySet<string>,
  { own, what, source }: { readonly own: string; readonly what: string; readonly source: MovePlace },
): void {
  const all = [...named];
  if (all.length > 1)
    throw unmovable(
      `the trail in ${source.name} holds the records of several ${what}s (${all.join(", ")}), and a shared store keeps one trail for each`,
      `keep this trail as an archive, which \`reconcile audit verify --file\` reads, and give each ${what} a trail of its own: let \`reconcile status\` show no write without an outcome, begin a new trail by another \`audit.file\`, and move that`,
    );
  if (all.some((one) => one !== own))
    throw unmovable(
      `the records of the trail in ${source.name} name the ${what} ${all.join()}, and it was to be moved as that of ${own}`,
      `check the config's \`${what === "owner" ? "owner" : "organization"}\`, or the flag that names it`,
    );
}

function unmovable(message: string, hint: string): ReconcileError {
  return new ReconcileError("state/unmovable", message, { hint: `${hint}; nothing was moved` });
}

function differs(present: TrailSurvey, wanted: TrailSurvey, { source, target }: Move): ReconcileError {
  const [its, own] = [present, wanted].map(({ head }) => `number ${head.seq}, ${head.hash}`);
  const message = `${target.name} holds another trail, whose last record is ${its}; that of ${source.name} is ${own}`;
  return new ReconcileError("state/targetDiffers", message, {
    hint: "a move completes a trail that is the beginning of this one, and changes no other; nothing was moved",
  });
}
