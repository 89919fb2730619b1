// Warns of what consumers notice where a group's resources are replaced by those of another kind.
import { count } from "../lib/count.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import { isPlanned, type Operation } from "../model/plan.ts";

/** Returns one warning for all groups, so that a plan that hands many over stays readable. */
export function warnConsumers(
  groups: readonly { readonly operations: readonly Operation[] }[],
  kinds: Kinds,
): readonly Diagnostic[] {
  const changing = groups.flatMap(({ operations }) => {
    const planned = operations.filter(isPlanned);
    const kindsOf = (action: Operation["action"]): readonly Kind[] =>
      planned.filter((one) => one.action === action).map(kinds.of);
    const gone = kindsOf("delete");
    const [made] = kindsOf("create").filter((kind) => gone.some((other) => other !== kind));
    const [left] = gone.filter((kind) => kind !== made);
    const change = made?.changesForConsumers ?? left?.changesForConsumers;
    return made && left && change ? [{ made, left, change }] : [];
  });
  const [first] = changing;
  if (!first) return [];
  const { made, left, change } = first;
  const message = `${count(changing.length, "group")} ${changing.length === 1 ? "goes" : "go"} from ${left.nouns} to ${made.nouns}: ${change.message}`;
  return [{ severity: "warning", code: change.code, message, hint: change.hint ?? null, ...nowhere }];
}
