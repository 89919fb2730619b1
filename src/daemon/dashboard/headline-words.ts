// The headline: of all that is known, the one thing to say first.
import { count } from "../../lib/count.ts";
import type { Condition } from "../conditions.ts";
import type { DaemonView } from "../view.ts";
import type { Link } from "./link.ts";

export type Tone = "good" | "busy" | "pending" | "bad" | "quiet";

export interface Headline {
  readonly tone: Tone;
  readonly title: string;
  /** ISO 8601; null where there is nothing that lasts. */
  readonly since: string | null;
  readonly detail: string;
  /** ISO 8601; null where nothing is waited for. */
  readonly next: string | null;
  /** What comes then. */
  readonly nextWords: string;
}

const nothingNext = { next: null, nextWords: "" };

export function sayHeadline(view: DaemonView | null, link: Link): Headline {
  if (link.kind === "silent") return saySilent(view, link);
  if (!view)
    return {
      tone: "quiet",
      title: "Connecting",
      since: null,
      detail: "Asking the daemon …",
      ...nothingNext,
    };
  return sayPhase(view) ?? { ...sayState(view), ...sayNext(view) };
}

function saySilent(
  view: DaemonView | null,
  { sinceMs, nextTryMs }: Extract<Link, { kind: "silent" }>,
): Headline {
  return {
    tone: "bad",
    title: "No word from the daemon",
    since: new Date(sinceMs).toISOString(),
    detail: view
      ? "It has stopped, or cannot be reached. What follows is as it was then."
      : "It is not running here, or cannot be reached.",
    next: new Date(nextTryMs).toISOString(),
    nextWords: "Looking again",
  };
}

/** Null where the phase is not what matters. */
function sayPhase(view: DaemonView): Headline | null {
  const { phase, holder, lastPass, startedAt, progress } = view;
  if (phase === "stopped")
    return {
      tone: "quiet",
      title: "The daemon is stopping",
      since: null,
      detail: "Webhooks stay as they are.",
      ...nothingNext,
    };
  if (phase === "standby")
    return {
      tone: "quiet",
      title: "On standby",
      since: holder?.since ?? startedAt,
      detail: holder
        ? `Process ${holder.pid} on ${holder.host} is at work; this one takes over when that ends.`
        : "Another daemon is at work; this one takes over when that ends.",
      ...nothingNext,
    };
  // A pass that only looks is over in a moment: the headline stays calm.
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

type State = Pick<Headline, "tone" | "title" | "since" | "detail">;

function sayState({ conditions, mode }: DaemonView): State {
  const find = (type: Condition["type"]): Condition | undefined =>
    conditions.find((condition) => condition.type === type);
  const [ready, valid, reachable, converged] = [
    find("Ready"),
    find("ManifestsValid"),
    find("PlatformReachable"),
    find("Converged"),
  ];
  if (valid?.status === "False") return fromCondition("The manifests have faults", valid);
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
  const detail = sentence(converged.message);
  return mode === "report"
    ? {
        tone: "good",
        title: "Nothing to change",
        since: converged.since,
        detail: `${detail} This daemon only reports.`,
      }
    : { tone: "good", title: "All converged", since: converged.since, detail };
}

function fromCondition(title: string, { since, message }: Condition): State {
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
    ? { next: nextPassAt, nextWords: "Next look" }
    : { next: null, nextWords: "Looking …" };
}

/** `2 groups · 4 endpoints · 18 event types`. */
export function sayCounts(groups: number, endpoints: number, eventTypes: number): string {
  return [count(groups, "group"), count(endpoints, "endpoint"), count(eventTypes, "event type")].join(
    " · ",
  );
}

/** A message as a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  if (text === "") return "";
  // A path or a code stands as it is.
  const start = /^[a-z]+ /.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
