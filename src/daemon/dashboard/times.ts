// Shows times relative to now, such as `3 min ago`, with the exact time as tooltip, and updates all of them together.
import type { Clock } from "../../lib/clock.ts";
import { element, setText } from "./dom.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `iso`: ISO 8601. */
export function time(iso: string): HTMLTimeElement {
  const exact = new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  return element("time", { datetime: iso, title: exact });
}

/** Returns local time, `14:05:09`, with the day if it is not today. */
export function clockTime(iso: string, nowMs: number): string {
  const at = new Date(iso);
  const clock = at.toLocaleTimeString("en-GB");
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  return isToday ? clock : `${at.toLocaleDateString("en-CA")} ${clock}`;
}

/** Returns the browser's time zone at that time: `UTC`, `UTC+2`, `UTC−3:30`. */
export function zoneAt(iso: string): string {
  const ahead = -new Date(iso).getTimezoneOffset();
  if (ahead === 0) return "UTC";
  const [hours, minutes] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  const part = minutes === 0 ? "" : `:${String(minutes).padStart(2, "0")}`;
  return `UTC${ahead > 0 ? "+" : "−"}${hours}${part}`;
}

/** `ms`: the time from now; negative for the past. */
export function relative(ms: number): string {
  const length = Math.abs(ms);
  if (length < 1000) return "now";
  const words = span(length);
  return ms < 0 ? `${words} ago` : `in ${words}`;
}

/** `12 s`, `3 min`, `2 h`, `4 days`. */
export function span(ms: number): string {
  if (ms < minuteMs) return `${Math.floor(ms / 1000)} s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)} h`;
  return `${Math.floor(ms / dayMs)} days`;
}

/** Returns the duration of a pass: `80 ms`, `1.5 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms} ms` : ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms);
}

/** Updates every `<time>` of the page, or below `root`. */
export function tellTimes(nowMs: number, root: ParentNode = document): void {
  for (const shown of root.querySelectorAll("time"))
    setText(shown, relative(Date.parse(shown.dateTime) - nowMs));
}

/** Updates all times once a second. `ahead`: by how many ms the daemon's clock is ahead of the browser's. */
export function keepTimes(clock: Clock, ahead: () => number): void {
  clock.repeat(1000, () => {
    if (!document.hidden) tellTimes(clock.now() + ahead());
  });
}
