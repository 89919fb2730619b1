// The Git store: keeps the trail and the lease of each organisation and owner in a ref of a remote, which `push` changes by
// compare and swap. It checks nothing out and needs nothing of the user's repository but a remote.
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { ReconcileError } from "../../model/errors.ts";
import { gitReason } from "../../git/git-hint.ts";
import { gitRan, runGit } from "../../git/run-git.ts";
import type { LeaseTimes, SharedStore, StateKey } from "../shared-store.ts";
import { decideAppend } from "./append.ts";
import { makeExchange } from "./exchange.ts";
import { findPublicAddress } from "./find-public-address.ts";
import { findRewriteRule } from "./find-rewrite-rule.ts";
import { findOrganization, rememberOrganization } from "./organizations.ts";
import { openOwnRepository, type Limit, type OwnRepository } from "./own-repository.ts";
import { publicRemote } from "./public-remote.ts";
import { findRemote, type RemoteChoice } from "./remote.ts";
import { makeStateKeeper, type Decide, type StateKeeper } from "./state-keeper.ts";
import { organizationsRef, stateRef } from "./state-ref.ts";
import { takeLease } from "./take.ts";
import { emptyTip, formatTip, tipFile, type Tip } from "./tip.ts";
import { makeTrailReader, type TrailReader } from "./trail-reader.ts";
import { makeTurns, type InTurn } from "./turns.ts";
import { writeCommit } from "./write-commit.ts";

export interface GitStoreOptions extends RemoteChoice {
  /** The branch whose name begins the names of the refs. */
  readonly branch: string;
  /** The folder for what is fetched, such as `.reconcile/git-state`. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Limits what Git takes. Git is another process, so its time is the machine's even where a test moves the clock. */
  readonly limit?: Limit;
}

export interface GitStore extends SharedStore {
  readonly kind: "git";
  /** An address at which anybody can read the remote without a login; null if none answers. It is asked once. */
  readonly findPublicAddress: () => Promise<string | null>;
  /** Whether the remote refuses to rewrite and to delete its branches; null if that cannot be told. */
  readonly refusesRewrites: () => Promise<boolean | null>;
  /** Rejects with ReconcileError `state/…` if this login may not push; pushes nothing. */
  readonly tryPush: () => Promise<void>;
}

/** A write starts and ends within the time in which the ref counts as renewed, by a watcher that saw the renewal late. */
const times: LeaseTimes = {
  renewEveryMs: 60_000,
  startWithinMs: 100_000,
  writeMs: 60_000,
  lastsMs: 180_000,
  waitMs: 300_000,
};

/** Rejects with ReconcileError `state/refused`. The remote is not asked for anything yet. */
export async function openGitStore(options: GitStoreOptions): Promise<GitStore> {
  const { branch, clock, limit = (limitMs) => AbortSignal.timeout(limitMs) } = options;
  await requireBranch(branch);
  const remote = await findRemote(options);
  const repository = await openOwnRepository({ ...options, limit });
  const exchange = makeExchange({ repository, remote, limit });
  const keeper = makeStateKeeper({ repository, exchange, clock });
  const inTurn = makeTurns(keeper.startAnew);
  const reader = makeTrailReader({ repository, keeper, inTurn });
  const refOf = (key: StateKey): string => stateRef(branch, key);
  const place = { repository, exchange, ref: organizationsRef(branch) };
  let asked: Promise<string | null> | null = null;
  const findPublic = (): Promise<string | null> =>
    (asked ??= findPublicAddress(remote, { repository, limit }));
  return {
    kind: "git",
    name: `Git at ${remote.shown}, branch ${branch}`,
    times,
    gathers: true,
    findPublicAddress: findPublic,
    refusesRewrites: () => findRewriteRule(remote, repository),
    tryPush: () =>
      inTurn(async () => {
        const files = new Map([[tipFile, formatTip(emptyTip)]]);
        const draft = { parent: null, files, subject: "a try", nowMs: clock.now() };
        await exchange.tryPush(`refs/heads/${branch}/try`, await writeCommit(repository, draft));
      }),
    findOrganization: (client) => inTurn(() => findOrganization(place, client)),
    rememberOrganization: (client, organization) =>
      inTurn(() => rememberOrganization(place, { client, organization, nowMs: clock.now() })),
    look: (key) => reader.look(refOf(key)),
    hashOf: (key, seq) => reader.hashOf(refOf(key), seq),
    read: (key, after) => reader.read(refOf(key), after),
    ...makeHolding({ repository, keeper, reader, inTurn, refOf, findPublic, ...options }),
    close: () => inTurn(() => repository.close()),
  };
}

interface Parts extends Pick<GitStoreOptions, "clock" | "random"> {
  readonly repository: OwnRepository;
  readonly keeper: StateKeeper;
  readonly reader: TrailReader;
  readonly inTurn: InTurn;
  readonly refOf: (key: StateKey) => string;
  readonly findPublic: () => Promise<string | null>;
}

/** The calls that take the lease or need it. */
function makeHolding(
  parts: Parts,
): Pick<SharedStore, "append" | "markMoved" | "release" | "renew" | "take"> {
  const { repository, keeper, reader, inTurn, refOf, findPublic, clock, random } = parts;
  const abandoned = new Set<string>();
  const change = <T>(key: StateKey, decide: Decide<T>): Promise<T> => {
    reader.forgetLook(refOf(key));
    return inTurn(() => keeper.change(refOf(key), decide));
  };
  return {
    take: async (key, options) => {
      options.interrupted?.throwIfAborted();
      const address = await findPublic();
      if (address !== null) throw publicRemote(address);
      const ports = { keeper, clock, inTurn, abandoned, lastsMs: times.lastsMs, takenBy: random.id() };
      const taken = await takeLease(refOf(key), options, ports);
      reader.noteLook(refOf(key));
      return taken;
    },
    renew: (key, fence) =>
      change<boolean>(key, ({ tip }) =>
        holds(tip, fence) ? { tip, subject: `lease ${fence} renewed`, then: true } : { answer: false },
      ),
    release: (key, fence) =>
      change<undefined>(key, ({ tip }) => {
        if (!holds(tip, fence)) return { answer: undefined };
        const free = { ...tip, holder: null, takenBy: null };
        return { tip: free, subject: `lease ${fence} given back`, then: undefined };
      }),
    append: (key, fence, records) =>
      change(key, (state) => decideAppend(repository, state, { fence, records })),
    markMoved: (key, fence, movedTo) =>
      change<undefined>(key, ({ tip }) => {
        if (!holds(tip, fence)) throw takenOver();
        if (tip.movedTo === movedTo) return { answer: undefined };
        const subject = movedTo === null ? "the trail is here again" : "the trail was moved";
        return { tip: { ...tip, movedTo }, subject, then: undefined };
      }),
  };
}

function holds(tip: Tip, fence: number): boolean {
  return tip.holder !== null && tip.fence === fence;
}

function takenOver(): ReconcileError {
  return new ReconcileError("state/takenOver", "another process holds the lease of this state now");
}

async function requireBranch(branch: string): Promise<void> {
  try {
    await runGit(["check-ref-format", `refs/heads/${branch}/a`]);
  } catch (error) {
    const isFormat = gitRan(error);
    const message = isFormat
      ? `Git takes no branch named ${branch}`
      : `the Git store needs Git: ${gitReason(error)}`;
    const hint = isFormat ? "name another one in `state.git.branch`" : "install Git";
    throw new ReconcileError("state/refused", message, { hint });
  }
}
