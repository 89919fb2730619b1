// Shows one group in a pull request comment: a table of its endpoints before and after, and the event types folded below.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { sameEndpoint } from "../model/endpoint.ts";
import { onlyEventType, type EndpointPlan, type GroupPlan, type Operation } from "../model/plan.ts";
import type { Kinds } from "../model/kind.ts";
import { listFieldChanges } from "../model/field-changes.ts";
import type { KindOptions } from "../model/options.ts";
import { code, endpointCode, fitLines, fold, prose } from "./markdown-text.ts";
import { groupTitle } from "./shown.ts";
import { describeMoves } from "./summary.ts";

export interface GroupSection {
  /** The table, and the event types folded below it. */
  readonly full: string;
  /** The table alone. */
  readonly brief: string;
}

export const tableHead = "| | endpoint | event types | load | why |\n|---|---|---:|---|---|\n";

/** `plan`: undefined when the group has no manifest. */
export function showGroup(
  {
    name,
    plan,
    operations,
  }: {
    readonly name: string;
    readonly plan: GroupPlan | undefined;
    readonly operations: readonly Operation[];
  },
  kinds: Kinds,
): GroupSection {
  const written = operations.filter(({ after }) => after);
  // An endpoint that may have several resources has one row for all of them, also those that are deleted.
  const rowed = new Set((plan?.endpoints ?? []).filter(hasSeveral).map(({ url }) => url));
  const rows = (plan?.endpoints ?? []).map((endpoint) => {
    const load = showLoad(endpoint, plan);
    if (hasSeveral(endpoint)) return showSeveral(endpoint, operations, load);
    const operation = written.find((other) => sameEndpoint(other.endpoint, endpoint.url));
    return row(operation?.action ?? "", endpoint.url, [
      showCounts(operation, endpoint.eventTypes.length),
      load,
      operation ? describe(operation, plan) : "unchanged",
    ]);
  });
  const deleted = operations.filter(({ after, endpoint }) => !after && !rowed.has(endpoint));
  // A workflow that left the group may have many triggers, whose rows would look the same: they share one row.
  const gone = [...groupBy(deleted, (operation) => rowKey(operation, plan, kinds)).values()].map((same) => {
    const [first] = same as [Operation];
    const before = same.reduce((sum, operation) => sum + (operation.before?.eventTypes.length ?? 0), 0);
    return row("delete", first.endpoint, [`${before} → 0`, "", describe(first, plan)]);
  });
  const place = plan ? ` — ${code(`${plan.place.file}:${plan.place.line}`)}` : " — no manifest";
  const brief = `\n#### ${code(name)}${place}\n\n${showSkipped(plan)}${tableHead}${[...rows, ...gone].join("")}`;
  return { full: brief + showDetails(plan, operations, kinds), brief };
}

/** Shows the writes of resources that several groups share; empty where there are none. */
export function showShared(operations: readonly Operation[]): string {
  if (operations.length === 0) return "";
  const rows = operations.map((operation) => {
    const counts = showCounts(operation, operation.after?.eventTypes.length ?? 0);
    return row(operation.action, operation.endpoint, [counts, "", describe(operation)]);
  });
  return `\n#### ${code(groupTitle(null))}\n\n${tableHead}${rows.join("")}`;
}

function rowKey(operation: Operation, plan: GroupPlan | undefined, kinds: Kinds): string {
  const { endpoint, webhookId } = operation;
  if (kinds.of(operation).granularity !== "eventType") return webhookId ?? endpoint;
  return JSON.stringify([endpoint, describe(operation, plan)]);
}

/** Whether several resources may deliver to the endpoint, as triggers and parts do. */
function hasSeveral({ triggers, parts }: EndpointPlan): boolean {
  return (triggers ?? parts) !== undefined;
}

/** One row for all resources of an endpoint. */
function showSeveral(
  { url, eventTypes }: EndpointPlan,
  operations: readonly Operation[],
  load: string,
): string {
  const isHere = (endpoint: string | undefined): boolean =>
    endpoint !== undefined && sameEndpoint(endpoint, url);
  const about = operations.filter(
    ({ before, after }) => isHere(before?.endpoint) || isHere(after?.endpoint),
  );
  const lost = about.filter(({ before, after }) => isHere(before?.endpoint) && !isHere(after?.endpoint));
  const before = about.reduce(
    (sum, operation) => sum + countHere(operation.before, isHere) - countHere(operation.after, isHere),
    eventTypes.length,
  );
  const counts = before === eventTypes.length ? `${before}` : `${before} → ${eventTypes.length}`;
  const handed = lost.filter(({ after }) => after).length;
  const here = about.filter((operation) => !operation.after || !lost.includes(operation));
  const reasons = [
    ...new Set(here.map((operation) => describe(operation))),
    ...(handed > 0 ? [`hands ${count(handed, "event type")} to another endpoint`] : []),
  ];
  const actions = [...new Set(here.map(({ action }) => action))];
  return row(actions.join(", "), url, [
    counts,
    load,
    reasons.length === 0 ? "unchanged" : reasons.join("; "),
  ]);
}

function countHere(side: Operation["before"], isHere: (endpoint: string) => boolean): number {
  return side && isHere(side.endpoint) ? side.eventTypes.length : 0;
}

