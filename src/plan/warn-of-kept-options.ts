// Finds the options that a rollback cannot take away: no document asks for the platform's default.
import type { Diagnostic, Place } from "../model/diagnostic.ts";
import type { Kinds } from "../model/kind.ts";
import { fillUnstated } from "../model/options.ts";
import type { LiveResource } from "../model/resource.ts";
import type { RunChange } from "../model/run-changes.ts";
import { joinWords } from "../lib/join-words.ts";

/** Returns a warning for the live resources of which only the run stated an option that need not be stated. */
export function warnOfKeptOptions(
  changes: readonly RunChange[],
  around: {
    readonly group: string;
    readonly place: Place;
    readonly kinds: Kinds;
    readonly byId: ReadonlyMap<string, LiveResource>;
  },
): readonly Diagnostic[] {
  const { group, place, kinds, byId } = around;
  const kept = changes.flatMap(({ webhookId, before, after }) => {
    const live = byId.get(webhookId);
    const options = after && kinds.of(after).options;
    const [was, is] = options ? [before?.[options.key], after[options.key]] : [];
    if (!live || !options || !was || !is || fillUnstated(options, was, is) === was) return [];
    const names = (options.mayBeUnstated ?? []).filter((name) => name in is && !(name in was));
    return [{ live, names }];
  });
  const [first, ...others] = kept;
  if (!first) return [];
  const { name, id, kind } = first.live;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const message =
    `group "${group}": ${kind.noun} "${name}" (id ${id})${more} ${others.length === 0 ? "keeps" : "keep"} the ` +
    `${joinWords(first.names, "and")} that the run stated: before it the platform told of none, and its default cannot be asked for`;
  const hint = `state the ${joinWords(first.names, "and")} that you want in the manifest, and sync`;
  return [{ severity: "warning", code: "rollback/keepsOptions", message, hint, ...place }];
}
