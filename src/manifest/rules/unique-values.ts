// Rule: no two manifests have the same name, consumer group or state file.
import type { Diagnostic, Place } from "../../model/diagnostic.ts";
import type { Draft, Located } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";

/** The error is at the later manifest, and names the place of the earlier one. */
export function uniqueValues(): (draft: Draft) => readonly Diagnostic[] {
  const seen = fields.map((field) => ({ ...field, first: new Map<string, FirstUse>() }));
  return (draft) =>
    seen.flatMap(({ key, what, locate, first }) => {
      const found = locate(draft);
      if (!found) return [];
      const other = first.get(found.value);
      if (!other) {
        first.set(found.value, { name: draft.name?.value, place: found.place });
        return [];
      }
      // Without a consumerGroupId, the name is also the group, so two equal names are reported only once.
      const isDefault = key === "consumerGroupId" && found === draft.name;
      if (isDefault && other.name === found.value) return [];
      const { file, line, column } = other.place;
      const message = `the ${what} ${quote(found.value)} is used already, at ${file}:${line}:${column}`;
      return [
        errorAt(found.place, { code: `${key}/notUnique`, message, hint: "each manifest needs its own" }),
      ];
    });
}

/** The first place of a value, and the name of the manifest there. */
interface FirstUse {
  readonly name: string | undefined;
  readonly place: Place;
}

const fields: readonly {
  readonly key: string;
  readonly what: string;
  readonly locate: (draft: Draft) => Located<string> | null;
}[] = [
  { key: "name", what: "name", locate: ({ name }) => name },
  { key: "consumerGroupId", what: "consumer group", locate: ({ group }) => group },
  { key: "stateFile", what: "state file", locate: ({ stateFile }) => stateFile },
];
