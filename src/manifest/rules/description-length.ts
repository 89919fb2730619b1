// Rule: the group's name and its stateFile fit into the description (or notes) that names them on the platform.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function descriptionLength(
  { kind, group, offsetTracking }: Subscription,
  _: RuleOptions,
  { places, stateFile }: Draft,
): readonly Diagnostic[] {
  const { nouns, maxDescriptionLength, describesGroupAlone } = kind;
  const most = (maxDescriptionLength ?? Number.POSITIVE_INFINITY) - longestFrame;
  // Without a stateFile, the longest group fits into the description of each kind.
  if (offsetTracking.stateFile === null || describesGroupAlone) return [];
  const length = group.length + offsetTracking.stateFile.length;
  if (length <= most) return [];
  const message = `the group and its stateFile have ${length} characters, but the description of ${nouns} has room for ${most}`;
  const hint = "shorten the path of the stateFile";
  return [errorAt(stateFile?.place ?? places.endpointUrl, { code: "stateFile/tooLong", message, hint })];
}

/** The length of the rest of a description, with an owner of 63 characters, the most that the config allows. */
const longestFrame = "Consumer group:  | Offset tracking:  | Managed by: reconcile ()".length + 63;
