// Reads what the remote holds: its tip, a hash, the trail.
import type { StoreTip } from "../shared-store.ts";
import type { State } from "./content.ts";
import { Damage } from "./damage.ts";
import { unreachable } from "./git-answers.ts";
import type { OwnRepository } from "./own-repository.ts";
import { findHash, readLines } from "./read-trail.ts";
import type { StateKeeper } from "./state-keeper.ts";
import type { InTurn } from "./turns.ts";

export interface TrailReader {
  readonly look: (ref: string) => Promise<StoreTip>;
  readonly hashOf: (ref: string, seq: number) => Promise<string | null>;
  readonly read: (ref: string, after: number) => AsyncGenerator<Uint8Array>;
  /** A call has just learned what the remote holds, so the next `hashOf` and `read` need not ask again. */
  readonly noteLook: (ref: string) => void;
  readonly forgetLook: (ref: string) => void;
}

interface Parts {
  readonly repository: OwnRepository;
  readonly keeper: StateKeeper;
  readonly inTurn: InTurn;
}

export function makeTrailReader({ repository, keeper, inTurn }: Parts): TrailReader {
  const looked = new Set<string>();
  const present = async (ref: string): Promise<State> =>
    (looked.has(ref) ? keeper.seen(ref) : null) ?? (await keeper.look(ref));
  return {
    look: (ref) =>
      inTurn(async () => {
        const { head, fence, holder, movedTo } = (await keeper.look(ref)).tip;
        looked.add(ref);
        return { head, fence, holder, movedTo };
      }),
    hashOf: (ref, seq) => inTurn(async () => findHash(repository, await present(ref), seq)),
    read: async function* (ref, after) {
      let state = await inTurn(() => present(ref));
      looked.delete(ref);
      let [done, isNew] = [after, false];
      for (;;) {
        try {
          for await (const { lines, last } of readLines(repository, state, done)) {
            yield lines;
            done = last;
          }
          return;
        } catch (error) {
          if (!(error instanceof Damage)) throw error;
          if (isNew) throw unreachable(`Git failed: ${error.message}`);
          isNew = true;
        }
        state = await inTurn(async () => {
          await keeper.startAnew();
          return keeper.look(ref);
        });
      }
    },
    noteLook: (ref) => void looked.add(ref),
    forgetLook: (ref) => void looked.delete(ref),
  };
}
