// The ways in which the sandbox may differ from its usual answers.

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: empty. */
  readonly emptyNotes?: string;
  /** DELETE also accepts an integration that is enabled. Default: DELETE refuses it. */
  readonly deletesEnabled?: boolean;
  /** Several integrations may name one event source. Default: the second one is refused. */
  readonly sharesSources?: boolean;
  /**
   * A list shows the resources as they were so many milliseconds ago: one that is new is missing, one that was changed is
   * old, one that was deleted is still there. A read by id shows the present. Default: 0.
   */
  readonly listLagMs?: number;
}
