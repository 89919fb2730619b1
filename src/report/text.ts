// Shows a result as text: operations by consumer group, marked `+ ~ - *`, with their event types below them, and moves as
// from → to.
import pc from "picocolors";
import { compareText } from "../lib/compare.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { nounOf, type Kinds } from "../model/kind.ts";
import { onlyEventType, type GroupPlan, type Move, type Operation } from "../model/plan.ts";
import { listFieldChanges } from "../model/field-changes.ts";
import { findStaying, type Result } from "../model/result.ts";
import { showExplanation } from "./explain.ts";
import { plainTexts } from "../lib/plain-texts.ts";
import { groupTitle } from "./shown.ts";
import { describeBase, describeSummary, describeTarget, describeWait } from "./summary.ts";

type Paint = ReturnType<typeof pc.createColors>;
interface TextStyle {
  readonly colours: boolean;
  /** Show the counts, and no group. */
  readonly summaryOnly: boolean;
  /** Show also groups without changes. */
  readonly verbose: boolean;
  /** The plan that the reader has just seen: only what went wrong since is shown. Absent if there was none. */
  readonly seen?: Result | undefined;
  readonly kinds: Kinds;
}

/** A result's text in two parts. The caller prints the diagnostics between them. */
export interface ShownText {
  readonly body: string;
  /** The line that counts the operations; with a base, before it a line for this change and one for what was pending. */
  readonly summary: string;
}

export function showText(fullResult: Result, style: TextStyle): ShownText {
  // Texts are made plain before they are painted, because colours are control characters too.
  const result = plainTexts(selectGroups(fullResult, style));
  const paint = pc.createColors(style.colours);
  const target = describeTarget(result);
  const heading = target === null || style.seen ? "" : `${paint.dim(target)}\n`;
  const summary = [
    ...describeBase(result),
    ...describeWait(result),
    describeSummary(result, paint),
    "",
  ].join("\n");
  const groups = style.summaryOnly
    ? titleOfLeftAlone(findStaying(result), style.kinds)
    : showGroups(result, { ...style, paint });
  const isLong = groups.split("\n").length > longText;
  return { body: [heading, ...(isLong ? [summary] : []), groups].filter(Boolean).join("\n"), summary };
}

/** From so many lines on, the beginning has long left the screen when the end is read; the counts stand there too. */
const longText = 200;

function showGroups(
  result: Result,
  style: { readonly paint: Paint; readonly verbose: boolean; readonly kinds: Kinds },
): string {
  const { paint } = style;
  const byGroup = groupBy(result.operations, (operation) => operation.group);
  const plans = new Map(result.groups.map((group) => [group.group, group]));
  let body = "";
  const shared = byGroup.has(null) ? [null] : [];
  for (const group of new Set([...shared, ...plans.keys(), ...byGroup.keys()])) {
    const operations = byGroup.get(group) ?? [];
    const plan = group === null ? undefined : plans.get(group);
    body += showGroup(groupTitle(group), { plan, operations, paint, kinds: style.kinds });
  }
  return body + showLeftAlone(result, style);
}

function selectGroups(result: Result, { verbose, seen }: TextStyle): Result {
  if (seen) return findFailures(result, seen);
  return verbose ? result : withoutQuietGroups(result);
}

/** Finds what failed in the run: an operation that the plan already showed as held back did not. */
function findFailures(result: Result, seen: Result): Result {
  const keyOf = ({ action, group, endpoint, webhookId }: Operation): string =>
    JSON.stringify([action, group, endpoint, webhookId]);
  const heldBack = new Set(seen.operations.filter(({ status }) => status === "skipped").map(keyOf));
  const operations = result.operations.filter(
    (operation) =>
      operation.status !== "applied" &&
      operation.status !== "recovered" &&
      !(operation.status === "skipped" && heldBack.has(keyOf(operation))),
  );
  const failing = new Set(operations.map(({ group }) => group));
  const groups = result.groups.filter(({ group }) => failing.has(group));
  return {
    ...result,
    operations,
    orphans: [],
    groups: groups.map((group) => ({ ...group, explanation: null })),
  };
}

/** Drops groups without changes first, because they are most groups of a large organisation. */
function withoutQuietGroups(result: Result): Result {
  const changing = new Set(result.operations.map(({ group }) => group));
  const isShown = ({ group, skipped, explanation }: GroupPlan): boolean =>
    changing.has(group) || skipped !== null || explanation !== null;
  return { ...result, groups: result.groups.filter(isShown) };
}

function showGroup(
  group: string,
  section: {
    readonly plan: GroupPlan | undefined;
    readonly operations: readonly Operation[];
    readonly paint: Paint;
    readonly kinds: Kinds;
  },
): string {
  const { plan, operations, paint, kinds } = section;
  const place = plan ? paint.dim(`  ${plan.place.file}:${plan.place.line}`) : "";
  const moves = new Map(plan?.moves.map((move) => [move.eventType, move]) ?? []);
  let text = `${paint.bold(group)}${place}\n`;
  for (const operation of operations) text += showOperation(operation, { plan, moves, paint, kinds });
  const skipped = plan !== undefined && plan.skipped !== null;
  if (operations.length === 0)
    text += skipped ? paint.yellow("    skipped\n") : paint.dim("    no changes\n");
  if (plan) text += showExplanation(plan, paint);
  return `${text}\n`;
}

const marks = { create: "+", update: "~", delete: "-", adopt: "*" } as const;

