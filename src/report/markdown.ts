// Shows a result as a pull request comment: first a headline, the deletes and the errors, then a table for each group, then what this
// change did not cause.
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Operation } from "../model/plan.ts";
import { nounOf } from "../model/kind.ts";
import type { CommandResult } from "../model/result.ts";
import type { ShownResult } from "./shown.ts";
import { describeHeadline } from "./headline.ts";
import { showGroup, showShared } from "./markdown-group.ts";
import { showDeletes, showDrift, showForsaken, showOrphans, showPending } from "./markdown-rest.ts";
import { code, fitLines, fold, prose } from "./markdown-text.ts";
import { describeRevision, describeTarget, describeWait } from "./summary.ts";

/** A workflow finds its earlier comment by this line, to overwrite it. */
const commentMark = "<!-- reconcile -->";

/** GitHub accepts 65,536 characters; the rest is for the text that a workflow adds. */
const maxLength = 60_000;

/** Shows the result of a command that makes no plan; `headline`: plain text. The Markdown ends with a line break. */
export function showCommandMarkdown({ diagnostics }: CommandResult, headline: string): string {
  return showHeadline(headline, []) + showProblems(diagnostics);
}

/** Returns Markdown that ends with a line break. Groups that do not fit are counted, and none is cut in two. */
export function showMarkdown(result: ShownResult): string {
  const head =
    showHead(result) + showDeletes(result) + showForsaken(result) + showProblems(result.diagnostics);
  const rest = showPending(result) + showDrift(result) + showOrphans(result);
  return head + showGroups(result, maxLength - head.length - rest.length) + rest;
}

function showHead(result: ShownResult): string {
  const { base, summary, groups, kinds } = result;
  const noun = nounOf(
    groups.flatMap(({ endpoints }) => endpoints.map(({ url, kind }) => kinds.of({ endpoint: url, kind }))),
  );
  const target = describeTarget(result);
  const about = [
    ...(target === null ? [] : [prose(target)]),
    ...(base ? [`compared with ${prose(describeRevision(base))}`] : []),
    ...(summary.unchanged > 0 ? [`${count(summary.unchanged, noun)} unchanged`] : []),
  ];
  const waits = describeWait(result).map((line) => `\n${prose(line)}.\n`);
  return showHeadline(describeHeadline(result), about) + waits.join("");
}

function showHeadline(headline: string, about: readonly string[]): string {
  return `${commentMark}\n**${prose(headline)}**\n${about.length > 0 ? `\n${about.join(" · ")}\n` : ""}`;
}

/** More errors and warnings would leave too little room for the groups. */
const maxProblems = { lines: 30, length: 8_000 };

/** More warnings than this are folded, because most of them are not about this change. */
const maxOpenWarnings = 3;

function showProblems(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const warnings = diagnostics.filter(({ severity }) => severity === "warning");
  if (warnings.length <= maxOpenWarnings) return listProblems([...errors, ...warnings]);
  return listProblems(errors) + fold(count(warnings.length, "warning"), listProblems(warnings).trimStart());
}

function listProblems(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "";
  const lines = diagnostics.map(({ severity, message, hint, file, line }) => {
    const place = file === null ? "" : ` (${code(`${file}:${line ?? 1}`)})`;
    return `- **${severity}**: ${prose(message)}${place}${hint === null ? "" : `; ${prose(hint)}`}\n`;
  });
  return `\n${fitLines(lines, maxProblems, (hidden) => `- … and ${count(hidden, "more problem")}: see the job's log\n`)}`;
}

function showGroups(result: ShownResult, room: number): string {
  const plans = new Map(result.groups.map((plan) => [plan.group, plan]));
  const byGroup = groupBy(result.operations, ({ group }) => group);
  const all = [...plans.keys(), ...byGroup.keys()].filter((name) => name !== null);
  const names = [...new Set(all)].filter((name) => {
    const isSkipped = (plans.get(name)?.skipped ?? null) !== null;
    return byGroup.get(name)?.some(isShown) ?? isSkipped;
  });
  let text = showShared((byGroup.get(null) ?? []).filter(isShown));
  let shown = 0;
  for (const name of names) {
    const { full, brief } = showGroup(
      { name, plan: plans.get(name), operations: byGroup.get(name) ?? [] },
      result.kinds,
    );
    const section = [full, `${brief}\n_Its event types do not fit here: see \`--output json\`._\n`].find(
      ({ length }) => text.length + length + cutLength <= room,
    );
    if (section === undefined) break;
    text += section;
    shown += 1;
  }
  const hidden = names.length - shown;
  if (hidden === 0) return text;
  return `${text}\n_… and ${count(hidden, "more group")} with changes: see the job's log, or \`--output json\`._\n`;
}

/** Room for the line that counts what is left out. */
const cutLength = 200;

/** Operations that were pending before the change have a table of their own. */
function isShown({ origin }: Operation): boolean {
  return origin !== "pending";
}