function showSkipped(plan: GroupPlan | undefined): string {
  if (!plan?.skipped) return "";
  return plan.frozen === null
    ? "**Skipped**: see the error above.\n\n"
    : `**Frozen**, so it is left unchanged: ${prose(plan.frozen)}\n\n`;
}

export function row(action: string, endpoint: string, cells: readonly string[]): string {
  return `| ${action} | ${endpointCode(endpoint)} | ${cells.join(" | ")} |\n`;
}

/** Returns `4 → 2`, or one number if it does not change. */
export function showCounts(operation: Operation | undefined, after: number): string {
  const before = operation ? (operation.before?.eventTypes.length ?? 0) : after;
  return before === after ? `${after}` : `${before} → ${after}`;
}

const barLength = 10;

function showLoad({ eventTypes, estimatedThroughput }: EndpointPlan, plan: GroupPlan | undefined): string {
  const capacity = plan?.capacity ?? 0;
  const share = capacity === 0 ? 0 : eventTypes.length / capacity;
  // An endpoint with one event type shows at least one block; only a full endpoint shows all of them.
  const filled = share >= 1 ? barLength : Math.min(Math.ceil(share * barLength), barLength - 1);
  const bar = "█".repeat(filled) + "░".repeat(barLength - filled);
  const estimate = plan?.rateAssumed ? "" : `, ${estimatedThroughput} events/s`;
  return `\`${bar}\` ${eventTypes.length}/${capacity}${estimate}`;
}

export function describe(operation: Operation, plan?: GroupPlan): string {
  const { reason, status, error, origin } = operation;
  const isOpen = status === "planned" || status === "applied" || status === "recovered";
  const why = `${prose(reason)}${origin === "both" ? " (partly pending before this change)" : ""}`;
  return isOpen
    ? why
    : `${why} — **${status}**${error === null || isShownAbove(operation, plan) ? "" : `: ${prose(error)}`}`;
}

/** The reason that holds the whole group back is shown above its table, so that rows need not repeat it. */
function isShownAbove({ held }: Operation, plan: GroupPlan | undefined): boolean {
  if (!plan?.skipped || !held) return false;
  return held.by === "freeze" || held.by === "conflict" || (held.by === "guard" && held.hint === null);
}

/** A pool that is split anew can move a thousand event types. */
const maxDetails = { lines: 100, length: 12_000 };

function showDetails(plan: GroupPlan | undefined, operations: readonly Operation[], kinds: Kinds): string {
  const moves = plan?.moves ?? [];
  const moving = new Set(moves.map(({ eventType }) => eventType));
  const changes = operations.map((operation) => changesOf(operation, moving, kinds));
  const [added, removed, fields] = [
    changes.flatMap((change) => change.added),
    changes.flatMap((change) => change.removed),
    changes.flatMap((change) => change.fields),
  ];
  const lines = [
    ...moves.map(
      ({ eventType, from, to }) => `- ${code(eventType)}: ${endpointCode(from)} → ${endpointCode(to)}\n`,
    ),
    ...added,
    ...removed,
    ...fields,
  ];
  if (lines.length === 0) return "";
  const title = [
    ...(moves.length > 0 ? [describeMoves(moves.length)] : []),
    ...(added.length > 0 ? [`${count(added.length, "event type")} added`] : []),
    ...(removed.length > 0 ? [`${count(removed.length, "event type")} removed`] : []),
    ...(fields.length > 0 ? [count(fields.length, "other change")] : []),
  ].join(", ");
  return fold(
    title,
    fitLines(lines, maxDetails, (hidden) => `- … and ${hidden} more: \`--output json\` has all\n`),
  );
}

function changesOf(
  { endpoint, before, after }: Operation,
  moving: ReadonlySet<string>,
  kinds: Kinds,
): Record<"added" | "removed" | "fields", string[]> {
  const only = onlyEventType({ endpoint, before, after }, kinds);
  const { options } = kinds.of({ endpoint, before, after });
  const at = endpointCode(endpoint);
  const which = only === null ? at : `${code(only)} at ${at}`;
  const isMoving = only !== null && moving.has(only);
  const [had, has] = [new Set(before?.eventTypes ?? []), new Set(after?.eventTypes ?? [])];
  const within = (these: ReadonlySet<string>, those: ReadonlySet<string>): string[] =>
    [...these].filter((eventType) => !those.has(eventType) && !moving.has(eventType));
  return {
    added: within(has, had).map((eventType) => `- ${code(eventType)}: added at ${at}\n`),
    removed: within(had, has).map((eventType) => `- ${code(eventType)}: removed from ${at}\n`),
    fields:
      before && after
        ? fieldsOf(before, after, { isMoving, options }).map((text) => `- ${which}: ${text}\n`)
        : [],
  };
}

type OperationDocument = NonNullable<Operation["before"]>;

/** `isMoving`: the new endpoint is left out, because the list of moves shows it. */
function fieldsOf(
  before: OperationDocument,
  after: OperationDocument,
  { isMoving, options }: { readonly isMoving: boolean; readonly options: KindOptions | null },
): string[] {
  const changed = listFieldChanges(options, before, after).filter(([field]) => field !== "endpoint");
  const moved =
    isMoving || sameEndpoint(before.endpoint, after.endpoint)
      ? []
      : [`endpoint ${endpointCode(before.endpoint)} → ${endpointCode(after.endpoint)}`];
  return [...moved, ...changed.map(([key, from, to]) => `${key} ${code(from)} → ${code(to)}`)];
}
