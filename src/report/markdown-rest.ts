// Shows what a pull request comment has beside the change: operations that were pending before it, drift, and groups
// without a manifest.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import { nounOf } from "../model/kind.ts";
import { isPlanned } from "../model/plan.ts";
import { groupTitle, type ShownResult } from "./shown.ts";
import { describe, row, showCounts, tableHead } from "./markdown-group.ts";
import { code, endpointCode, fitLines, fold, prose } from "./markdown-text.ts";

const maxPending = { lines: 40, length: 10_000 };
const maxListed = { lines: 20, length: 5_000 };

function more(hidden: number): string {
  return `- … and ${hidden} more: see the job's log, or \`--output json\`\n`;
}

/** Shows groups whose operations were all pending. Pending operations of other groups are in those groups' tables. */
export function showPending({ operations, base }: ShownResult): string {
  const groups = [...groupBy(operations, ({ group }) => group)].filter(([, all]) =>
    all.every(({ origin }) => origin === "pending"),
  );
  const lines = groups.map(([group, all]) => {
    const rows = all.map((operation) =>
      row(operation.action, operation.endpoint, [
        showCounts(operation, operation.after?.eventTypes.length ?? 0),
        code(groupTitle(group)),
        describe(operation),
      ]),
    );
    return rows.join("");
  });
  const number = groups.reduce((sum, [, all]) => sum + all.length, 0);
  const title = `${count(number, "operation")} of ${count(groups.length, "group")} ${number === 1 ? "was" : "were"} pending before this change`;
  const head = tableHead.replace("| load |", "| group |");
  const table = fitLines(
    lines,
    maxPending,
    (hidden) => `\n_… and ${count(hidden, "more group")}: see the job's log, or \`--output json\`._\n`,
  );
  const obsolete = (base?.obsolete ?? []).map(
    ({ action, group, endpoint }) =>
      `- ${action} of ${endpointCode(endpoint)}${group === null ? "" : ` in ${code(group)}`}\n`,
  );
  const gone = `${count(obsolete.length, "operation")} that ${obsolete.length === 1 ? "was" : "were"} pending ${obsolete.length === 1 ? "is" : "are"} no longer needed with this change`;
  return (
    (groups.length === 0 ? "" : fold(title, head + table)) +
    (obsolete.length === 0 ? "" : fold(gone, fitLines(obsolete, maxListed, more)))
  );
}

export function showDrift({ drift, kinds }: ShownResult): string {
  if (drift.length === 0) return "";
  const lines = drift.map(({ group, endpoint, patch }) => {
    const fields = [...new Set(patch.map(({ path }) => path.split("/")[1] ?? ""))];
    return `- ${code(groupTitle(group))}: ${endpointCode(endpoint)}: ${prose(fields.join(", "))}\n`;
  });
  const title = `${count(drift.length, nounOf(drift.map(kinds.of)))} ${drift.length === 1 ? "was" : "were"} changed outside this repository since the last run`;
  return fold(title, fitLines(lines, maxListed, more));
}

/** Lists what a dry run would delete, because only a delete takes something away that Git cannot bring back. */
export function showDeletes({ dryRun, operations, kinds }: ShownResult): string {
  const deletes = operations.filter(
    (one) => one.action === "delete" && isPlanned(one) && one.origin !== "pending",
  );
  if (!dryRun || deletes.length === 0) return "";
  const lines = deletes.map(
    ({ group, endpoint, reason }) =>
      `- ${code(groupTitle(group))}: ${endpointCode(endpoint)}: ${prose(reason)}\n`,
  );
  const title = `**Deletes ${count(deletes.length, nounOf(deletes.map(kinds.of)))}**:`;
  return `\n${title}\n\n${fitLines(lines, maxListed, more)}`;
}

/** Names the groups that this change leaves without a manifest: the groups' tables do not show them. */
export function showForsaken({ orphans, operations }: ShownResult): string {
  const groups = new Set(
    findLeft({ orphans, operations }).flatMap(({ group, origin }) => (origin === "change" ? [group] : [])),
  );
  if (groups.size === 0) return "";
  const names = [...groups].slice(0, maxNamed).map(code);
  const others = groups.size > maxNamed ? ` and ${groups.size - maxNamed} more` : "";
  return `\n**No manifest any more**: ${names.join(", ")}${others}. Their live resources keep delivering until a run with \`--prune\`.\n`;
}

const maxNamed = 5;

export function showOrphans(result: ShownResult): string {
  const left = findLeft(result);
  if (left.length === 0) return "";
  const lines = left.map(({ group, endpoint, origin }) => {
    const how = origin === "change" ? " (this change removes its manifest)" : "";
    return `- ${code(group)}: ${endpointCode(endpoint)}${how}\n`;
  });
  const groups = new Set(left.map(({ group }) => group)).size;
  const title = `${count(left.length, nounOf(left.map(result.kinds.of)))} of ${count(groups, "group")} without a manifest (--prune deletes them)`;
  return fold(title, fitLines(lines, maxListed, more));
}

function findLeft({
  orphans,
  operations,
}: Pick<ShownResult, "orphans" | "operations">): ShownResult["orphans"] {
  const pruned = new Set(operations.map(({ webhookId }) => webhookId));
  return orphans.filter(({ webhookId }) => !pruned.has(webhookId));
}
