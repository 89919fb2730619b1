// How much one of an endpoint's parts holds.

/** The capacity of one part of an endpoint. A part takes at least one event type, whatever its size. */
export interface PartSize {
  /** The sizes of a part's event types add up to this at most. */
  readonly most: number;
  readonly sizeOf: (eventType: string) => number;
}
