// The ways in which the sandbox may differ from its usual answers.

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: `node_dynamodb_empty_string`. */
  readonly emptyNotes?: string;
  /** What a list with `expand=config.current` holds of each configuration. Default: all of it. */
  readonly listsConfigurations?: LackingConfiguration;
  /** What a GET of an integration by its id holds of its configuration. Default: all of it. */
  readonly readsConfigurations?: LackingConfiguration;
  /** For this time after its POST, an integration or trigger is answered 404 by its id. Default: 0. */
  readonly hiddenAfterPostMs?: number;
  /** How many integrations the list's `total` counts that this client may not see. Default: 0. */
  readonly hiddenIntegrations?: number;
  /** How many integrations of other types there are, which `total` counts whatever the query selects. Default: 0. */
  readonly otherIntegrations?: number;
  /** DELETE also accepts an integration that is enabled. Default: DELETE refuses it. */
  readonly deletesEnabled?: boolean;
  /** Several integrations may name one event source. Default: the second one is refused. */
  readonly sharesSources?: boolean;
}

/** `incomplete`: without its notes, and with empty properties. */
export type LackingConfiguration = "none" | "incomplete";
