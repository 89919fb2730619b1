// The ways in which the sandbox may differ from its usual answers.

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: empty. */
  readonly emptyNotes?: string;
  /** DELETE also accepts an integration that is enabled. Default: DELETE refuses it. */
  readonly deletesEnabled?: boolean;
  /** Several integrations may name one event source. Default: the second one is refused. */
  readonly sharesSources?: boolean;
  /** Webhooks and triggers keep fields that the sandbox does not know. Default: it ignores them. */
  readonly keepsUnknown?: boolean;
  /** The data format that a read returns for a trigger that states none. Default: the read returns none. */
  readonly dataFormat?: "Json" | "TopLevelPrimitives";
}
