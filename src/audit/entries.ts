// Reads a trail record by record, to show it. It checks only that a line is a record, and none of its fields.
import type { RunProvenance } from "../model/audit-record.ts";
import { decodeLine } from "./lines.ts";
import { readLines } from "./read-trail.ts";
import type { TrailFiles } from "./trail-parts.ts";
import { findRecord, isOutcome, type FoundRecord } from "./parse-record.ts";

export interface Entry {
  /** From 1. */
  readonly line: number;
  /** The line as on disk, without its newline. */
  readonly text: string;
  readonly record: FoundRecord;
}

/** Yields records first to last; calls `onOther` with each full line that is not a record. Throws `audit/unreadable`. */
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
  /** Adds an entry; entries come in the order of the trail. */
  add(entry: Entry): void;
  /** The lines of the intents that have no outcome. */
  openLines(): ReadonlySet<number>;
}

/** Pairs each outcome with its intent by the intent's seq; older records lack it, so they pair by run, group and so on. */
export function makeIntents(): Intents {
  /** The open intents by seq, oldest first. Few are open at once, so a search is fast. */
  const open = new Map<unknown, { readonly line: number; readonly about: string }>();
  return {
    add: ({ line, record }) => {
      if (record.event === "change.intended") open.set(record.seq, { line, about: describe(record) });
      if (!isOutcome(record.event)) return;
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

function describe({ runId, operation, group, endpoint }: FoundRecord): string {
  return JSON.stringify([runId, operation, group, endpoint]);
}

export interface EntryFilter {
  /** Milliseconds since 1970-01-01 UTC; null for all times. */
  readonly sinceMs: number | null;
  /** The last millisecond that counts, in the same way. */
  readonly untilMs: number | null;
  /** Null for all groups, and for records without a group. */
  readonly groups: readonly string[] | null;
  /** A runId or the beginning of one; null for all runs. */
  readonly run: string | null;
  /** A part of the name of a person, machine or OAuth client; null for all. */
  readonly actor: string | null;
  /** Null for all owners; records that name none pass. */
  readonly owner?: string | null;
  /** The id of an organisation, in the same way. */
  readonly organization?: string | null;
}

/** A record whose time cannot be parsed passes the filter of times. */
export function matchesFilter(record: FoundRecord, wanted: EntryFilter): boolean {
  const { timestamp, group, runId } = record;
  const timeMs = typeof timestamp === "string" ? Date.parse(timestamp) : NaN;
  if (wanted.sinceMs !== null && timeMs < wanted.sinceMs) return false;
  if (wanted.untilMs !== null && timeMs > wanted.untilMs) return false;
  if (wanted.groups !== null && !(typeof group === "string" && wanted.groups.includes(group))) return false;
  if (!isOf(record, wanted)) return false;
  if (wanted.actor !== null && !namesActor(record, wanted.actor)) return false;
  return wanted.run === null || (typeof runId === "string" && runId.startsWith(wanted.run));
}

/** In an edited trail, the fields may hold anything. */
function isOf({ owner, organization }: FoundRecord, wanted: EntryFilter): boolean {
  const { id } = (organization ?? {}) as { readonly id?: unknown };
  const [wantedOwner, wantedId] = [wanted.owner ?? null, wanted.organization ?? null];
  if (wantedOwner !== null && (owner ?? wantedOwner) !== wantedOwner) return false;
  return wantedId === null || (id ?? wantedId) === wantedId;
}

/** Upper and lower case are the same. In an edited trail, the names may hold anything. */
function namesActor({ actor, provenance }: FoundRecord, text: string): boolean {
  const { login, client, ci, daemon } = (provenance ?? {}) as Partial<RunProvenance>;
  const names: readonly unknown[] = [actor, login, client, ci?.startedBy, ci?.approvedBy, daemon?.host];
  return names.some((name) => typeof name === "string" && name.toLowerCase().includes(text.toLowerCase()));
}
