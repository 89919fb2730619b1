// Collects the index of a trail from its end backwards. A line that is left out of it changes nothing of what the readers of
// `readNeeded` find, whatever is appended to the trail later. A trail with lines that someone edited gets no index.
import { makeWhoseFinder } from "./belongs.ts";
import { collectIntents } from "./collect-intents.ts";
import { claimMark, seeLine, type Collecting, type Whose } from "./index-lines.ts";
import type { LinePlace, TrailIndex } from "./trail-index.ts";

export interface IndexCollector {
  /** Lines come in order, the trail's last one first, each with its place. */
  readonly see: (line: Buffer, place: LinePlace) => void;
  /** Adds the lines of resources and commits of an older index, before its other lines are seen again. */
  readonly addOlder: (older: TrailIndex) => void;
  /** Null if a line is not as reconcile writes it. */
  readonly end: (endBytes: number) => TrailIndex | null;
}

/** An index with more lines would cost more than it saves. */
const mostLines = 200_000;

export function collectIndex(): IndexCollector {
  const all: Collecting = {
    ...{
      findWhose: makeWhoseFinder(),
      whoses: new Map(),
      lines: [],
      of: { deleted: [], origins: [], drifts: [] },
      commits: [],
    },
    ...{
      closings: new Map(),
      carried: new Set(),
      deletedIds: new Map(),
      deletedNames: new Map(),
      known: new Set(),
    },
    ...{ claim: "", newestMs: -Infinity, isFit: true },
  };
  return {
    see: (line, place) => {
      if (!all.isFit) return;
      const whose = findWhose(line, all);
      if (!whose) all.isFit = false;
      else if (seeLine(line, { place, whose, all })) all.lines.push(place);
    },
    addOlder: (older) => {
      all.newestMs = Math.max(all.newestMs, older.newestMs);
      addResourceLines(older, all);
      addCommits(older, all);
    },
    end: (endBytes) => {
      const { newestMs, whoses, lines, of, commits, isFit } = all;
      if (!isFit || lines.length > mostLines) return null;
      const sorted = [...new Map(lines.map((place) => [place[0], place])).values()].sort(byPlace);
      return { endBytes, newestMs, whoses: [...whoses.keys()], lines: sorted, ...of, commits };
    },
  };
}

function byPlace(a: LinePlace, b: LinePlace): number {
  return b[0] - a[0];
}

function findWhose(line: Buffer, { findWhose: find, whoses, claim }: Collecting): Whose | null {
  const text = find(line);
  return text === null ? null : whoseOf(withClaim(text, claim), whoses);
}

function withClaim(text: string, claim: string): string {
  return text.includes('"organization":{') || text.includes(claimMark) ? text : text + claim;
}

function whoseOf(text: string, whoses: Map<string, Whose>): Whose {
  const known = whoses.get(text);
  if (known) return known;
  const whose: Whose = {
    ...{ number: whoses.size, intents: collectIntents(new Map(), { withLate: true }) },
    ...{ runs: new Set(), written: new Set(), origins: new Set(), drifts: new Set() },
    hasCommit: false,
  };
  whoses.set(text, whose);
  return whose;
}

/** An older line counts unless a later one replaces it. */
function addCommits(older: TrailIndex, { whoses, commits, claim }: Collecting): void {
  for (const [number, ...place] of older.commits) {
    const whose = whoseOf(withClaim(older.whoses[number] ?? "", claim), whoses);
    if (whose.hasCommit) continue;
    whose.hasCommit = true;
    commits.push([whose.number, ...place]);
  }
}

/** As `addCommits`. */
function addResourceLines(older: TrailIndex, { whoses, of, known, claim }: Collecting): void {
  for (const sort of ["deleted", "origins", "drifts"] as const)
    for (const [number, id, ...place] of older[sort]) {
      const whose = whoseOf(withClaim(older.whoses[number] ?? "", claim), whoses);
      const seen = sort === "drifts" ? whose.drifts : whose.origins;
      if (seen.has(id) || (sort === "drifts" && whose.written.has(id))) continue;
      seen.add(id);
      known.add(place[0]);
      of[sort].push([whose.number, id, ...place]);
    }
}
