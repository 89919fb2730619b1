// Changes a ref of the remote by compare and swap: reads it, decides, pushes, and begins again if it moved meanwhile.
import type { Clock } from "../../lib/clock.ts";
import { isCode } from "../../model/errors.ts";
import { readState, type State } from "./content.ts";
import type { Exchange } from "./exchange.ts";
import { unreachable } from "./git-answers.ts";
import type { OwnRepository } from "./own-repository.ts";
import { writeCommit } from "./write-commit.ts";
import { formatTip, tipFile, type Tip } from "./tip.ts";

/** A new commit, or the answer without one. */
export type Decision<T> =
  | { readonly answer: T }
  | {
      readonly tip: Tip;
      /** The files that change beside the tip's. */
      readonly files?: ReadonlyMap<string, string | Uint8Array>;
      readonly subject: string;
      /** The answer once it is on the remote. */
      readonly then: T;
    };

/**
 * A decision is asked for again if the answer to its push was lost: it then has to tell by the state whether the push
 * arrived. `askedMs`: when the remote was asked for this state; null if it was not asked this time.
 */
export type Decide<T> = (state: State, askedMs: number | null) => Decision<T> | Promise<Decision<T>>;

export interface StateKeeper {
  /** Asks the remote. */
  readonly look: (ref: string, interrupted?: AbortSignal) => Promise<State>;
  /** What the last look at this ref or the last change of it left there; null if there was none. */
  readonly seen: (ref: string) => State | null;
  /** `decide` first gets what was seen last, and only if that is outdated what the remote holds. */
  readonly change: <T>(ref: string, decide: Decide<T>, options?: ChangeOptions) => Promise<T>;
  /** Forgets all that was seen, and begins with an empty folder. */
  readonly startAnew: () => Promise<void>;
}

export interface ChangeOptions {
  /** Asks the remote first although a state was seen. */
  readonly ask?: boolean;
  readonly interrupted?: AbortSignal | undefined;
}

interface Parts {
  readonly repository: OwnRepository;
  readonly exchange: Exchange;
  readonly clock: Clock;
}

/** Of machines that push at once one gets through each time, so this many can queue up behind each other. */
const mostTries = 30;
/** An answer that is lost this often is not lost by chance. */
const mostLost = 3;

/** The calls must not overlap. */
export function makeStateKeeper({ repository, exchange, clock }: Parts): StateKeeper {
  const states = new Map<string, State>();
  const look = async (ref: string, interrupted?: AbortSignal): Promise<State> => {
    const known = states.get(ref);
    states.delete(ref);
    const commit = await exchange.fetch(ref, interrupted);
    const state = known?.commit === commit ? known : await readState(repository, { ref, commit });
    states.set(ref, state);
    return state;
  };
  const commitOf = async <T>(state: State, made: Made<T>): Promise<string> => {
    const files = new Map([...(made.files ?? []), [tipFile, formatTip(made.tip)]]);
    const change = { parent: state.commit, files, subject: made.subject, nowMs: clock.now() };
    return writeCommit(repository, change);
  };
  const change = async <T>(ref: string, decide: Decide<T>, options: ChangeOptions = {}): Promise<T> => {
    const { interrupted } = options;
    let lost = 0;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const seen = tries === 0 && options.ask !== true ? states.get(ref) : undefined;
      const askedMs = seen ? null : clock.monotonic();
      const state = seen ?? (await look(ref, interrupted));
      const decision = await decide(state, askedMs);
      if ("answer" in decision) return decision.answer;
      interrupted?.throwIfAborted();
      const fresh = await commitOf(state, decision);
      states.delete(ref);
      try {
        if (!(await exchange.push(ref, { old: state.commit, fresh }))) continue;
      } catch (error) {
        if (!isCode(error, "state/unreachable") || ++lost >= mostLost) throw error;
        continue;
      }
      states.set(ref, { commit: fresh, tip: decision.tip });
      return decision.then;
    }
    throw unreachable(`${ref} was changed by others ${mostTries} times in a row`);
  };
  return {
    look,
    seen: (ref) => states.get(ref) ?? null,
    change,
    startAnew: async () => {
      states.clear();
      await repository.rebuild();
    },
  };
}

type Made<T> = Exclude<Decision<T>, { readonly answer: T }>;
