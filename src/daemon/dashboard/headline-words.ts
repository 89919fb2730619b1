// Chooses the headline: the one fact that matters most.
import { count } from "../../lib/count.ts";
import type { Condition } from "../conditions.ts";
import type { DaemonView } from "../view.ts";
import { adviceFor } from "./advice.ts";
import type { ConnectionState } from "./connection.ts";

export type Tone = "good" | "busy" | "pending" | "bad" | "quiet";

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  /** ISO 8601; null for a state without a start time. */
  readonly since: string | null;
  readonly detail: string;
  /** ISO 8601; null when no time is known for what comes next. */
  readonly next: string | null;
  /** Describes what comes next. */
  readonly nextWords: string;
}

const nothingNext = { next: null, nextWords: "" };

export function sayHeadline(view: DaemonView | null, connection: ConnectionState): Headline {
  if (connection.kind === "silent") return saySilent(view, connection);
  if (!view)
    return {
      tone: "quiet",
      title: "Connecting",
      since: null,
      detail: "Asking the daemon …",
      ...nothingNext,
    };
  return sayPhase(view) ?? { ...(sayAway(view) ?? sayState(view)), ...sayNext(view) };
}

function saySilent(
  view: DaemonView | null,
  { sinceMs, nextTryMs }: Extract<ConnectionState, { kind: "silent" }>,
): Headline {
  return {
    tone: "bad",
    title: "No answer from the daemon",
    since: new Date(sinceMs).toISOString(),
    detail: view
      ? "It has stopped or cannot be reached. This page shows its last state."
      : "It is not running here, or cannot be reached.",
    next: new Date(nextTryMs).toISOString(),
    nextWords: "Next try",
  };
}

/** Returns null when the conditions matter more than the phase. */
function sayPhase(view: DaemonView): Headline | null {
  const { phase, lastPass, startedAt, progress } = view;
  if (phase === "stopped")
    return {
      tone: "quiet",
      title: "The daemon is stopping",
      since: null,
      detail: "What is live stays as it is.",
      ...nothingNext,
    };
  if (phase === "standby") return { ...(sayAway(view) ?? sayStandby(view)), ...nothingNext };
  // A pass without writes is short, so it does not change the headline.
  if (phase === "reconciling" && progress && progress.total > 0)
    return {
      tone: "busy",
      title: `Reconciling: ${progress.done} of ${progress.total}`,
      since: null,
      detail: "Writes are under way.",
      ...nothingNext,
    };
  if (lastPass === null)
    return {
      tone: "busy",
      title: "Starting",
      since: startedAt,
      detail: "The first pass is under way.",
      ...nothingNext,
    };
  return null;
}

type HeadlineState = Pick<Headline, "tone" | "title" | "since" | "detail">;

function sayStandby({ holder, startedAt }: DaemonView): HeadlineState {
  return {
    tone: "quiet",
    title: "On standby",
    since: holder?.since ?? startedAt,
    detail: holder
      ? `Process ${holder.pid} on ${holder.host} is at work; this one takes over when that ends.`
      : "Another daemon is at work; this one takes over when that ends.",
  };
}

/** Null unless the state is in a shared store that does not answer. */
function sayAway({ conditions }: DaemonView): HeadlineState | null {
  const state = conditions.find(({ type }) => type === "StateReachable");
  return state?.status === "False" ? fromCondition("The store of the state does not answer", state) : null;
}

function sayState({ conditions, mode }: DaemonView): HeadlineState {
  const find = (type: Condition["type"]): Condition | undefined =>
    conditions.find((condition) => condition.type === type);
  const [ready, valid, reachable, converged] = [
    find("Ready"),
    find("ManifestsValid"),
    find("PlatformReachable"),
    find("Converged"),
  ];
  if (valid?.status === "False") return sayInvalid(valid);
  if (reachable?.status === "False") return fromCondition(platformTitle(reachable), reachable);
  if (converged?.status === "False" && !isPending(converged))
    return fromCondition(convergedTitle(converged), converged);
  if (ready?.status === "False") return fromCondition("The last pass failed", ready);
  if (converged?.status === "False")
    return {
      tone: "pending",
      title: "Changes are pending",
      since: converged.since,
      detail: sentence(converged.message),
    };
  if (converged?.status !== "True")
    return { tone: "quiet", title: "Nothing is known yet", since: null, detail: "" };
  return sayConverged(converged, { orphans: find("NoOrphans"), mode });
}

function sayInvalid(valid: Condition): HeadlineState {
  const { reason: code, message } = valid;
  if (code !== "NoManifests") return fromCondition("The manifests have errors", valid);
  const detail = `${sentence(message)} ${adviceFor(valid)}`;
  return { tone: "quiet", title: "No manifests yet", since: null, detail };
}

function sayConverged(
  converged: Condition,
  { orphans, mode }: { readonly orphans: Condition | undefined; readonly mode: DaemonView["mode"] },
): HeadlineState {
  const detail = sentence(converged.message);
  if (orphans?.status === "False")
    return {
      tone: "pending",
      title: "Orphans are left",
      since: orphans.since,
      detail: `${sentence(orphans.message)} ${detail}`,
    };
  return mode === "report"
    ? {
        tone: "good",
        title: "Nothing to change",
        since: converged.since,
        detail: `${detail} This daemon runs with --dry-run.`,
      }
    : { tone: "good", title: "All converged", since: converged.since, detail };
}

function fromCondition(title: string, { since, message }: Condition): HeadlineState {
  return { tone: "bad", title, since, detail: sentence(message) };
}

function isPending({ reason: code }: Condition): boolean {
  return code === "ChangesPending";
}

function platformTitle({ reason: code }: Condition): string {
  return code.startsWith("Auth") || code === "ApiUnauthorized" || code === "ApiForbidden"
    ? "Genesys Cloud refuses this daemon"
    : "Genesys Cloud cannot be reached";
}

function convergedTitle({ reason: code }: Condition): string {
  return code === "OperationsFailed" ? "Operations failed" : "Changes are held back";
}

function sayNext({ phase, nextPassAt }: DaemonView): Pick<Headline, "next" | "nextWords"> {
  if (phase === "backoff") return { next: nextPassAt, nextWords: "Next try" };
  return phase === "waiting"
    ? { next: nextPassAt, nextWords: "Next pass" }
    : { next: null, nextWords: "A pass is running …" };
}

/** Returns `2 groups · 4 endpoints · 18 event types`. */
export function sayCounts(groups: number, endpoints: number, eventTypes: number): string {
  return [count(groups, "group"), count(endpoints, "endpoint"), count(eventTypes, "event type")].join(
    " · ",
  );
}

/** Returns the message as a sentence, with a capital letter and a full stop. */
export function sentence(message: string): string {
  const text = message.trim();
  if (text === "") return "";
  // A path or a code keeps its first letter.
  const start = /^[a-z]+ /.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
