// The port of the Git store's remote: what a command can ask about it without opening the store.

/** Neither function rejects with ReconcileError. */
export interface StateRemote {
  /** Whether it is the repository of the code; asks no network. */
  readonly leadsToOrigin: (remote: string) => Promise<boolean>;
  /** An address at which it answers without a login; null if none does, or if it cannot be asked. */
  readonly askWithoutLogin: (remote: string) => Promise<string | null>;
}
