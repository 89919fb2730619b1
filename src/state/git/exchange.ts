// Fetches a ref of the remote and pushes to it, each in one call of Git that takes a limited time.
import { Damage } from "./damage.ts";
import { errorOf, unreachable, type Asked } from "./git-answers.ts";
import type { Limit, OwnRepository } from "./own-repository.ts";
import type { Remote } from "./remote.ts";
import { findBlocking } from "./find-blocking.ts";

export interface Exchange {
  /** The remote's commit of that ref, whose objects are then at hand; null if it has no such ref. */
  readonly fetch: (ref: string, interrupted?: AbortSignal) => Promise<string | null>;
  /** False if the ref is not at `old` any more. Rejects with `state/unreachable` if that is not known. */
  readonly push: (ref: string, move: Move) => Promise<boolean>;
  /** Asks whether this login may push a new ref, and changes nothing. Hooks and rules of the remote are not asked. */
  readonly tryPush: (ref: string, fresh: string) => Promise<void>;
}

export interface Move {
  /** Null if the remote has no such ref yet. */
  readonly old: string | null;
  readonly fresh: string;
}

interface Sides {
  readonly repository: OwnRepository;
  readonly remote: Remote;
  readonly limit: Limit;
}

/** A whole trail may come over a slow line. */
const fetchLimitMs = 120_000;
/** A renewal is to be known well within the time in which writes start. */
const pushLimitMs = 60_000;
const askLimitMs = 30_000;

/** Every call rejects with ReconcileError `state/…`, or with Damage. */
export function makeExchange(sides: Sides): Exchange {
  return {
    fetch: async (ref, interrupted) => {
      const { repository } = sides;
      const kept = repository.kept(ref);
      const present = kept === null ? undefined : await askRef(sides, ref, interrupted);
      if (present !== undefined && present === kept) return present;
      const commit = present === null ? null : await fetchRef(sides, ref, interrupted);
      await repository.keep(ref, commit);
      return commit;
    },
    push: async (ref, { old, fresh }) => {
      if (!(await pushOnce(sides, ref, { old, fresh }))) return false;
      await sides.repository.keep(ref, fresh);
      return true;
    },
    tryPush: async (ref, fresh) => {
      await pushOnce(sides, ref, { old: null, fresh, isTrial: true });
      await findBlocking(ref, (names) => askRefs(sides, names));
    },
  };
}

async function pushOnce(
  sides: Sides,
  ref: string,
  { old, fresh, isTrial = false }: Move & { readonly isTrial?: boolean },
): Promise<boolean> {
  const words = ["push", "--quiet", "--no-verify", "--no-signed", "--recurse-submodules=no"];
  if (isTrial) words.push("--dry-run");
  // Git sends the old commit along, and the server changes the ref only if it is still there.
  const lease = `--force-with-lease=${ref}:${old ?? ""}`;
  const { address, pushWords, shown } = sides.remote;
  const deed = "pushed";
  try {
    await callRemote(sides, [...words, ...pushWords, lease, "--", address, `${fresh}:${ref}`], {
      ...{ limitMs: pushLimitMs, deed },
    });
    return true;
  } catch (error) {
    if (error instanceof Refusal && isOutdated(error.said)) return false;
    if (error instanceof Refusal && old === null) await findBlocking(ref, (names) => askRefs(sides, names));
    throw answerOf(error, { shown, deed });
  }
}

/** The remote has another commit there than the one that the push follows; or another push is under way. */
function isOutdated(said: string): boolean {
  return /\[rejected\]|is at [0-9a-f]{40,64} but expected|incorrect old value|reference already exists|\.lock': File exists/.test(
    said,
  );
}

async function askRef(sides: Sides, ref: string, interrupted?: AbortSignal): Promise<string | null> {
  return (await askRefs(sides, [ref], interrupted)).get(ref) ?? null;
}

/** The remote's commits by ref. */
async function askRefs(
  sides: Sides,
  names: readonly string[],
  interrupted?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const deed = "read";
  try {
    const answer = await callRemote(sides, ["ls-remote", "--quiet", "--", sides.remote.address, ...names], {
      ...{ limitMs: askLimitMs, deed, interrupted },
    });
    const lines = answer.toString("utf8").split("\n").filter(Boolean);
    return new Map(lines.map((line) => line.split("\t")).map(([id = "", name = ""]) => [name, id]));
  } catch (error) {
    throw answerOf(error, { shown: sides.remote.shown, deed });
  }
}

async function fetchRef(sides: Sides, ref: string, interrupted?: AbortSignal): Promise<string | null> {
  const { repository, remote } = sides;
  const local = repository.localRef(ref);
  const deed = "fetched";
  // What the commit itself holds is the whole state; its history is not needed.
  const words = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--depth=1", "--force"];
  try {
    await callRemote(sides, [...words, ...remote.fetchWords, "--", remote.address, `+${ref}:${local}`], {
      ...{ limitMs: fetchLimitMs, deed, interrupted },
    });
  } catch (error) {
    if (error instanceof Refusal && /couldn't find remote ref/i.test(error.said)) return null;
    throw answerOf(error, { shown: remote.shown, deed });
  }
  const commit = await repository.fetched(ref);
  if (commit === null) throw new Damage(`Git fetched ${ref}, but has not kept it`);
  return commit;
}

/** Git ended with these words. */
class Refusal extends Error {
  readonly said: string;
  constructor(said: string) {
    super(said);
    this.said = said;
  }
}

function answerOf(error: unknown, asked: Asked): unknown {
  return error instanceof Refusal ? errorOf(error, asked) : error;
}

interface Call {
  readonly limitMs: number;
  readonly deed: string;
  readonly interrupted?: AbortSignal | undefined;
}

/** Rejects with Refusal, with `state/unreachable` after the time limit, and with the AbortError of an interruption. */
async function callRemote(
  { repository, remote, limit }: Sides,
  words: readonly string[],
  { limitMs, deed, interrupted }: Call,
): Promise<Buffer> {
  const over = limit(limitMs);
  const abort = interrupted ? AbortSignal.any([over, interrupted]) : over;
  const settings = [...remote.settings, "push.pushOption="];
  try {
    return await repository.git(words, { settings, variables: remote.variables, abort });
  } catch (error) {
    interrupted?.throwIfAborted();
    const message = `the state could not be ${deed} at ${remote.shown}: no answer within ${limitMs / 1000} s`;
    if (over.aborted) throw unreachable(message);
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}
