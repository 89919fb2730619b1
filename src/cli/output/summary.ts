// Whose webhooks a result is about, and the line that it ends with: what is to be done, or was.
import { count } from "../../lib/count.ts";
import type { Result, Summary } from "../../model/result.ts";

/** `mypurecloud.de as owner "contact-centre"`; null where that is not settled. */
export function describeTarget({
  environment,
  owner,
}: Pick<Result, "environment" | "owner">): string | null {
  return environment === null || owner === null ? null : `${environment} as owner "${owner}"`;
}

const words: readonly (readonly [keyof Summary, string, string])[] = [
  ["create", "to create", "created"],
  ["update", "to update", "updated"],
  ["delete", "to delete", "deleted"],
  ["adopt", "to adopt", "adopted"],
  ["unchanged", "unchanged", "unchanged"],
];

/** How `failed` and `skipped` are made to stand out is the caller's. */
export function describeSummary(
  { dryRun, summary }: Pick<Result, "dryRun" | "summary">,
  paint: { readonly red: (text: string) => string; readonly yellow: (text: string) => string } = unpainted,
): string {
  const parts = words.map(([key, planned, done]) => `${summary[key]} ${dryRun ? planned : done}`);
  if (summary.failed > 0) parts.push(paint.red(`${summary.failed} failed`));
  if (summary.skipped > 0) parts.push(paint.yellow(`${summary.skipped} skipped`));
  const moved = summary.movedEventTypes;
  const moves = dryRun ? describeMoves(moved) : `${count(moved, "event type")} moved`;
  return `${dryRun ? "Plan" : "Done"}: ${parts.join(", ")}; ${moves}`;
}

const unpainted = { red: (text: string) => text, yellow: (text: string) => text };

/** `1 event type moves`, `2 event types move`. */
export function describeMoves(moved: number): string {
  return `${count(moved, "event type")} ${moved === 1 ? "moves" : "move"}`;
}
