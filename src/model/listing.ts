// What a list showed of the live resources, and what it left in the dark.
import type { Kind } from "./kind.ts";
import type { LiveResource } from "./resource.ts";

export interface Listing {
  /** Each resource once. */
  readonly live: readonly LiveResource[];
  /** Resources that the list showed in a form that this version cannot read. */
  readonly unread: readonly UnreadResource[];
  /** How many more resources the platform counts than it shows to this client; 0 if it shows all of them. */
  readonly hidden: number;
}

export interface UnreadResource {
  readonly kind: Kind;
  /** Null if even the id cannot be read. */
  readonly id: string | null;
  /** Null if it cannot be read, too. */
  readonly name: string | null;
  /** The owner that its marker names; null if it shows none. */
  readonly owner: string | null;
  /** Null if its description does not show one. */
  readonly group: string | null;
  /** `expected …` in place of what the platform answered, or its refusal. */
  readonly why: string;
}

/** A list that showed everything. */
export function wholeListing(live: readonly LiveResource[]): Listing {
  return { live, unread: [], hidden: 0 };
}
