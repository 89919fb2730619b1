// Describes a result's target (environment and owner), and makes its last line, which counts what is to be done or was
// done.
import { count } from "../lib/count.ts";
import type { Base, BaseCounts } from "../model/base.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import type { Result, Summary } from "../model/result.ts";

/** Returns `mypurecloud.de as owner "contact-centre", organisation "Acme"`; null when an error came before these were known. */
export function describeTarget({
  environment,
  owner,
  organization,
}: Pick<Result, "environment" | "owner" | "organization">): string | null {
  if (environment === null || owner === null) return null;
  const name = environment === "sandbox" ? null : (organization?.name ?? null);
  return `${environment} as owner "${owner}"${name === null ? "" : `, organisation "${name}"`}`;
}

/** A run that an earlier version kept has no count of orphans. */
type Counts = Omit<Summary, "orphans">;

const words: readonly (readonly [keyof Counts, string, string])[] = [
  ["create", "to create", "created"],
  ["update", "to update", "updated"],
  ["delete", "to delete", "deleted"],
  ["adopt", "to adopt", "adopted"],
  ["unchanged", "unchanged", "unchanged"],
];

/** `paint` colours the counts of failed and skipped operations. */
export function describeSummary(
  { dryRun, summary }: Pick<Result, "dryRun"> & { readonly summary: Counts },
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

/** Returns one line for the time that a plan waits at least; none if it waits for nothing. */
export function describeWait({
  dryRun,
  leastWaitMs,
}: Pick<Result, "dryRun" | "leastWaitMs">): readonly string[] {
  return dryRun && leastWaitMs ? [sayLeastTime(leastWaitMs)] : [];
}

/** Returns one line for what the change does and one for what was pending before it; without a base, no line. */
export function describeBase({ base }: Pick<Result, "base">): readonly string[] {
  if (!base) return [];
  const { change, pending, obsolete } = base;
  const at = describeRevision(base);
  if (!change || !pending) return [`Against ${at}: what this change causes could not be determined`];
  const gone = obsolete.map(
    ({ action, group, endpoint }) =>
      `${action} of ${shownEndpoint(endpoint)}${group === null ? "" : ` in group "${group}"`}`,
  );
  return [
    `Against ${at}: this change has ${describeCounts(change)}`,
    `Pending before it: ${describeCounts(pending)}`,
    ...(gone.length > 0 ? [`No longer needed: ${listSome(gone)}`] : []),
  ];
}

/** Returns `main (1a2b3c4)`. */
export function describeRevision({ ref, commit }: Base): string {
  return commit === null
    ? "nothing"
    : commit.startsWith(ref)
      ? commit.slice(0, 7)
      : `${ref} (${commit.slice(0, 7)})`;
}

/** Returns `1 to create, 2 skipped; 1 event type moves`, or `nothing`. */
export function describeCounts(counts: BaseCounts): string {
  const parts = words.flatMap(([key, planned]) =>
    key !== "unchanged" && counts[key as keyof BaseCounts] > 0
      ? [`${counts[key as keyof BaseCounts]} ${planned}`]
      : [],
  );
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
  if (parts.length === 0) return "nothing";
  const moved = counts.movedEventTypes;
  return `${parts.join(", ")}${moved > 0 ? `; ${describeMoves(moved)}` : ""}`;
}

const maxListed = 5;

function listSome(texts: readonly string[]): string {
  const more = texts.length - maxListed;
  return [...texts.slice(0, maxListed), ...(more > 0 ? [`${more} more`] : [])].join("; ");
}

/** Returns `1 event type moves` or `2 event types move`. */
export function describeMoves(moved: number): string {
  return `${count(moved, "event type")} ${moved === 1 ? "moves" : "move"}`;
}

/** The sentence with which a plan tells how long it takes. */
function sayLeastTime(waitMs: number): string {
  return `Takes at least ${sayTime(waitMs)}: until AWS has taken what event types gain, nothing is taken away elsewhere`;
}

/** In minutes where these are whole. */
function sayTime(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1_000);
  return seconds % 60 === 0 ? count(seconds / 60, "minute") : `${seconds} s`;
}
