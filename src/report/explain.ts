// Shows what `--explain` adds to a group: its shares, which event types stay, which move and why, and how few could move.
import type pc from "picocolors";
import { shownEndpoint } from "../model/endpoint.ts";
import type { ExplainedEndpoint, GroupPlan } from "../model/plan.ts";
import { describeMoves } from "./summary.ts";
import { count } from "../lib/count.ts";
import { groupBy } from "../lib/group-by.ts";

type Paint = ReturnType<typeof pc.createColors>;

/** Returns lines indented like the operations; empty when the plan has no explanation. */
export function showExplanation({ explanation, moves }: GroupPlan, paint: Paint): string {
  if (!explanation) return "";
  const { endpoints, left, live, leastMoves } = explanation;
  const width = Math.max(0, ...[...endpoints, ...left].map(({ url }) => shownEndpoint(url).length));
  const lines = [
    paint.dim("  why"),
    ...endpoints.map(
      (endpoint) => `    ${shownEndpoint(endpoint.url).padEnd(width)}  ${showShares(endpoint)}`,
    ),
    ...left.map(
      ({ url, eventTypes }) =>
        `    ${shownEndpoint(url).padEnd(width)}  not in use any more: ${count(eventTypes.length, "event type")} must go`,
    ),
    ...[...groupBy(moves, ({ reason }) => reason)].map(
      ([reason, { length }]) => `    ${describeMoves(length)}: ${reason}`,
    ),
    `    ${sayStay(live, moves.length, leastMoves)}`,
  ];
  return `${lines.join("\n")}\n`;
}

function sayStay(live: number, moves: number, leastMoves: number): string {
  if (live === 0) return "none of its event types is live yet, so none moves";
  if (moves === 0) return live === 1 ? "the live event type stays" : `all ${live} live event types stay`;
  const stay = `${live - moves} of ${count(live, "live event type")} ${live - moves === 1 ? "stays" : "stay"}`;
  return `${stay}; no balanced assignment moves fewer than ${leastMoves}`;
}

function showShares(endpoint: ExplainedEndpoint): string {
  const { weight, share, quota, holds, stay, arrive, added, leave } = endpoint;
  const parts = [
    `weight ${weight}, share ${share}: gets ${quota}, holds ${holds}`,
    `${stay.length} stay`,
    ...(arrive.length > 0 ? [`${arrive.length} move here`] : []),
    ...(added.length > 0 ? [`${added.length} new`] : []),
    ...(leave.length > 0 ? [`${leave.length} move away`] : []),
  ];
  return parts.join(", ");
}
