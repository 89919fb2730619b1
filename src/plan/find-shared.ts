// Finds the resources through which all resources of a kind get their events, and others that stand at their endpoint.
import type { Diagnostic } from "../model/diagnostic.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { isSharedBy } from "../model/ownership.ts";
import type { LiveResource } from "../model/resource.ts";
import type { Subscription } from "../model/subscription.ts";

export interface Whose {
  readonly kinds: Kinds;
  readonly owner: string;
}

/** True for the shared resources of this owner, even if someone changed their description. */
export function isSharedOf(user: Kind, live: LiveResource, { kinds, owner }: Whose): boolean {
  if (live.kind !== user.shared?.kind || live.owner !== owner || live.group !== null) return false;
  const wanted = kinds.findSharedEndpoint(user);
  return isSharedBy(user, live) || (wanted !== null && sameEndpoint(live.endpoint, wanted));
}

/** Returns the live resources without this owner's shared ones, which belong to no group. */
export function leaveOutShared(live: readonly LiveResource[], whose: Whose): readonly LiveResource[] {
  const users = whose.kinds.all.filter(({ shared }) => shared);
  if (users.length === 0) return live;
  return live.filter((one) => !users.some((user) => isSharedOf(user, one, whose)));
}

/** Returns other resources at the endpoint, beside which there can be no shared one. */
export function findStrangers(
  user: Kind,
  live: readonly LiveResource[],
  whose: Whose,
): readonly LiveResource[] {
  const endpoint = whose.kinds.findSharedEndpoint(user);
  if (endpoint === null) return [];
  return live.filter(
    (one) =>
      one.kind === user.shared?.kind &&
      sameEndpoint(one.endpoint, endpoint) &&
      !isSharedOf(user, one, whose),
  );
}

/** A stranger holds back the groups of the kind, which would get no events. */
export function findSharedConflicts(
  { group, kind, place }: Subscription,
  strangers: readonly LiveResource[],
  owner: string,
): readonly Diagnostic[] {
  return strangers.map((one) => ({
    severity: "error",
    code: "shared/taken",
    message:
      `group "${group}" is skipped: all ${kind.nouns} would get their events through ${one.endpoint}, where ` +
      `${one.kind.noun} "${one.name}" (id ${one.id}) is, which ${sayWhose(one, owner)}`,
    hint: "delete it, or name another endpoint in the config",
    ...place,
  }));
}

function sayWhose({ owner, group }: LiveResource, own: string): string {
  if (owner === null) return "has no owner";
  return owner === own
    ? `is of group "${group ?? ""}"`
    : `is managed by owner "${owner}", and not by "${own}"`;
}