function showOperation(
  operation: Operation,
  group: {
    readonly plan: GroupPlan | undefined;
    readonly moves: ReadonlyMap<string, Move>;
    readonly paint: Paint;
    readonly kinds: Kinds;
  },
): string {
  const { paint } = group;
  const { action, after, endpoint, reason } = operation;
  const colour = { create: paint.green, update: paint.yellow, delete: paint.red, adopt: paint.cyan }[
    action
  ];
  const only = onlyEventType(operation, group.kinds);
  const load = only !== null ? "" : showLoad(operation, group.plan);
  const kind = action === "adopt" ? `${paint.cyan("adopted:")} ` : "";
  const lines = [
    `  ${colour(`${marks[action]} ${only === null ? "" : `${only} → `}${shownEndpoint(endpoint)}`)}${load ? paint.dim(`  ${load}`) : ""}`,
    `      ${kind}${paint.dim(reason)}`,
    ...showOrigin(operation, paint),
    ...(after ? [] : [`      ${paint.dim(`${operation.name}, id ${operation.webhookId ?? "none"}`)}`]),
    ...(only !== null ? [] : showEventTypes(operation, group.moves, paint)),
  ];
  lines.push(...showFields(operation, group));
  if (operation.error !== null) {
    const status = operation.status === "skipped" ? paint.yellow("skipped") : paint.red(operation.status);
    // The sentence of a guard's refusal or of a conflict is printed once, below the groups.
    const isToldBelow = operation.held?.by === "guard" || operation.held?.by === "conflict";
    lines.push(`      ${status}${isToldBelow ? "" : `: ${operation.error}`}`);
  }
  return `${lines.join("\n")}\n`;
}

function showLoad({ after, endpoint }: Operation, plan: GroupPlan | undefined): string {
  const served = plan?.endpoints.find(({ url }) => url === endpoint);
  if (!after || !served) return "";
  const estimate = plan?.rateAssumed ? "" : `, about ${served.estimatedThroughput} events/s`;
  return `${count(served.eventTypes.length, "event type")}${estimate}`;
}

/** Marks operations that were pending before this change; those that it causes have no mark. */
function showOrigin({ origin }: Operation, paint: Paint): string[] {
  if (origin !== "pending" && origin !== "both") return [];
  return [
    `      ${paint.dim(origin === "pending" ? "pending before this change" : "partly pending before this change")}`,
  ];
}

function showEventTypes(operation: Operation, moves: ReadonlyMap<string, Move>, paint: Paint): string[] {
  const had = new Set(operation.before?.eventTypes ?? []);
  const has = new Set(operation.after?.eventTypes ?? []);
  const stays = [...has].filter((eventType) => had.has(eventType)).length;
  const gained = [...has].filter((eventType) => !had.has(eventType));
  const lost = [...had].filter((eventType) => !has.has(eventType));
  const moved = (eventType: string): string => {
    const move = moves.get(eventType);
    return move ? paint.dim(`   ${shownEndpoint(move.from)} → ${shownEndpoint(move.to)}`) : "";
  };
  return [
    ...gained.map((eventType) => `      ${paint.green(`+ ${eventType}`)}${moved(eventType)}`),
    ...lost.map((eventType) => `      ${paint.red(`- ${eventType}`)}${moved(eventType)}`),
    ...(stays > 0 && gained.length + lost.length > 0
      ? [paint.dim(`        ${stays} more ${stays === 1 ? "stays" : "stay"}`)]
      : []),
  ];
}

/** Shows the changes of all fields but the event types, as from → to. */
function showFields(
  operation: Operation,
  { paint, kinds }: { readonly paint: Paint; readonly kinds: Kinds },
): string[] {
  const { before, after } = operation;
  const { options } = kinds.of(operation);
  const own = options && after?.[options.key];
  if (!before || !after)
    return (own && options.describe?.(own))?.map((line) => `      ${paint.dim(line)}`) ?? [];
  return listFieldChanges(options, before, after).map(
    ([key, from, to]) => `      ${paint.yellow(`~ ${key}`)} ${shownEndpoint(from)} → ${shownEndpoint(to)}`,
  );
}

/** A group without a manifest is not a change, and a long list would hide the changes. With -v, all are shown. */
const maxOrphanGroups = 10;

function showLeftAlone(
  result: Result,
  style: { readonly verbose: boolean; readonly paint: Paint; readonly kinds: Kinds },
): string {
  const { verbose, paint, kinds } = style;
  const pruned = new Set(result.operations.map((operation) => operation.webhookId));
  const orphans = result.orphans
    .filter(({ webhookId }) => !pruned.has(webhookId))
    .toSorted((a, b) => compareText(a.group, b.group) || compareText(a.endpoint, b.endpoint));
  if (orphans.length === 0) return "";
  const groups = [...groupBy(orphans, ({ group }) => group)];
  const shown = verbose ? groups : groups.slice(0, maxOrphanGroups);
  const lines = shown.map(([group, webhooks]) => {
    const endpoints = webhooks.map(({ endpoint }) => paint.dim(shownEndpoint(endpoint)));
    const [first = "", ...rest] = endpoints;
    const more = verbose
      ? rest.map((endpoint) => `\n      ${endpoint}`).join("")
      : paint.dim(rest.length > 0 ? ` and ${rest.length} more` : "");
    return `  ${paint.dim("?")} ${group} ${first}${more}\n`;
  });
  const hidden = groups.length - shown.length;
  if (hidden > 0) lines.push(paint.dim(`    ${count(hidden, "more group")}: -v shows all\n`));
  return `${titleOfLeftAlone(orphans, kinds)}${lines.join("")}\n`;
}

function titleOfLeftAlone(orphans: Result["orphans"], kinds: Kinds): string {
  if (orphans.length === 0) return "";
  const groups = new Set(orphans.map(({ group }) => group)).size;
  const whose = groups === 1 ? "a group" : `${groups} groups`;
  return `${count(orphans.length, nounOf(orphans.map(kinds.of)))} of ${whose} without a manifest (--prune deletes them)\n`;
}
