// Finds the fields in which two documents differ, to show them or to name them in a message.
import { optionsKeys } from "./option-forms.ts";
import { diffOptions, sameJson, type DocumentOptions, type KindOptions } from "./options.ts";
import type { ResourceDocument } from "./resource.ts";

/** The fields of a document from a trail that someone may have edited; each may hold anything. */
type FoundFields = Readonly<Partial<Record<keyof ResourceDocument, unknown>>>;

const comparedFields = ["name", "endpoint", "state", ...optionsKeys, "description"] as const;

/** Compares all fields but the event types, to the letter. */
export function findDifferingFields(before: FoundFields, after: FoundFields): readonly string[] {
  return comparedFields.filter((field) => !sameJson(before[field], after[field]));
}

type TextFields = Pick<ResourceDocument, "name" | "endpoint" | "state" | "description"> & DocumentOptions;

/** Returns each field, or option of the kind, that differs, with its text before and after; event types are left out. */
export function listFieldChanges(
  options: KindOptions | null,
  before: TextFields,
  after: TextFields,
): readonly (readonly [field: string, from: string, to: string])[] {
  const pairs: readonly (readonly [string, string, string])[] = [
    ["name", before.name, after.name],
    ["endpoint", before.endpoint, after.endpoint],
    ["state", before.state, after.state],
    ...diffOptions(options, before, after),
    ["description", before.description, after.description],
  ];
  return pairs.filter(([, from, to]) => from !== to);
}
