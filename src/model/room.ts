// How many resources of a kind an organisation can have, by the platform's own statement.

/** The request that tells it, and what its answer says. */
export interface Cap {
  /** A path below the kind's own; 404 means that the organisation is not offered the kind. */
  readonly path: string;
  /** Returns the most that the platform allows, by the answer's body; null if it states no number. */
  readonly findMax: (body: unknown) => number | null;
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
