// A family of attacks: a table of rows, and how one row is played. `npm test` plays it in short, `npm run attack` in long.
import { checks } from "../support/canary.ts";

export interface Row {
  readonly name: string;
  /** Why the row does not hold yet; absent if it holds. Such a row is played and listed, and fails nothing. */
  readonly known?: string;
}

export interface Extent {
  /** True for every kind of resource, every position and more seeds; false for one kind and a few positions. */
  readonly isLong: boolean;
}

export interface Played {
  /** How many commands were attacked. */
  readonly attacks: number;
  /** The checks that failed, a sentence each; empty if all of them held. */
  readonly faults: readonly string[];
}

export interface Family {
  /** Also the name of its files in test/attack. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Plays the row of this name. */
  readonly play: (name: string, extent: Extent) => Promise<Played>;
}

export function makeFamily<R extends Row>(
  name: string,
  rows: readonly R[],
  play: (row: R, extent: Extent) => Promise<Played>,
): Family {
  const byName = new Map(rows.map((row) => [row.name, row] as const));
  if (byName.size !== rows.length) throw new Error(`two rows of ${name} have the same name`);
  return {
    name,
    rows,
    play: (wanted, extent) => {
      const row = byName.get(wanted);
      if (!row) throw new Error(`${name} has no row "${wanted}"`);
      return play(row, extent);
    },
  };
}

/** Plays one after the other, and adds up what came of it. */
export async function playAll(plays: readonly (() => Promise<Played>)[]): Promise<Played> {
  let attacks = 0;
  const faults: string[] = [];
  for (const play of plays) {
    const played = await play();
    attacks += played.attacks;
    faults.push(...played.faults, ...findSecrets());
  }
  return { attacks, faults };
}

/** Looks for secrets in the output of the worlds so far, and lets the worlds go: a long form makes too many to keep. */
function findSecrets(): readonly string[] {
  return checks.splice(0).flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}
