// The change of one resource of a group.
import type { LiveResource, ResourceDocument } from "../model/resource.ts";

/** One resource before and after; `before` is null if it is created, `after` if it is deleted. */
export interface Change {
  readonly before: LiveResource | null;
  readonly after: ResourceDocument | null;
  /** Another resource of the group does the same. */
  readonly surplus: boolean;
  /** It is deleted after all other writes of the group. */
  readonly last: boolean;
}
