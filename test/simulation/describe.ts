// A report in words.
import { sentences, type Check } from "./checks.ts";
import type { Totals } from "./journal.ts";
import type { ResourcesName } from "./resources.ts";
import type { Report } from "./simulate.ts";

/** Of a seed that failed: what was violated, and how to see it again. */
export function describeReport(
  { seed, violations }: Report,
  resources: ResourcesName = "webhooks",
): string {
  const which = resources === "webhooks" ? "" : ` --resources ${resources}`;
  const broken = violations.slice(0, 5).map(({ check, detail }) => {
    const sentence = sentences[check as Check];
    return `seed ${seed} violates ${check}: ${sentence}\n    ${detail}`;
  });
  return [...broken, `    repeat it with: npm run simulate -- --seed ${seed}${which}`].join("\n");
}

export function describeTotals(totals: Totals): string {
  const { seeds, passes, crashes, edits, requests, writes, throttled, lateCommits, recovered } = totals;
  const { interrupts, ofOneGroup, invalid, refused, goneOver, handedOver } = totals;
  return [
    `${seeds} seeds, ${passes} passes, ${crashes} crashes, ${edits} edits by hand, ${requests} requests, ${writes} writes,`,
    `${throttled} answers of 429, ${lateCommits} late commits, ${recovered} lost answers recovered`,
    `${interrupts} interrupts, ${ofOneGroup} passes of one group, ${invalid} with an invalid manifest`,
    `${refused} passes with a kind unseen, ${goneOver} groups gone over to another kind, ${handedOver} handed over`,
    `faults: ${describeCounts({ ...totals.faults, "disk fails": totals.diskFaults })}`,
    `excused: ${describeCounts(totals.excuses)}`,
  ].join("\n");
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `\n  ${String(times).padStart(7)}  ${name}`);
  return lines.length === 0 ? "none" : lines.join("");
}
