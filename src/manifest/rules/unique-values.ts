// What must not occur in two manifests: names, consumer groups, state files.
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft, Located } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";

/** In files and documents in order, the later one is at fault and is told where the other stands. */
export function uniqueValues(): (draft: Draft) => readonly Diagnostic[] {
  const seen = fields.map((field) => ({ ...field, first: new Map<string, First>() }));
  return (draft) =>
    seen.flatMap(({ key, what, of, first }) => {
      const found = of(draft);
      if (!found) return [];
      const other = first.get(found.value);
      if (!other) {
        first.set(found.value, { name: draft.name?.value, place: found.place });
        return [];
      }
      // Two equal names make two equal groups by default; that is one mistake.
      const isDefault = key === "consumerGroupId" && found === draft.name;
      if (isDefault && other.name === found.value) return [];
      const { file, line, column } = other.place;
      const message = `the ${what} ${quote(found.value)} is used already, at ${file}:${line}:${column}`;
      return [
        errorAt(found.place, { code: `${key}/notUnique`, message, hint: "each manifest needs its own" }),
      ];
    });
}

/** Where a value stood first, and the name of the manifest there. */
interface First {
  readonly name: string | undefined;
  readonly place: Place;
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
