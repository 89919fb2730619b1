// Shows the last passes as a strip: how much each changed, which failed, which found drift; and the same in words.
import { count } from "../../lib/count.ts";
import type { DaemonView, PassNote } from "../view.ts";
import { byId, element, makeFragment, setText, svg } from "./dom.ts";
import { duration, time } from "./times.ts";
import { describeSummary, describeWakeReasons } from "./words.ts";

type PassesData = Pick<DaemonView, "history" | "lastPass" | "passes" | "failures" | "mode">;

const stepPx = 12;
const heightPx = 24;

export function makePasses(): (view: PassesData) => void {
  const strip = byId("passes-strip");
  const list = byId("passes-list");
  const fragment = makeFragment<Pick<PassesData, "history" | "mode">>(strip, ({ history, mode }) => {
    const oldestFirst = history.toReversed();
    strip.replaceChildren(...(history.length === 0 ? [] : [drawStrip(oldestFirst)]));
    list.replaceChildren(...history.map((note) => makeLine(note, mode === "report")));
  });
  return ({ history, lastPass, passes, failures, mode }) => {
    fragment.update({ history, mode });
    const failed = failures === 0 ? "none failed" : `${failures} failed`;
    setText(byId("passes-count"), `${count(passes, "pass").replace(/passs$/, "passes")}, ${failed}`);
    byId("passes-last").replaceChildren(...(lastPass ? describeLast(lastPass) : []));
  };
}

function describeLast({ finishedAt, durationMs }: PassNote): readonly (Node | string)[] {
  return ["Last ", time(finishedAt), `, took ${duration(durationMs)}`];
}

function drawStrip(history: readonly PassNote[]): SVGElement {
  const bars = history.map((note, index) => drawPass(note, index * stepPx));
  const width = String(history.length * stepPx);
  return svg("svg", { width, height: String(heightPx), "aria-hidden": "true" }, ...bars);
}

/** Draws a bar whose height shows how much the pass changed; a cross for a failure; a diamond above for drift. */
function drawPass(note: PassNote, xPx: number): SVGElement {
  const { summary, ok, drift } = note;
  const changes = summary.create + summary.update + summary.delete + summary.adopt;
  const height = Math.min(14, 3 + Math.round(4 * Math.log2(1 + changes)));
  const shapes = [
    ok
      ? svg("path", { class: "pass-ok", d: `M${xPx} ${heightPx - height}h8v${height}h-8z` })
      : svg("path", { class: "pass-failed", d: `M${xPx} ${heightPx - 9}l8 8m0 -8l-8 8` }),
  ];
  if (drift > 0) shapes.push(svg("path", { class: "pass-drift", d: `M${xPx + 4} 0l4 4l-4 4l-4 -4z` }));
  const title = svg("title", {});
  title.textContent = describePass(note, false);
  return svg("g", {}, title, ...shapes);
}

function makeLine(note: PassNote, isReport: boolean): Node {
  return element("li", {}, time(note.finishedAt), ` ${describePass(note, isReport)}`);
}

function describePass(
  { ok, summary, error, drift, triggers, durationMs }: PassNote,
  isReport: boolean,
): string {
  const what = ok
    ? describeSummary(summary, isReport)
    : `failed: ${error ?? describeSummary(summary, isReport)}`;
  const seen = drift > 0 ? `; drift on ${count(drift, "resource")}` : "";
  return `${what}${seen} – ${describeWakeReasons(triggers)}, ${duration(durationMs)}`;
}
