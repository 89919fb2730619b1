// What a trail tells, record by record. It is for reading, so that nothing is checked but that a line is a record.
import { decodeLine } from "./lines.ts";
import { readLines, type TrailFiles } from "./read-trail.ts";
import { findRecord, type FoundRecord } from "./parse-record.ts";

export interface Entry {
  /** From 1. */
  readonly line: number;
  /** As on disk, without its newline. */
  readonly text: string;
  readonly record: FoundRecord;
}

/** First to last; `onOther` is told of each full line that is no record. Throws `audit/unreadable`. */
export async function* readEntries(
  files: TrailFiles,
  path: string,
  onOther: (line: number) => void,
): AsyncGenerator<Entry> {
  let line = 0;
  for await (const bytes of readLines(files, path)) {
    line += 1;
    const text = bytes === null ? undefined : decodeLine(bytes);
    const record = text === undefined ? undefined : findRecord(text);
    if (text === undefined || !record) onOther(line);
    else yield { line, text, record };
  }
}

export interface Intents {
  /** In the order of the trail. */
  add(entry: Entry): void;
  /** The lines of the intents that have no outcome behind them. */
  openLines(): ReadonlySet<number>;
}

/** Pairs each outcome with its intent: by `intent`, the seq of it, or in older records by what both are about. */
export function makeIntents(): Intents {
  /** By seq, oldest first. Few are open at once, so that a search costs nothing. */
  const open = new Map<unknown, { readonly line: number; readonly about: string }>();
  return {
    add: ({ line, record }) => {
      if (record.event === "change.intended") open.set(record.seq, { line, about: describe(record) });
      if (!outcomes.has(record.event)) return;
      if (typeof record.intent === "number") {
        open.delete(record.intent);
        return;
      }
      const about = describe(record);
      for (const [seq, intent] of open) {
        if (intent.about !== about) continue;
        open.delete(seq);
        return;
      }
    },
    openLines: () => new Set([...open.values()].map(({ line }) => line)),
  };
}

const outcomes: ReadonlySet<unknown> = new Set(["change.applied", "change.failed", "change.recovered"]);

function describe({ runId, operation, group, endpoint }: FoundRecord): string {
  return JSON.stringify([runId, operation, group, endpoint]);
}

export interface EntryFilter {
  /** Milliseconds since 1970-01-01 UTC; null for all times. */
  readonly sinceMs: number | null;
  /** Null for all groups, and for what is about none. */
  readonly groups: readonly string[] | null;
  /** A runId or the beginning of one; null for all runs. */
  readonly run: string | null;
}

/** A record whose time cannot be read is not left out for it. */
export function matchesFilter({ timestamp, group, runId }: FoundRecord, wanted: EntryFilter): boolean {
  if (wanted.sinceMs !== null && typeof timestamp === "string" && Date.parse(timestamp) < wanted.sinceMs)
    return false;
  if (wanted.groups !== null && !(typeof group === "string" && wanted.groups.includes(group))) return false;
  return wanted.run === null || (typeof runId === "string" && runId.startsWith(wanted.run));
}
