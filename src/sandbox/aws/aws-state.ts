// What the embedded AWS holds. Fields of AWS keep AWS's own names; everything is kept by its ARN.
export interface AwsState {
  readonly sources: Map<string, StoredSource>;
  /** Without the bus `default`, which every region has. */
  readonly buses: Map<string, StoredBus>;
  readonly rules: Map<string, StoredRule>;
  /** By the ARN without its last part, which AWS makes anew for each destination of a name. */
  readonly destinations: Map<string, StoredDestination>;
  readonly connections: Map<string, StoredConnection>;
  /** Versions of rules that were written with a lag; not kept beyond the process. */
  readonly versions: Map<string, readonly RuleVersion[]>;
  /** What is counted for throttling and refusals; not kept beyond the process. */
  readonly counts: { calls: number; writes: number; secondStartMs: number; inSecond: number };
}

/** A partner event source, as its account sees it. */
export interface StoredSource {
  /** The name of the source, and of the bus that it is associated with. */
  readonly Name: string;
  readonly createdAtMs: number;
  /** When it began to wait for a bus; it is deleted two weeks later. */
  readonly pendingSinceMs: number;
  /** When its association takes effect; null without one. */
  readonly activeFromMs: number | null;
  readonly isDeactivated: boolean;
  /** True once the partner deleted it while a bus was associated. */
  readonly isDeleted: boolean;
}

export interface StoredBus {
  readonly Name: string;
  readonly Description?: string;
  readonly createdAtMs: number;
  readonly Tags: readonly Tag[];
}

export interface StoredRule {
  readonly Name: string;
  readonly busArn: string;
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly State: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly ManagedBy?: string;
  readonly Targets: readonly Target[];
  readonly Tags: readonly Tag[];
}

export interface RuleVersion {
  readonly effectiveAtMs: number;
  /** Null if the rule was deleted, or did not exist yet. */
  readonly rule: StoredRule | null;
}

/** Fields that are not named here are kept as they were sent. */
export interface Target {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: RetryPolicy;
}

export interface RetryPolicy {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface StoredDestination {
  readonly Name: string;
  readonly ApiDestinationArn: string;
  readonly Description?: string;
  readonly ConnectionArn: string;
  readonly InvocationEndpoint: string;
  readonly HttpMethod: string;
  readonly InvocationRateLimitPerSecond: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
}

export interface StoredConnection {
  readonly Name: string;
  readonly ConnectionArn: string;
  readonly Description?: string;
  readonly ConnectionState: string;
  readonly AuthorizationType: string;
  readonly createdAtMs: number;
}

export function makeAwsState(): AwsState {
  return {
    sources: new Map(),
    buses: new Map(),
    rules: new Map(),
    destinations: new Map(),
    connections: new Map(),
    versions: new Map(),
    counts: { calls: 0, writes: 0, secondStartMs: Number.NEGATIVE_INFINITY, inSecond: 0 },
  };
}
