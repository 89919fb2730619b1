// The port of a shared store, in which several machines keep one trail and one lease for each (organisation, owner). The
// Git store and the PostgreSQL store implement it. It knows nothing of what a record says, only its number, hash and line.
import type { LockHolder as LeaseHolder } from "../lib/lock-file.ts";

/** The organisation and the owner whose state it is. */
export interface StateKey {
  /** The organisation's id. */
  readonly organization: string;
  readonly owner: string;
}

/** The end of a trail: `seq` 0 and 64 zeros before the first record. */
export interface TrailHead {
  readonly seq: number;
  readonly hash: string;
}

/** A record as the store keeps it. */
export interface StoredRecord extends TrailHead {
  /** Its line in the trail, without the newline. */
  readonly line: string;
}

/** What a store holds of one (organisation, owner) at one moment. */
export interface StoreTip {
  readonly head: TrailHead;
  /** The number of the lease that was taken last; 0 if none ever was. */
  readonly fence: number;
  /** Null if the lease is free, or surely not held any more. */
  readonly holder: LeaseHolder | null;
  /** The store to which the trail was moved; null if it is here. */
  readonly movedTo: string | null;
}

/** The times of a store's lease, in ms. */
export interface LeaseTimes {
  readonly renewEveryMs: number;
  /** A write starts only within this time of the last confirmed renewal. */
  readonly startWithinMs: number;
  /** A write takes this long at most; then its outcome is unknown. */
  readonly writeMs: number;
  /** From this long after the last confirmed renewal on, another machine may hold the lease. */
  readonly lastsMs: number;
  /** How long a pass waits for the lease of another, unless `--lock-timeout` says so. */
  readonly waitMs: number;
}

export interface TakeOptions {
  readonly holder: LeaseHolder;
  readonly waitMs: number;
  readonly interrupted?: AbortSignal | undefined;
  /** The fence is to be above this one, which this machine has seen. */
  readonly above: number;
  /** Called once if another process holds the lease. */
  readonly onWait?: ((holder: LeaseHolder | null) => void) | undefined;
}

export type TakenLease =
  | {
      readonly ok: true;
      readonly fence: number;
      /** The number of the lease before it. */
      readonly followed: number;
      /** The head of the trail at that moment. */
      readonly head: TrailHead;
    }
  | { readonly ok: false; readonly holder: LeaseHolder | null };

/** An OAuth client of a region, whose organisation is remembered. */
export interface StoreClient {
  readonly environment: string;
  readonly clientId: string;
}

export interface StoredOrganization {
  readonly id: string;
  readonly name: string | null;
}

/** What a person should know of a store that works. */
export interface StoreWarning {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * Every call rejects with ReconcileError: `state/unreachable` if the store did not answer, so that the call may or may not
 * have taken effect, and the same call may be made again; `state/refused` if it answered and refuses (rights, a full disk, a
 * missing table), with the way out as its hint. Neither error names a password.
 */
export interface SharedStore {
  readonly kind: "git" | "postgres";
  /** Names the store for people, without its password: `PostgreSQL at db.example.com:5432/state, schema reconcile`. */
  readonly name: string;
  readonly times: LeaseTimes;
  /** True if an append costs so much that the records of a phase wait for each other, such as a push. */
  readonly gathers: boolean;
  findOrganization(client: StoreClient): Promise<StoredOrganization | null>;
  rememberOrganization(client: StoreClient, organization: StoredOrganization): Promise<void>;
  /** Reads the present tip: one round trip. */
  look(key: StateKey): Promise<StoreTip>;
  /** The hash of one record; null if the trail has none of that number. */
  hashOf(key: StateKey, seq: number): Promise<string | null>;
  /**
   * Yields the lines that follow record `after`, in order and in bounded pieces: whole lines, each with its newline, as in a
   * trail's file.
   */
  read(key: StateKey, after: number): AsyncIterable<Uint8Array>;
  /** Takes the lease, or waits for it. Rejects with an AbortError if it is interrupted. */
  take(key: StateKey, options: TakeOptions): Promise<TakenLease>;
  /** False if another one holds the lease now. */
  renew(key: StateKey, fence: number): Promise<boolean>;
  /** Gives the lease back; a lease that another one holds is left alone. */
  release(key: StateKey, fence: number): Promise<void>;
  /**
   * Appends records, all or none, durably: `false` if the fence is old, or if the trail does not end with the record before
   * the first of them. Records that stand there already count as appended, because an answer may have been lost. It counts as
   * a renewal of the lease.
   */
  append(key: StateKey, fence: number, records: readonly StoredRecord[]): Promise<boolean>;
  /** Marks the trail as moved to another store; null takes the mark off. Needs the lease. */
  markMoved(key: StateKey, fence: number, movedTo: string | null): Promise<void>;
  /** What the calls so far have shown; absent of a store that never warns. */
  warnings?(): readonly StoreWarning[];
  close(): Promise<void>;
}
