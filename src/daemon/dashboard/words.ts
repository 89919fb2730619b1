// Texts that several parts of the page share.
import { count } from "../../lib/count.ts";
import { builtInKinds } from "../../kinds/registry.ts";
import { nounOf } from "../../model/kind.ts";
import type { Summary } from "../../model/result.ts";
import type { WakeReason } from "../view.ts";

const wakeReasonWords: Readonly<Record<WakeReason, string>> = {
  start: "the daemon started",
  files: "a file was saved",
  interval: "the interval had passed",
  retry: "a retry after a failure",
  signal: "SIGHUP",
  request: "a request over HTTP",
  git: "the repository changed",
};

export function describeWakeReasons(reasons: readonly WakeReason[]): string {
  return reasons.map((reason) => wakeReasonWords[reason]).join(", ");
}

/** Returns `2 created, 1 updated`, or `nothing changed`. */
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

/** Returns events a second in round figures: `640/s`, `1.2k/s`. */
export function rate(eventsPerSecond: number): string {
  return eventsPerSecond < 1000 ? `${eventsPerSecond}/s` : `${(eventsPerSecond / 1000).toFixed(1)}k/s`;
}

/** Sorts names as people do, `a2` before `a10`. */
export const compareNames = new Intl.Collator("en", { numeric: true }).compare;

/** Splits an endpoint into host and path, `pipeline.example.com` and `/genesys-1`. Without a host, all is the path. */
export function splitUrl(url: string): { readonly host: string; readonly path: string } {
  const [, host, path = ""] = /^[a-z]+:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  if (host === undefined) return { host: "", path: url };
  return { host, path: path === "" ? "/" : path };
}

export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//i, "");
}

/** Returns one word for resources that deliver to these endpoints, such as `trigger`. */
export function nounOfAll(all: readonly { readonly endpoint: string }[]): string {
  return nounOf(all.map(builtInKinds.of));
}

/** Returns the word for a resource that delivers to the endpoint, such as `trigger`. */
export function nounAt(endpoint: string): string {
  return builtInKinds.of({ endpoint }).noun;
}
