// What really happened, in one order: every write with its fate, every change of the platform, every pass.
import type { AuditRecord } from "../../src/model/audit-record.ts";
import type { Resource, Scheme, SimulatedKind } from "./resources.ts";

export interface Journal {
  /** The order of everything on the platform: counts up with each request handled and each edit. */
  moment: number;
  readonly passes: Pass[];
  readonly writes: Write[];
  readonly changes: Change[];
  readonly violations: Violation[];
  readonly totals: Totals;
  /** Null where nobody asked for the story. */
  readonly story: string[] | null;
}

export interface Pass {
  readonly number: number;
  readonly argv: string;
  readonly adopt: boolean;
  /** The one group that it is about; null of all. */
  readonly only: string | null;
  /** A manifest among them is not valid. */
  readonly isInvalid: boolean;
  /** The kind that the platform does not show while it lasts. */
  readonly refused: Refused | null;
  /** Fires where somebody presses Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** How many records were on disk when it started. */
  readonly trailSeq: number;
  readonly startedAtMs: number;
  /** Ended or died: what takes effect from now on comes late. */
  isOver: boolean;
  requests: number;
  tokenRequests: number;
  /** Lists that were asked for, by kind. */
  readonly listRequests: Map<Scheme, number>;
  /** Requests and writes to the disk that went wrong, and edits by somebody else meanwhile. */
  disturbances: number;
  /** Writes to the disk that went wrong. */
  diskFaults: number;
  /** By webhook id, the moment whose state the pass has last seen. */
  readonly reads: Map<string, number>;
  /** By webhook id, the moment of its last answer that showed more than its configuration. */
  readonly wholeReads: Map<string, number>;
  /** By kind, the moment of its last list: what that did not show was gone. */
  readonly listedAt: Map<Scheme, number>;
  /** By kind, the moment at which its last list was answered, however old what that shows. */
  readonly askedAt: Map<Scheme, number>;
  /** Every webhook that it read by its id, as it was shown. */
  readonly looks: { readonly moment: number; readonly webhook: Resource }[];
  /** By id, the last answer that did not show what is delivered, which a look at the configuration completes. */
  readonly halfLooks: Map<string, { readonly moment: number; readonly json: object }>;
  /** The ids of integrations whose complete configuration was asked for, in order. */
  readonly confirmations: string[];
}

/** Its list is not to be had: not allowed, though it may well hold something, or not offered. */
export interface Refused {
  readonly scheme: Scheme;
  readonly status: 403 | 404;
}

/** A write request, from its leaving. */
export interface Write {
  readonly number: number;
  readonly pass: Pass;
  readonly kind: SimulatedKind;
  readonly method: string;
  /** The webhook in the path; null of a create. */
  readonly id: string | null;
  readonly body: Body | null;
  /** As text, for comparison. */
  readonly sent: string;
  readonly fault: string;
  readonly leftAt: number;
  /** What the pass knew when it left. */
  readonly reads: ReadonlyMap<string, number>;
  readonly wholeReads: ReadonlyMap<string, number>;
  readonly listedAt: ReadonlyMap<Scheme, number>;
  readonly askedAt: ReadonlyMap<Scheme, number>;
  readonly looks: Pass["looks"];
  /** How many records were on disk when it left. */
  readonly trailSeq: number;
  /** The intent on disk that it carries out, open when it left; null where there was none. */
  readonly intent: AuditRecord | null;
  committedAt: number | null;
  committedAtMs: number | null;
  /** What the client heard; null where it never did. */
  heard: string | null;
  /** It took effect when nobody waited for its answer any more. */
  isLate: boolean;
}

export type Body = Readonly<Record<string, unknown>>;

/** One webhook of the platform, before and after. */
export interface Change {
  readonly moment: number;
  readonly atMs: number;
  /** Null where somebody else made it. */
  readonly write: Write | null;
  readonly id: string;
  readonly before: Resource | null;
  readonly after: Resource | null;
}

export interface Violation {
  readonly check: string;
  readonly detail: string;
}

export interface Totals {
  seeds: number;
  passes: number;
  crashes: number;
  edits: number;
  diskFaults: number;
  requests: number;
  writes: number;
  throttled: number;
  lateCommits: number;
  recovered: number;
  interrupts: number;
  /** Passes with `--group`. */
  ofOneGroup: number;
  /** Passes that met an invalid manifest. */
  invalid: number;
  /** Passes that did not get to see one kind. */
  refused: number;
  /** Groups that went over from one kind to another. */
  goneOver: number;
  /** Groups whose endpoints went to other groups. */
  handedOver: number;
  /** By name, how often a fault was injected. */
  readonly faults: Record<string, number>;
  /** By reason, how often a check looked away. */
  readonly excuses: Record<string, number>;
}

export function makeTotals(): Totals {
  const counts = { seeds: 0, passes: 0, crashes: 0, edits: 0, diskFaults: 0, requests: 0, writes: 0 };
  const more = { interrupts: 0, ofOneGroup: 0, invalid: 0, refused: 0, goneOver: 0, handedOver: 0 };
  return { ...counts, ...more, throttled: 0, lateCommits: 0, recovered: 0, faults: {}, excuses: {} };
}

export function addTotals(sum: Totals, more: Totals): void {
  for (const key of ["faults", "excuses"] as const) {
    for (const [name, times] of Object.entries(more[key])) sum[key][name] = (sum[key][name] ?? 0) + times;
  }
  for (const key of ["seeds", "passes", "crashes", "edits", "diskFaults", "requests"] as const)
    sum[key] += more[key];
  for (const key of ["writes", "throttled", "lateCommits", "recovered"] as const) sum[key] += more[key];
  for (const key of ["interrupts", "ofOneGroup", "invalid"] as const) sum[key] += more[key];
  for (const key of ["refused", "goneOver", "handedOver"] as const) sum[key] += more[key];
}

export function makeJournal(withStory: boolean): Journal {
  const lists = { passes: [], writes: [], changes: [], violations: [] };
  return { moment: 0, ...lists, totals: makeTotals(), story: withStory ? [] : null };
}

/** `what` is worked out only where somebody reads it. */
export function tell(journal: Journal, atMs: number, what: () => string): void {
  journal.story?.push(`${new Date(atMs).toISOString().slice(11, 23)}  ${what()}`);
}

export function countUp(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
