// What the resources of a kind share, of another kind: such as the integration through which they get their events.
import type { Config } from "./config.ts";

/**
 * The one resource of another kind through which all of an owner's resources of a kind get their events. It has the
 * event types of all of them.
 */
export interface SharedResource<Kind> {
  /** Its own kind, whose resources have no options. */
  readonly kind: Kind;
  /** The word with which its name and its description begin, such as `Feed`. */
  readonly title: string;
  /**
   * Returns the endpoint to which it delivers; null if the config does not use the kind that gets its events through
   * it.
   */
  readonly findEndpoint: (config: Config) => string | null;
  /** True if the config may have used the kind before, so that it is looked for where no trail tells. */
  readonly isSought: (config: Config) => boolean;
}
