// A desired consumer group: one valid manifest with its defaults filled in.
import type { Place } from "./diagnostic.ts";
import type { Kind } from "./kind.ts";
import type { ManifestOptions } from "./options.ts";

/** The options of other kinds than its own are there, too. */
export interface Subscription extends ManifestOptions {
  /** `metadata.name`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `spec.consumerGroupId`. */
  readonly group: string;
  /** The former name of the group, whose resources it takes over; absent without one. */
  readonly renamedFrom?: string;
  /** The kind of the resources that deliver to its endpoints. */
  readonly kind: Kind;
  readonly endpointUrl: string;
  /** In manifest order; empty without a pool. */
  readonly endpointPool: readonly PoolEndpoint[];
  /** Distinct, in manifest order. */
  readonly eventTypes: readonly string[];
  readonly state: "enabled" | "disabled";
  readonly offsetTracking: { readonly enabled: boolean; readonly stateFile: string | null };
  readonly rebalanceMode: "overLimit" | "always";
  /** Events a second and event type, for the throughput estimate. */
  readonly historicalRate: number;
  /** The manifest states no rate, so `historicalRate` is the default, which nobody measured; absent if it states one. */
  readonly rateAssumed?: true;
  /** The reason why the group must not be changed for now; null if it may be. */
  readonly freeze: string | null;
  /** The reason why only new resources are created for now; null if every change is allowed. */
  readonly createOnly: string | null;
  /** The start of the manifest document. */
  readonly place: Place;
}

export interface PoolEndpoint {
  readonly url: string;
  /** A whole number, 1 to 1000. */
  readonly weight: number;
}
