// A result for a pull request comment: the count first, what is wrong, then a table a group with its capacity and moves.
import { count } from "../../lib/count.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { shownEndpoint } from "../../model/endpoint.ts";
import type { GroupPlan, Operation } from "../../model/plan.ts";
import type { Result } from "../../model/result.ts";
import { plain } from "./plain.ts";
import { describeMoves, describeSummary, describeTarget } from "./summary.ts";

/** GitHub takes 65,536 characters; the rest is for what a workflow puts around it. */
const maxLength = 60_000;

/** Ends with a line break. Groups that do not fit are counted, not cut in two. */
export function showMarkdown(result: Result): string {
  const byGroup = groupBy(result.operations, ({ group }) => group);
  const plans = new Map(result.groups.map((plan) => [plan.group, plan]));
  const names = [...new Set([...plans.keys(), ...byGroup.keys()])].filter(
    (name) => byGroup.has(name) || (plans.get(name)?.skipped ?? null) !== null,
  );
  const target = describeTarget(result);
  let text = `**${describeSummary(result)}**${target === null ? "" : ` (${prose(target)})`}\n`;
  if (result.diagnostics.length > 0) text += `\n${showDiagnostics(result.diagnostics)}`;
  let shown = 0;
  for (const name of names) {
    const section = showGroup(name, plans.get(name), byGroup.get(name) ?? []);
    if (text.length + section.length > maxLength) break;
    text += section;
    shown += 1;
  }
  const hidden = names.length - shown;
  return hidden === 0 ? text : `${text}\n_${count(hidden, "more group")} with changes, not shown here._\n`;
}

/** More than these would crowd out the groups. */
const maxDiagnostics = 50;

function showDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.slice(0, maxDiagnostics).map(({ severity, message, hint, file, line }) => {
    const place = file === null ? "" : ` (${code(`${file}:${line ?? 1}`)})`;
    return `- **${severity}**: ${prose(message)}${place}${hint === null ? "" : `; ${prose(hint)}`}\n`;
  });
  const more = diagnostics.length - lines.length;
  return `${lines.join("")}${more > 0 ? `- ${more} more problems\n` : ""}`;
}

const marks = { create: "+", update: "~", delete: "-", adopt: "adopt" } as const;

function showGroup(name: string, plan: GroupPlan | undefined, operations: readonly Operation[]): string {
  const written = new Map(
    operations.filter(({ after }) => after).map((operation) => [operation.endpoint, operation]),
  );
  const endpoints = (plan?.endpoints ?? []).map(({ url, eventTypes, estimatedThroughput }) => {
    const operation = written.get(url);
    const cells = [
      `${eventTypes.length}`,
      `${estimatedThroughput}`,
      operation ? describe(operation) : "unchanged",
    ];
    return row(operation ? marks[operation.action] : "", url, cells);
  });
  const deleted = operations
    .filter(({ after }) => !after)
    .map((operation) => row("-", operation.endpoint, ["", "", describe(operation)]));
  const heading = `\n#### ${code(name)}${plan ? ` — ${code(`${plan.place.file}:${plan.place.line}`)}` : ""}\n\n`;
  const skipped = (plan?.skipped ?? null) === null ? "" : "Skipped: see above.\n\n";
  const table = "| | endpoint | event types | about events/s | why |\n|---|---|---:|---:|---|\n";
  return `${heading}${skipped}${table}${[...endpoints, ...deleted].join("")}${plan ? showMoves(plan) : ""}`;
}

function describe({ reason, status, error }: Operation): string {
  const isOpen = status === "planned" || status === "applied" || status === "recovered";
  return isOpen
    ? prose(reason)
    : `${prose(reason)} — **${status}**${error === null ? "" : `: ${prose(error)}`}`;
}

function row(mark: string, endpoint: string, cells: readonly string[]): string {
  return `| ${mark} | ${code(shownEndpoint(endpoint))} | ${cells.join(" | ")} |\n`;
}

function showMoves({ moves }: GroupPlan): string {
  if (moves.length === 0) return "";
  const lines = moves.map(
    ({ eventType, from, to }) =>
      `- ${code(eventType)}: ${code(shownEndpoint(from))} → ${code(shownEndpoint(to))}\n`,
  );
  return `\n<details><summary>${describeMoves(moves.length)}</summary>\n\n${lines.join("")}\n</details>\n`;
}

/**
 * As it stands, in one table cell: a text of somebody else's must not become markup. A backslash before a `|` would
 * take its own from it, and two backticks with nothing between them would wait for the next two.
 */
function code(text: string): string {
  return `\`${plain(text).replaceAll("`", "'").replace(/\\*\|/g, "\\|") || " "}\``;
}

/**
 * GitHub looks for mentions, references and addresses after it has taken the backslashes away: a character that
 * nobody sees keeps it from finding any.
 */
function prose(text: string): string {
  return plain(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_[\]|#!~$]/g, "\\$&")
    .replace(/@|#(?=\d)|:(?=\/\/)|\bwww(?=\.)|\bGH(?=-\d)/gi, "$&&#8203;");
}
