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

/** What a principal is to be allowed to do with a resource. */
export interface PolicyQuestion {
  /** The ARN of a user or a role. */
  readonly principal: string;
  /** Such as `events:PutRule`. */
  readonly actions: readonly string[];
  readonly resource: string;
}

export interface AwsApi {
  /** EventBridge in one region. */
  readonly eventBridge: (region: string) => EventBridgeApi;
  /** Asks AWS once. Throws ReconcileError `aws/credentialsMissing`, `aws/…`, `network/…`. */
  readonly identify: () => Promise<CallerIdentity>;
  /**
   * Returns those of the actions that IAM does not allow. Throws ReconcileError `aws/accessDenied` if nobody allows these
   * credentials to ask, and as `identify` does.
   */
  readonly findDenied: (question: PolicyQuestion) => Promise<readonly string[]>;
}

/** How AWS is reached, and as whom. */
export interface AwsAccess {
  /** Null for the profile of AWS's default chain. */
  readonly profile: string | null;
  /** The ARN of a role that is assumed for every request; null for none. */
  readonly assumeRole: string | null;
  /** The region in which AWS is asked for the account; null for that of the environment, else us-east-1. */
  readonly region: string | null;
  /** The embedded AWS, which replaces the network, the credentials and every variable; null for the real one. */
  readonly embedded: EmbeddedAws | null;
}

export interface EmbeddedAws {
  readonly endpoint: string;
  /** They are public. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request to AWS that was sent once, without anything secret. */
export interface AwsRequest {
  /** Such as `PutRule`. */
  readonly action: string;
  /** Null if no answer came. */
  readonly status: number | null;
  readonly latencyMs: number;
  /** The id that AWS gave the request; its support asks for it. */
  readonly requestId: string | null;
  /** The code of the failure; null if the request was answered. */
  readonly error: string | null;
}

/** Returns the name that Genesys Cloud gives a partner event source in AWS; an empty suffix gives what all names begin with. */
export function eventSourceName(organizationId: string, suffix: string): string {
  return `aws.partner/genesys.com/cloud/${organizationId}/${suffix}`;
}
