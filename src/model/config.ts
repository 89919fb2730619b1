// The settings that the config file holds.
import type { Place } from "./diagnostic.ts";

/** The settings, with a default for every key that the file leaves out. */
export interface Config {
  readonly environment: string;
  readonly owner: string;
  /** The id of the only organisation in which a pass may write; null if any may be. */
  readonly organization: string | null;
  /** Path of the folder, as seen from the working directory; so are the other paths. */
  readonly manifests: string;
  /** Patterns of files and folders in that folder that are not read. */
  readonly ignore: readonly string[];
  /** Path of the catalogue; null if any event type is allowed. */
  readonly catalog: string | null;
  readonly limits: Limits;
  /** Above 0, at most 1. */
  readonly rateShare: number;
  readonly allowedEndpointHosts: readonly string[];
  readonly policy: Policy;
  /** The texts that `${name}` stands for in manifests, by name. */
  readonly values: Readonly<Record<string, string>>;
  readonly prune: boolean;
  readonly maxDeletePercent: number;
  readonly audit: {
    readonly file: string;
    /** Whether records name persons and their machines. */
    readonly actors: "full" | "none";
  };
  readonly state: StateConfig;
  /** Null if AWS is not configured. */
  readonly aws: AwsConfig | null;
  /** Empty if nobody is to be notified. */
  readonly notify: readonly NotifyWish[];
  /** Path of the config file, whether it exists or not. */
  readonly file: string;
  /** The paths that the file states, as it writes them: relative to its own folder. */
  readonly stated: StatedPaths;
  /** The place of the value of each top-level key that the file has. */
  readonly places: Readonly<Record<string, Place>>;
}

export type StatedPaths = Readonly<Partial<Record<"manifests" | "catalog" | "audit", string>>>;

/** The topics of which messages are sent. */
export type NotifyTopic = "drift" | "failure" | "recovery" | "orphans" | "trail";

/** One kind of receiver, and the topics that it wants; its address is in the environment. */
export interface NotifyWish {
  readonly kind: "slack" | "webhook";
  readonly on: readonly NotifyTopic[];
}

/** Where the state is kept; the settings of the other stores have no effect. */
export interface StateConfig {
  readonly store: "files" | "git" | "postgres";
  readonly git: {
    /** The name of a remote. */
    readonly remote: string;
    /** The first part of the branches' names. */
    readonly branch: string;
  };
  readonly postgres: { readonly schema: string };
}

/** How events are delivered through AWS; credentials come from AWS's default chain. */
export interface AwsConfig {
  readonly profile: string | null;
  /** The ARN of a role; null if the credentials are used as they are. */
  readonly assumeRole: string | null;
  /** Whether a pending event source is associated with an event bus. */
  readonly associate: boolean;
  /** Null if https endpoints are delivered to by webhooks. */
  readonly webhooks: AwsWebhooks | null;
}

/** How https endpoints are delivered to by routes. */
export interface AwsWebhooks {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  /** The suffix of the feed's event source. */
  readonly source: string;
  readonly roleArn: string;
  readonly connections: readonly { readonly hosts: readonly string[]; readonly arn: string }[];
  /** Null if events that cannot be delivered are lost. */
  readonly deadLetterArn: string | null;
  readonly settleMs: number;
}

/** Longer waits would outlast the run's deadline. */
export const longestSettleMs = 15 * 60_000;

/** The rules that a team sets for every manifest. */
export interface Policy {
  /** Keys of labels that each manifest must carry. */
  readonly requiredLabels: readonly string[];
  /** Whether an endpoint belongs to one group only. */
  readonly unsharedEndpoints: boolean;
}

/** The limits that the config sets. */
export interface Limits {
  readonly maxEventTypesPerEndpoint: number;
  readonly maxConcurrentConsumers: number;
}
