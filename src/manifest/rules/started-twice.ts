// Rule: warns if two enabled groups start a workflow for the same event type, because the workflow then runs twice for
// each event. If each group has a condition that the other lacks, they may share the events, so there is no warning.
import { groupBy } from "../../lib/group-by.ts";
import { endpointKey } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, Located } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import { isPoolInUse } from "./pool-in-use.ts";
import type { RuleOptions } from "./rule.ts";

/** The warning is at the later group, and names the place of the earlier one; there is one for each pair of groups. */
export function startedTwice({ limits }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const known = new Map<string, WorkflowStart[]>();
  return ({ subscription, eventTypes }) => {
    if (subscription?.state !== "enabled") return [];
    const { group, kind, endpointUrl, endpointPool } = subscription;
    if (kind.eventTypeOfTwoGroups.becomes !== "startedTwice") return [];
    const pool = endpointPool.map(({ url }) => endpointKey(url));
    const workflows = isPoolInUse(subscription, limits)
      ? new Set(pool)
      : new Set([endpointKey(endpointUrl)]);
    const { options } = kind;
    const conditions = options?.conditionsOf?.(subscription[options.key]) ?? new Set<string>();
    const starts = eventTypes.flatMap((eventType) =>
      Array.from(workflows, (workflow) => ({
        workflow,
        eventType,
        group,
        conditions,
        isSplit: workflows.size > 1,
      })),
    );
    const meetings = starts.flatMap((own) => {
      const others = known.get(keyOf(own)) ?? [];
      if (others.length < maxOthers) known.set(keyOf(own), [...others, own]);
      const other = others.find((one) => startBoth(own, one));
      return other ? [{ own, other }] : [];
    });
    return [...groupBy(meetings, ({ other }) => other.group).values()].flatMap(warnOfMeetings);
  };
}

/** The most groups that are remembered for one workflow and event type. */
const maxOthers = 100;

/** A group that starts a workflow for an event type, or may start it: a split group uses several workflows. */
interface WorkflowStart {
  readonly workflow: string;
  readonly eventType: Located<string>;
  readonly group: string;
  readonly conditions: ReadonlySet<string>;
  readonly isSplit: boolean;
}

function keyOf({ workflow, eventType }: WorkflowStart): string {
  return `${workflow}\n${eventType.value}`;
}

/** True if one of the groups has all conditions of the other, so that each of its events starts both workflows. */
function startBoth(own: WorkflowStart, other: WorkflowStart): boolean {
  if (own.group === other.group) return false;
  return isWithin(own.conditions, other.conditions) || isWithin(other.conditions, own.conditions);
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}

interface Meeting {
  readonly own: WorkflowStart;
  readonly other: WorkflowStart;
}

function warnOfMeetings([first, ...more]: readonly Meeting[]): readonly Diagnostic[] {
  if (!first) return [];
  const { own, other } = first;
  const { file, line, column } = other.eventType.place;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const where = `in the group ${quote(other.group)}, too, at ${file}:${line}:${column}`;
  const how = own.isSplit || other.isSplit ? "an event may start it" : "each event starts it";
  const message = `the event type ${quote(own.eventType.value)}${others} starts this group's workflow ${where}: ${how} twice`;
  const hint = "remove the event type from one of the two groups, or give one of them another workflow";
  return [warningAt(own.eventType.place, { code: "eventTypes/startedTwice", message, hint })];
}
