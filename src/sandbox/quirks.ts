// The ways in which the sandbox may differ from its usual answers.

/** Ways to answer that appear in the vendor's own sources, but not in every organisation. */
export interface SandboxQuirks {
  /** The text that a read returns for an integration's empty notes. Default: `node_dynamodb_empty_string`. */
  readonly emptyNotes?: string;
  /** The most integrations that the organisation can have of the type. Default: any number, and the type states none. */
  readonly maxInstances?: number;
  /** An integration that was deleted is still read and listed, with `intendedState: DELETED`. Default: it is gone. */
  readonly showsDeleted?: boolean;
  /** A second integration of one event source is refused. Default: accepted, for no source says what is answered. */
  readonly refusesSharedSources?: boolean;
  /** Account, region and suffix cannot change once they are set. Default: they can, for no source says. */
  readonly fixesSources?: boolean;
  /** A trigger may have any topic. Default: only one from the list of the topics of triggers. */
  readonly takesAnyTopic?: boolean;
  /** False while the workflow is not published or not active: POST of a trigger refuses it then. Default: it always is. */
  readonly isPublished?: (workflowId: string, nowMs: number) => boolean;
  /** Such a workflow is also refused by a PUT that gives a trigger another target. Default: PUT takes it. */
  readonly checksMoves?: boolean;
  /** Webhooks and triggers keep fields that the sandbox does not know. Default: it ignores them. */
  readonly keepsUnknown?: boolean;
  /** The data format that a read returns for a trigger that states none. Default: the read returns none. */
  readonly dataFormat?: "Json" | "TopLevelPrimitives";
  /**
   * How a 429 tells when to retry, where it has no `Retry-After`: `inHeaders` by `inin-ratelimit-reset`, `inWords` only in
   * its message. Default: by `Retry-After`.
   */
  readonly rateLimitTells?: "inHeaders" | "inWords";
  /** The logins a minute, whose number is not documented. Default: 300. */
  readonly loginsAMinute?: number;
  /** The organisation does not allow this machine's address: each API request is answered 401 `ip.not.authorized`. */
  readonly refusesAddress?: boolean;
  /** The status with which `/api/v2/tokens/me` is refused. Default: it answers. */
  readonly tokenInfoStatus?: number;
  /** The status with which both requests for the organisation are refused. Default: they answer. */
  readonly organisationStatus?: number;
  /** The scopes of the OAuth client; what is outside them is answered 403. Default: no request needs a scope. */
  readonly scopes?: readonly string[];
  /**
   * A list shows the resources as they were so many milliseconds ago: one that is new is missing, one that was changed is
   * old, one that was deleted is still there. A read by id shows the present. Default: 0.
   */
  readonly listLagMs?: number;
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
  /** A new event source appears in AWS so many milliseconds after its integration was enabled. Default: 0. */
  readonly sourceLagMs?: number;
  /** An association of an event source takes effect so many milliseconds after CreateEventBus. Default: 0. */
  readonly activationLagMs?: number;
  /**
   * How CreateEventBus answers for the bus of an event source that was deleted and made again: `refused` leaves the source
   * pending, `refusedAndAssociated` associates it all the same. Default: it associates the source, and answers as ever.
   */
  readonly oldBusIs?: "refused" | "refusedAndAssociated";
  /** A change of a rule or its targets takes effect up to so many milliseconds late, each by a time of its own. Default: 0. */
  readonly ruleLagMs?: number;
  /** Each n-th call of AWS is answered ThrottlingException. Default: none. */
  readonly throttlesEvery?: number;
  /** The calls of AWS a second; more are answered ThrottlingException. Default: any number, for its limits differ by region. */
  readonly callsASecond?: number;
  /** Each n-th writing call of AWS is answered ConcurrentModificationException. Default: none. */
  readonly conflictsEvery?: number;
  /** The actions of AWS that are answered AccessDeniedException, such as `PutRule`. Default: none. */
  readonly deniedActions?: readonly string[];
}

/** `incomplete`: without its notes, and with empty properties. */
export type LackingConfiguration = "none" | "incomplete";
