// The port through which AWS is asked: one action of EventBridge at a time, in AWS's own field names.

/** The actions of EventBridge that reconcile uses. */
export type EventBridgeAction =
  | "ActivateEventSource"
  | "CreateApiDestination"
  | "CreateEventBus"
  | "DeleteApiDestination"
  | "DeleteRule"
  | "DescribeApiDestination"
  | "DescribeConnection"
  | "DescribeEventBus"
  | "DescribeEventSource"
  | "DescribeRule"
  | "DisableRule"
  | "ListApiDestinations"
  | "ListEventSources"
  | "ListRuleNamesByTarget"
  | "ListRules"
  | "ListTargetsByRule"
  | "PutRule"
  | "PutTargets"
  | "RemoveTargets"
  | "UpdateApiDestination";

export interface EventBridgeApi {
  /**
   * Sends one action, and again after a pause where AWS asks for it. The answer is not checked. Throws ReconcileError:
   * `api/notFound`, `api/conflict`, `api/rateLimited`, `api/unavailable`, `api/outcomeUnknown` (a write that may have
   * taken effect), `aws/…` (what the user has to mend), `network/…`, `lease/unsure`, `api/interrupted`.
   */
  readonly call: (action: EventBridgeAction, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

/** Who AWS says the credentials belong to. */
export interface CallerIdentity {
  readonly account: string;
  readonly arn: string;
}

export interface AwsApi {
  /** EventBridge in one region. */
  readonly eventBridge: (region: string) => EventBridgeApi;
  /** Asks AWS once. Throws ReconcileError `aws/credentialsMissing`, `aws/…`, `network/…`. */
  readonly identify: () => Promise<CallerIdentity>;
}

/** How AWS is reached, and as whom. */
export interface AwsAccess {
  /** Null for the profile of AWS's default chain. */
  readonly profile: string | null;
  /** The ARN of a role that is assumed for every request; null for none. */
  readonly assumeRole: string | null;
  /** The embedded AWS, which replaces the network, the credentials and every variable; null for the real one. */
  readonly embedded: { readonly endpoint: string } | null;
}
