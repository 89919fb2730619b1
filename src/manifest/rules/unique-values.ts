// What must not occur in two manifests: names, consumer groups, state files.
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft, Located } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../text.ts";

/** In files and documents in order, the later one is at fault and is told where the other stands. */
export function uniqueValues(drafts: readonly Draft[]): readonly Diagnostic[] {
  return fields.flatMap(({ key, what, of }) => {
    const first = new Map<string, { readonly draft: Draft; readonly place: Place }>();
    return drafts.flatMap((draft) => {
      const found = of(draft);
      if (!found) return [];
      const other = first.get(found.value);
      if (!other) {
        first.set(found.value, { draft, place: found.place });
        return [];
      }
      // Two equal names make two equal groups by default; that is one mistake.
      const isDefault = key === "consumerGroupId" && found === draft.name;
      if (isDefault && other.draft.name?.value === found.value) return [];
      const { file, line, column } = other.place;
      const message = `the ${what} ${quote(found.value)} is used already, at ${file}:${line}:${column}`;
      return [
        errorAt(found.place, { code: `${key}/notUnique`, message, hint: "each manifest needs its own" }),
      ];
    });
  });
}

const fields: readonly {
  readonly key: string;
  readonly what: string;
  readonly of: (draft: Draft) => Located<string> | null;
}[] = [
  { key: "name", what: "name", of: ({ name }) => name },
  { key: "consumerGroupId", what: "consumer group", of: ({ group }) => group },
  { key: "stateFile", what: "state file", of: ({ stateFile }) => stateFile },
];
