// Warns of orphans that deliver event types of a declared group to the same endpoint, so that each such event arrives twice.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { joinWords } from "../lib/join-words.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { endpointKey, shownEndpoint } from "../model/endpoint.ts";
import type { GroupPlan } from "../model/plan.ts";
import { mayDeliver, type LiveResource } from "../model/resource.ts";
import type { Pairing } from "./pair.ts";

/** `orphans` are those that the plan leaves. A kind whose platform refuses or doubles the second one has its own words. */
export function warnOfDoubles(
  groups: readonly GroupPlan[],
  orphans: Pairing["orphans"],
): readonly Diagnostic[] {
  const delivering = orphans.filter(
    ({ live }) => mayDeliver(live) && live.kind.eventTypeOfTwoGroups.becomes === "delivered",
  );
  if (delivering.length === 0) return [];
  const byEndpoint = groupBy(delivering, ({ live }) => endpointKey(live.endpoint));
  return groups
    .filter(({ state }) => state === "enabled")
    .flatMap((group) =>
      group.endpoints.flatMap(({ url, eventTypes }) => {
        const wanted = new Set(eventTypes);
        return (byEndpoint.get(endpointKey(url)) ?? []).flatMap((orphan) => {
          const twice = orphan.live.eventTypes.filter((eventType) => wanted.has(eventType));
          return twice.length === 0 ? [] : [warn(group, orphan, twice)];
        });
      }),
    );
}

const maxNamed = 3;

function warn(
  { group, place }: GroupPlan,
  { group: old, live }: { readonly group: string; readonly live: LiveResource },
  twice: readonly string[],
): Diagnostic {
  const more = twice.length - maxNamed;
  const names = joinWords(
    [...twice.slice(0, maxNamed), ...(more > 0 ? [count(more, "more event type")] : [])],
    "and",
  );
  return {
    severity: "warning",
    code: "orphans/deliverToo",
    message:
      `${shownEndpoint(live.endpoint)} gets ${names} of group "${group}" twice: ${live.kind.noun} "${live.name}" ` +
      `(id ${live.id}) of group "${old}", which has no manifest, delivers there too`,
    hint:
      `if "${group}" is the new name of "${old}", write \`renamedFrom: ${old}\` under \`spec\`; ` +
      "if nobody needs the old group any more, pass --prune to delete what is left of it",
    ...place,
  };
}
