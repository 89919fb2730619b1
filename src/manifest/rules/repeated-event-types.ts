// Rule: a manifest lists each event type once.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";

export function repeatedEventTypes({ eventTypes }: Draft): readonly Diagnostic[] {
  const lines = new Map<string, number>();
  return eventTypes.flatMap(({ value, place }) => {
    const first = lines.get(value);
    if (first === undefined) {
      lines.set(value, place.line);
      return [];
    }
    const message = `the event type ${quote(value)} is listed already, at line ${first}`;
    return [errorAt(place, { code: "eventTypes/repeated", message, hint: "remove one of them" })];
  });
}
