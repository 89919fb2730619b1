// The form of a kind's endpoints, and how one is judged. Each kind's module has its own.
import type { Config } from "./config.ts";
import type { Fault } from "./diagnostic.ts";
import type { EndpointNaming } from "./kind-words.ts";

/** The form of a kind's endpoints, and how one is judged. */
export interface EndpointForm {
  /** The form in few letters: `https://…`. */
  readonly short: string;
  /** The whole form: `https://host/path`. */
  readonly shape: string;
  /** True if an endpoint must be a valid URL; that is checked before `findFault` is called. */
  readonly isUrl: boolean;
  /** Returns the reason why the endpoint cannot be used; null if it can. */
  readonly findFault: (endpoint: string) => Fault | null;
  /** Who calls the endpoint and refuses hosts in a private network; absent if the platform calls it, and may reach them. */
  readonly refusesPrivateHosts?: string;
  /** Returns warnings about an endpoint without a fault. */
  readonly findWarnings: (endpoint: string) => readonly Fault[];
  /** Returns the reason why this config's settings do not fit a valid endpoint; absent if any settings do. */
  readonly findMisfit?: (endpoint: string, config: Config) => Fault | null;
  /** Returns the destination of the events; null if the endpoint has no valid form. */
  readonly findDestination: (endpoint: string) => Destination | null;
  /** The reason why two groups cannot share an endpoint, and what to do; null if they can. */
  readonly unshared: string | null;
  /** The part of an endpoint that names its destination. Absent if different endpoints never have the same name. */
  readonly naming?: EndpointNaming;
}

/** The destination of events, which the config may allow or not. Within the organisation, events are always allowed. */
export type Destination =
  { readonly what: "host" | "AWS account"; readonly name: string } | { readonly what: "organisation" };
