// What one resource of Genesys Cloud has and another has not: options, and how long a description may be.
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Draft } from "../draft.ts";
import { errorAt, warningAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";

export function resourceOptions(
  { kind, trigger, group, offsetTracking }: Subscription,
  _: RuleOptions,
  { options, places, stateFile }: Draft,
): readonly Diagnostic[] {
  const { nouns, maxDescriptionLength } = kind;
  const problems: Diagnostic[] = [];
  if (options.retryPolicy && kind.options?.key !== "retryPolicy") {
    const message = `retryPolicy does nothing here: Genesys Cloud repeats no deliveries of ${nouns} as you say`;
    const hint = "remove it";
    problems.push(warningAt(options.retryPolicy, { code: "retryPolicy/unused", message, hint }));
  }
  if (options.trigger && kind.options?.key !== "trigger") {
    const message = `trigger is for groups whose endpoints are workflows, and this group's are ${nouns}`;
    const hint = "remove it, or use workflow: endpoints";
    problems.push(errorAt(options.trigger, { code: "trigger/notHere", message, hint }));
  }
  if (options.trigger && trigger.eventTTLSeconds !== null && trigger.delayBySeconds !== null) {
    const message = "eventTTLSeconds and delayBySeconds cannot be used together";
    problems.push(errorAt(options.trigger, { code: "trigger/both", message, hint: "remove one of them" }));
  }
  const most = (maxDescriptionLength ?? Number.POSITIVE_INFINITY) - longestFrame;
  const length = group.length + offsetTracking.stateFile.length;
  if (length > most) {
    const message = `the group and its stateFile have ${length} characters, and the description of ${nouns} holds ${most}`;
    const hint = "shorten the path of the stateFile";
    problems.push(
      errorAt(stateFile?.place ?? places.endpointUrl, { code: "stateFile/tooLong", message, hint }),
    );
  }
  return problems;
}

/** What a description holds beside the two, with an owner of 63 characters. */
const longestFrame = "Consumer group:  | Offset tracking:  | Managed by: reconcile ()".length + 63;
