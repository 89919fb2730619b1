// The port of the state: what outlives a run of one (organisation, owner), and the lease under which it may be changed.
import type { LockHolder } from "../lib/lock-file.ts";
import type { StoredRecord } from "./shared-store.ts";

/** The files in which a run reads the state. The sandbox has its own, apart from those of the real platform. */
export interface StatePaths {
  /** The trail; of a shared store, this machine's copy of it. */
  readonly trail: string;
  /** The store that the trail is a copy of, as messages name it; absent where the trail is the file itself. */
  readonly copyOf?: string;
  /** The last run and the figures. */
  readonly kept: string;
  /** The head of the trail that this machine saw last. */
  readonly head: string;
  /** What lets a pass read a long trail from near its end; it may be removed at any time. */
  readonly checkpoint: string;
  /** The trails of files that were moved to a shared store; absent where no move applies. */
  readonly moved?: string;
  /** The outcomes that a shared store could not take; absent where the trail is the file itself. */
  readonly pending?: string;
}

/** Two ids of a file, as in `FileIdentity`. */
export interface Growth {
  readonly from: string;
  readonly to: string;
}

export type StoreKind = "files" | "git" | "postgres";

export interface State {
  readonly store: StoreKind;
  readonly paths: StatePaths;
  /**
   * Brings this machine's copy of the trail up to date, and notes which lease was the last one. A run calls it before it
   * reads the trail. Throws ReconcileError `state/…`.
   */
  readonly look: () => Promise<void>;
  /** Who holds the lease at this moment; null if nobody does. Throws ReconcileError `state/…`. */
  readonly findHolder: () => Promise<LockHolder | null>;
  /** Reads the whole copy anew, from the store; does nothing where the trail is the file itself. */
  readonly readAnew: () => Promise<void>;
  /**
   * What this process has appended to the copy, by what the disk said of it before and after; null if that is nothing, or if
   * another process changed the copy.
   */
  readonly growth: () => Growth | null;
  /** Throws ReconcileError `state/moved` if the last look, or `findMovedTo`, has shown that the trail was moved. */
  readonly requireHere: () => void;
  /** The store to which the trail was moved; null if it is here. Throws ReconcileError `state/…`. */
  readonly findMovedTo: () => Promise<StoreKind | null>;
  /**
   * Waits for the lease and takes it. Throws ReconcileError `state/locked`, `state/moved`, `run/interrupted`, and others
   * `state/…`.
   */
  readonly take: (wish: LeaseWish) => Promise<HeldLease>;
}

export interface LeaseWish {
  /** The command, such as `sync`; a process that waits for the lease shows it. */
  readonly task: string;
  /** Ends the wait. */
  readonly interrupted: AbortSignal;
  /** Called with a line for the user if another process holds the lease. */
  readonly onWait: (words: string) => void;
  /** Takes the lease of a trail that was moved away, too: a move may complete it, or move it back. */
  readonly takesMoved?: true;
}

/** The lease, while this process holds it. */
export interface HeldLease {
  /** Whether no other process held the lease since the last look, so that what was read then still stands. */
  readonly isNext: boolean;
  /** Fires when this process must not write any more; its reason is a ReconcileError. */
  readonly lost: AbortSignal;
  /**
   * Whether a write may start at this moment; false after a long silence, as when the machine was suspended, until `confirm`
   * has shown that this process still holds the lease.
   */
  readonly mayStart: () => boolean;
  /** Whether this process still holds the lease; asks the store after a long silence. Never rejects. */
  readonly confirm: () => Promise<boolean>;
  /** How long a write may take before its outcome counts as unknown; null if the lease sets no limit. */
  readonly writeMs: number | null;
  /**
   * Appends records to a shared store, durably; a run calls it before it appends them to its copy. Absent where the trail is
   * the file itself. Throws ReconcileError.
   */
  readonly append?: (records: readonly StoredRecord[]) => Promise<void>;
  /** True if records wait for each other, so that one append serves those of a phase. */
  readonly gathers: boolean;
  /** Marks the trail as moved to another store, which ends its passes; null takes the mark off. Throws ReconcileError. */
  readonly markMoved: (movedTo: StoreKind | null) => Promise<void>;
  /** Never rejects. */
  readonly release: () => Promise<void>;
}
