// How many resources of a kind there can be.

/** The request that tells it, and what its answer says. */
export interface Cap {
  /** A path below the kind's own; 404 means that the organisation is not offered the kind. */
  readonly path: string;
  /** Returns the most that the platform allows, by the answer's body; null if it states no number. */
  readonly findMax: (body: unknown) => number | null;
}

/** A number that the platform publishes, and raises for an account that asks: nobody can read what this account has. */
export interface Quota {
  /** The platform's name for it: `Rules per event bus`. */
  readonly name: string;
  /** What has the resources, and what they count as there: `event bus`, `rules`. */
  readonly holder: string;
  readonly things: string;
  readonly usual: number;
  /** A clause: `ask AWS for more in Service Quotas`. */
  readonly wayOut: string;
}

export interface Room {
  readonly isOffered: boolean;
  /** The most that the platform allows; null if it states no number. */
  readonly max: number | null;
  /** How many there are, those of others included. */
  readonly used: number;
  /** The names of those among them that are not configured yet: a create of that name goes on with one. */
  readonly begun: ReadonlySet<string>;
}
