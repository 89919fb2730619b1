// Rule: a group's former name belongs to no manifest any more, and only one group takes it over.
import { quote } from "../../lib/text.ts";
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";

/** The error is at the `renamedFrom`, of two equal ones at the later one. */
export function renamedFrom(): (draft: Draft) => readonly Diagnostic[] {
  const groups = new Map<string, Place>();
  const formerNames = new Map<string, Place>();
  return ({ group, textAt }) => {
    const former = textAt("/spec/renamedFrom");
    const diagnostics: Diagnostic[] = [];
    const waiting = group && formerNames.get(group.value);
    if (waiting) diagnostics.push(stillDeclared(waiting, group.value, group.place));
    if (group && !groups.has(group.value)) groups.set(group.value, group.place);
    if (!former) return diagnostics;
    const declared = groups.get(former.value);
    if (declared) diagnostics.push(stillDeclared(former.place, former.value, declared));
    const other = formerNames.get(former.value);
    if (other) {
      const message = `another group takes over ${quote(former.value)} already, at ${textOf(other)}`;
      const hint = "only one group can be the new name of another: remove one of the two lines";
      diagnostics.push(errorAt(former.place, { code: "renamedFrom/notUnique", message, hint }));
    } else formerNames.set(former.value, former.place);
    return diagnostics;
  };
}

function stillDeclared(at: Place, group: string, declared: Place): Diagnostic {
  const message = `group ${quote(group)} still has a manifest, at ${textOf(declared)}`;
  const hint =
    "remove that manifest, or this line: a group is renamed once nothing declares its former name";
  return errorAt(at, { code: "renamedFrom/stillDeclared", message, hint });
}

function textOf({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
