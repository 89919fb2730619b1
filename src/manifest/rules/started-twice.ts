// A workflow that two enabled groups start for one event type runs twice for each event: a warning. Where each group has a
// condition that the other lacks, they may share the events between them, and nothing is said.
import { groupBy } from "../../lib/group-by.ts";
import { endpointKey } from "../../model/endpoint.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Draft, Located } from "../draft.ts";
import { warningAt } from "../problem.ts";
import { quote } from "../../lib/text.ts";
import { isPoolInUse } from "./pool-in-use.ts";
import type { RuleOptions } from "./rule.ts";

/** In files and documents in order, the later group is told where the other stands, once for each other one. */
export function startedTwice({ limits }: RuleOptions): (draft: Draft) => readonly Diagnostic[] {
  const known = new Map<string, Start[]>();
  return ({ subscription, eventTypes }) => {
    if (subscription?.state !== "enabled") return [];
    const { group, kind, endpointUrl, endpointPool } = subscription;
    if (kind.another !== "startedTwice") return [];
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
      const other = others.find((one) => isMet(own, one));
      return other ? [{ own, other }] : [];
    });
    return [...groupBy(meetings, ({ other }) => other.group).values()].flatMap(describe);
  };
}

/** So many groups that start one workflow for one event type on different conditions are remembered. */
const maxOthers = 100;

/** That a group starts a workflow for an event type, or may, where it splits its event types over several. */
interface Start {
  readonly workflow: string;
  readonly eventType: Located<string>;
  readonly group: string;
  readonly conditions: ReadonlySet<string>;
  readonly isSplit: boolean;
}

function keyOf({ workflow, eventType }: Start): string {
  return `${workflow}\n${eventType.value}`;
}

/** Whether what one of them lets through passes the other: it has all the other's conditions. */
function isMet(own: Start, other: Start): boolean {
  if (own.group === other.group) return false;
  return isWithin(own.conditions, other.conditions) || isWithin(other.conditions, own.conditions);
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((one) => all.has(one));
}

interface Meeting {
  readonly own: Start;
  readonly other: Start;
}

function describe([first, ...more]: readonly Meeting[]): readonly Diagnostic[] {
  if (!first) return [];
  const { own, other } = first;
  const { file, line, column } = other.eventType.place;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const where = `in the group ${quote(other.group)}, too, at ${file}:${line}:${column}`;
  const how = own.isSplit || other.isSplit ? "an event may start it" : "each event starts it";
  const message = `the event type ${quote(own.eventType.value)}${others} starts this group's workflow ${where}: ${how} twice`;
  const hint = "take it out of one of the two, or give one of them another workflow";
  return [warningAt(own.eventType.place, { code: "eventTypes/startedTwice", message, hint })];
}
