// A manifest that names its group's former name (`renamedFrom`) has that group's resources: the plan takes them for its own
// from the start, so that they are changed in place, and are neither orphans nor in the way of anybody.
import type { Subscription } from "../model/subscription.ts";

interface Grouped {
  readonly group: string | null;
  readonly owner: string | null;
}

/** Returns the resources of this owner that have the former name of a group as resources of that group. */
export function renameGroups<R extends Grouped>(
  resources: readonly R[],
  desired: readonly Subscription[],
  owner: string,
): readonly R[] {
  const newNames = new Map(
    desired.flatMap(({ group, renamedFrom }) =>
      renamedFrom === undefined ? [] : [[renamedFrom, group] as const],
    ),
  );
  if (newNames.size === 0) return resources;
  return resources.map((one) => {
    const group = one.group !== null && one.owner === owner ? newNames.get(one.group) : undefined;
    return group === undefined ? one : { ...one, group };
  });
}
