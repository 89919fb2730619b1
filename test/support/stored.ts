// What is stored in the sandbox of a resource of any kind, as tests look at it.

export interface Stored {
  readonly id: string;
  readonly endpoint: string;
  readonly eventTypes: readonly string[];
  readonly state: string;
  readonly description: string;
}

/** As another user makes it: complete and enabled. */
export type MadeByHand = Omit<Stored, "state"> & { readonly name: string };
