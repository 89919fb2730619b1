// Makes the messages of a run: one for each topic whose state changed, in words and as data.
import { count } from "../lib/count.ts";
import { hideQueries } from "../lib/hide-queries.ts";
import { joinWords } from "../lib/join-words.ts";
import { plain } from "../lib/plain.ts";
import type { NotifyTopic } from "../model/config.ts";
import { shownEndpoint } from "../model/endpoint.ts";
import { isDeletion } from "../model/find-deleted.ts";
import type { Organization } from "../model/organization.ts";
import type { Result } from "../model/result.ts";
import { findStaying } from "../model/result.ts";
import { aboutTrail } from "../model/about-trail.ts";
import { driftOf, errorsOf, isPutBack, keyOfDrift, type RunScope } from "./judge.ts";
import type { Change, FaultTopic } from "./told.ts";

export interface Message {
  readonly topic: NotifyTopic;
  readonly data: MessageData;
}

/** What a receiver gets. Text is one line, and its URLs are without query strings and logins. */
export interface MessageData {
  readonly environment: string;
  readonly owner: string;
  /** Null if it is not known; absent in a message that an older version left waiting. */
  readonly organization?: Organization | null | undefined;
  /** The command, such as `sync`. */
  readonly command: string;
  /** Null if no run of this machine is meant. */
  readonly runId: string | null;
  /** One sentence. */
  readonly summary: string;
  /** More of it, a line each; at most 100. */
  readonly details: readonly string[];
  /** The groups that it is about, at most 100. */
  readonly groups: readonly string[];
}

/** A message of thousands of lines helps nobody. */
const maxListed = 100;

export interface RunAbout extends Pick<MessageData, "environment" | "owner" | "organization"> {
  readonly task: RunScope["task"];
}

/** `wanted`: the topics that the receiver asked for. A recovery is only of these. */
export function makeMessages(
  changes: readonly Change[],
  wanted: ReadonlySet<NotifyTopic>,
  { result, about }: { readonly result: Result; readonly about: RunAbout },
): readonly Message[] {
  return changes.flatMap((change): Message[] => {
    if (!wanted.has(change.topic)) return [];
    const words =
      change.topic === "recovery"
        ? sayRecovery(change.ended.filter((topic) => wanted.has(topic)))
        : sayFault(change.topic, change.keys, { result, task: about.task });
    if (words === null) return [];
    const { task: command, ...whose } = about;
    const { runId } = result;
    return [{ topic: change.topic, data: makeData({ ...whose, command, runId, ...words }) }];
  });
}

/** Makes each text safe to show, and the lists short. */
export function makeData({ summary, details, groups, ...rest }: MessageData): MessageData {
  const more = details.length - maxListed;
  const listed = more > 0 ? [...details.slice(0, maxListed - 1), `and ${more + 1} more`] : details;
  return {
    ...rest,
    summary: shown(summary),
    details: listed.map(shown),
    groups: [...new Set(groups)].slice(0, maxListed).map(shown),
  };
}

function shown(text: string): string {
  return hideQueries(plain(text));
}

type Words = Pick<MessageData, "summary" | "details" | "groups">;

interface FaultyRun {
  readonly result: Result;
  readonly task: RunScope["task"];
}

function sayFault(topic: FaultTopic, keys: ReadonlySet<string>, run: FaultyRun): Words {
  if (topic === "trail") return sayTrail(run);
  if (topic === "failure") return sayFailure(run);
  return topic === "drift" ? sayDrift(keys, run.result) : sayOrphans(keys, run.result);
}

function sayTrail({ result }: FaultyRun): Words {
  const faults = errorsOf(result).filter(({ code }) => aboutTrail.has(code));
  const summary = "Nothing is written, because the audit trail is not as this machine left it";
  const details = faults.flatMap(({ message, hint }) => [message, ...(hint === null ? [] : [hint])]);
  return { summary, details, groups: [] };
}

const runs: Readonly<Record<RunScope["task"], string>> = {
  sync: "The sync",
  watch: "A pass of the daemon",
  apply: "The apply of a saved plan",
  rollback: "The rollback",
};

function sayFailure({ result, task }: FaultyRun): Words {
  const errors = errorsOf(result);
  const messages = errors.map(({ message, file, line }) =>
    file === null ? message : `${file}:${line ?? 1}: ${message}`,
  );
  const failed = result.operations.flatMap(({ status, action, name, group, error }) =>
    (status === "failed" || status === "unknown") && error !== null
      ? [{ group, line: `${action} of ${name}: ${error}` }]
      : [],
  );
  const refused = result.groups.filter(({ skipped }) => skipped !== null);
  const details = [...new Set([...messages, ...failed.map(({ line }) => line)])];
  const number = details.length > 1 ? ` with ${count(details.length, "error")}` : "";
  const groups = [...failed, ...refused].flatMap(({ group }) => group ?? []);
  return { summary: `${runs[task]} failed${number}`, details, groups };
}

function sayDrift(keys: ReadonlySet<string>, result: Result): Words {
  const drifted = driftOf(result).filter((drift) => keys.has(keyOfDrift(drift)));
  const back = drifted.filter((drift) => isPutBack(drift, result)).length;
  const details = drifted.map(({ group, endpoint, patch }) => {
    const fields = [...new Set(patch.map(({ path }) => path.split("/")[1] ?? ""))];
    const did = isDeletion({ patch }) ? "deleted" : `${joinWords(fields, "and")} changed`;
    return `${group === null ? "" : `${group}: `}${shownEndpoint(endpoint)}: ${did}`;
  });
  const summary = `Someone else changed or deleted ${count(drifted.length, "resource")}; ${sayBack(back, drifted.length)}`;
  return { summary, details, groups: drifted.flatMap(({ group }) => group ?? []) };
}

function sayBack(back: number, all: number): string {
  if (back === 0) return "nothing was put back yet";
  if (back === all) return all === 1 ? "this run put it back" : "this run put them back";
  return `this run put ${back} of them back`;
}

function sayOrphans(keys: ReadonlySet<string>, result: Result): Words {
  const left = findStaying(result).filter(({ group }) => keys.has(group));
  const groups = new Set(left.map(({ group }) => group));
  const whose = groups.size === 1 ? "a group" : `${groups.size} groups`;
  const verb = left.length === 1 ? "goes" : "go";
  const summary = `${count(left.length, "resource")} of ${whose} without a manifest ${verb} on delivering`;
  const details = left.map(({ group, endpoint }) => `${group}: ${shownEndpoint(endpoint)}`);
  return { summary, details, groups: [...groups] };
}

const over: Readonly<Record<FaultTopic, string>> = {
  trail: "runs go on with the audit trail",
  failure: "runs succeed",
  drift: "what someone else changed is put back",
  orphans: "no resource is without a manifest",
};

function sayRecovery(ended: readonly FaultTopic[]): Words | null {
  if (ended.length === 0) return null;
  const sentence = joinWords(
    ended.map((topic) => over[topic]),
    "and",
  );
  const summary = `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)} again`;
  return { summary, details: [], groups: [] };
}
