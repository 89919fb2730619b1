// Tells whose a record of a trail is, by its line. The three keys that say it stand side by side, before all documents, so no
// record need be parsed for that.
import { parseRecord } from "./parse-record.ts";
import { seqOf } from "./raw-keys.ts";
import type { IndexedTrail } from "./trail-index.ts";

/** One owner's resources in one organisation. */
export interface Whose {
  /** The region's domain, or the host of an overridden address. */
  readonly environment: string;
  readonly owner: string;
  /** The organisation's id; null if it is not known. */
  readonly organization: string | null;
}

/**
 * `own`: the record names the owner and the organisation. `older`: it names no organisation, as records of older versions,
 * and may be theirs. `claimed`: it is such a one, and a later record says that it is theirs. `other`: it is another one's.
 */
export type Belonging = "own" | "older" | "claimed" | "other";

export type FindBelonging = (line: Buffer) => Belonging;

const environmentKey = Buffer.from('"environment":');
const ownerKey = Buffer.from('"owner":');
const namedOrganization = Buffer.from('"organization":{');
const markerStart = Buffer.from("Managed by: reconcile (");
const claimed = Buffer.from('"event":"trail.claimed"');
/** The name of an organisation, which stands before the event, is shorter. */
const eventWithinBytes = 4_096;

/**
 * Lines come newest first, because a claim counts for the records before it; a reader that goes forward gives the claim that
 * it found. With an organisation that is not known, older records are its own: nothing tells them apart.
 */
export function makeBelonging(
  { environment, owner, organization }: Whose,
  given: { readonly claimedBefore: number } = { claimedBefore: 0 },
): FindBelonging {
  const here = Buffer.from(`"environment":${JSON.stringify(environment)},`);
  const mine = Buffer.from(`"owner":${JSON.stringify(owner)},`);
  const within =
    organization === null ? null : Buffer.from(`"organization":{"id":${JSON.stringify(organization)},`);
  const ownMarker = Buffer.from(`${owner})`);
  let { claimedBefore } = given;
  return (line) => {
    const at = line.indexOf(environmentKey);
    if (at < 0 || !standsAt(line, here, at)) return "other";
    let next = at + here.length;
    const isNamed = standsAt(line, ownerKey, next);
    if (isNamed) {
      if (!standsAt(line, mine, next)) return "other";
      next += mine.length;
    }
    if (standsAt(line, namedOrganization, next)) {
      if (!within || !standsAt(line, within, next)) return "other";
      claimedBefore = Math.max(claimedBefore, findClaim(line, next));
      return "own";
    }
    if (!isNamed && !mayBeOf(line, ownMarker)) return "other";
    if (organization === null) return "own";
    return claimedBefore > 0 && seqOf(line) < claimedBefore ? "claimed" : "older";
  };
}

/** Finds the claims of one owner in one organisation, without a look at any other line. */
export function makeClaimFinder(whose: Whose): {
  readonly see: (line: Buffer) => void;
  /** The seq before which older records are claimed; 0 if none are. */
  readonly before: () => number;
} {
  const belonging = makeBelonging(whose);
  let before = 0;
  return {
    see: (line) => {
      if (!line.includes(claimed) || belonging(line) !== "own") return;
      const from = line.indexOf(namedOrganization);
      if (from >= 0) before = Math.max(before, findClaim(line, from));
    },
    before: () => before,
  };
}

function standsAt(line: Buffer, text: Buffer, at: number): boolean {
  return line.compare(text, 0, text.length, at, at + text.length) === 0;
}

/** The marker of the owner ends a description; the last one in the line is that of what the record left. */
function mayBeOf(line: Buffer, ownMarker: Buffer): boolean {
  const at = line.lastIndexOf(markerStart);
  return at < 0 || standsAt(line, ownMarker, at + markerStart.length);
}

/** The seq before which a record claims those that name no organisation; 0 if it claims none. */
function findClaim(line: Buffer, from: number): number {
  if (!line.subarray(from, from + eventWithinBytes).includes(claimed)) return 0;
  const parsed = parseRecord(line.toString());
  return parsed.ok && parsed.record.event === "trail.claimed" ? (parsed.record.claims?.before ?? 0) : 0;
}

/** A trail with what tells which of its lines count, which come newest first. */
export interface CountedTrail extends IndexedTrail {
  readonly counts: (line: Buffer) => boolean;
}

/** `older`: whether records count that name no organisation. */
export function makeCount(whose: Whose, { older }: { readonly older: boolean }): CountedTrail["counts"] {
  const belonging = makeBelonging(whose);
  return (line) => {
    const found = belonging(line);
    return found === "own" || found === "claimed" || (older && found === "older");
  };
}

/** What is known of whose records a command shows: null of what it does not ask for. */
export interface RecordFilter {
  readonly owner: string | null;
  /** An organisation's id. */
  readonly organization: string | null;
}

/**
 * Records that name no owner pass, unless a marker in them is another owner's. `older`: whether those pass that name no
 * organisation.
 */
export function makeRecordFilter(
  { owner, organization }: RecordFilter,
  { older = true }: { readonly older?: boolean } = {},
): (line: Buffer) => boolean {
  if (owner === null && organization === null) return () => true;
  const ownMarker = owner === null ? null : Buffer.from(`${owner})`);
  return (line) => {
    const found = findWhose(line);
    if (organization !== null && (found.organization ?? (older ? organization : null)) !== organization)
      return false;
    if (owner === null || ownMarker === null) return true;
    return found.owner === null ? mayBeOf(line, ownMarker) : found.owner === owner;
  };
}

const head = /"environment":"(?:[^"\\]|\\.)*",(?:"owner":"([^"]*)",)?(?:"organization":\{"id":"([^"]*)",)?/;

function findWhose(line: Buffer): RecordFilter {
  const at = line.indexOf(environmentKey);
  const [, owner, organization] =
    (at < 0 ? null : head.exec(line.toString("utf8", at, at + eventWithinBytes))) ?? [];
  return { owner: owner ?? null, organization: organization ?? null };
}

const whoseKeys =
  /^"environment":"(?:[^"\\]|\\.)*",("owner":"(?:[^"\\]|\\.)*",)?("organization":\{"id":"(?:[^"\\]|\\.)*",)?/;
/** The name of an owner is shorter. */
const ownerWithinBytes = 128;

/**
 * Makes a function that returns one text for all lines that each reader above counts alike; null for a line that has no
 * environment.
 */
export function makeWhoseFinder(): (line: Buffer) => string | null {
  // Nearly all lines have the keys of the line before.
  let last: { readonly keys: Buffer; readonly text: string } | null = null;
  return (line) => {
    const at = line.indexOf(environmentKey);
    if (at < 0) return null;
    if (last && standsAt(line, last.keys, at)) return last.text;
    const found = whoseKeys.exec(line.toString("utf8", at, at + eventWithinBytes));
    if (!found) return null;
    const [text, owner, organization] = found;
    if (owner === undefined) return `${text} ${markerIn(line)}`;
    if (organization !== undefined) last = { keys: Buffer.from(text), text };
    return text;
  };
}

function markerIn(line: Buffer): string {
  const at = line.lastIndexOf(markerStart);
  const from = at + markerStart.length;
  return at < 0 ? "" : `(${line.toString("utf8", from, from + ownerWithinBytes).split(")", 1)[0] ?? ""})`;
}
