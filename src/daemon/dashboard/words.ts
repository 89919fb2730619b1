// Words that several parts of the page share.
import { count } from "../../lib/count.ts";
import type { Summary } from "../../model/result.ts";
import type { Trigger } from "../view.ts";

const triggerWords: Readonly<Record<Trigger, string>> = {
  start: "the daemon started",
  files: "a file was saved",
  interval: "the interval was over",
  retry: "another try after a failure",
  signal: "SIGHUP",
  request: "asked for over HTTP",
  git: "the repository changed",
};

export function describeTriggers(triggers: readonly Trigger[]): string {
  return triggers.map((trigger) => triggerWords[trigger]).join(", ");
}

/** `2 created, 1 updated`; `nothing changed`. */
export function describeSummary(summary: Summary, isPlanned: boolean): string {
  const parts = [
    [summary.create, isPlanned ? "to create" : "created"],
    [summary.update, isPlanned ? "to update" : "updated"],
    [summary.delete, isPlanned ? "to delete" : "deleted"],
    [summary.adopt, isPlanned ? "to adopt" : "adopted"],
    [summary.failed, "failed"],
    [summary.skipped, "not started"],
  ] as const;
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  if (summary.movedEventTypes > 0)
    told.push(`${count(summary.movedEventTypes, "event type")} ${isPlanned ? "to move" : "moved"}`);
  return told.length === 0 ? "nothing changed" : told.join(", ");
}

/** Events a second, in round figures: `640/s`, `1.2k/s`. */
export function rate(eventsPerSecond: number): string {
  return eventsPerSecond < 1000 ? `${eventsPerSecond}/s` : `${(eventsPerSecond / 1000).toFixed(1)}k/s`;
}

/** An endpoint without its scheme: `pipeline.example.com` and `/genesys-1`; what has no host is all path. */
export function splitUrl(url: string): { readonly host: string; readonly path: string } {
  const [, host, path = ""] = /^[a-z]+:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (host === undefined) return { host: "", path: url };
  return { host, path: path === "" ? "/" : path };
}

export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//i, "");
}
