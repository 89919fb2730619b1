// Draws moves: an arc in the margin from each endpoint that lost event types to the one that gained them.
import { svg } from "./dom.ts";
import type { Arc } from "./map-model.ts";

const widthPx = 40;
const startPx = 8;

/** `rows`: the endpoints' elements; arcs name them by their index. */
export function drawArcs(
  target: SVGElement,
  arcs: readonly Arc[],
  rows: readonly (HTMLElement | undefined)[],
): void {
  const top = target.getBoundingClientRect().top;
  const middles = rows.map((row) => {
    if (!row) return 0;
    const box = row.getBoundingClientRect();
    return Math.round(box.top - top + box.height / 2);
  });
  const furthest = Math.max(1, ...arcs.map(({ from, to }) => Math.abs(to - from)));
  const drawn = arcs.map((arc) => {
    const reach = Math.abs(arc.to - arc.from) / furthest;
    return drawArc(
      arc,
      [middles[arc.from] ?? 0, middles[arc.to] ?? 0],
      startPx + 12 + reach * (widthPx - 18),
    );
  });
  target.replaceChildren(...drawn);
}

function drawArc({ count }: Arc, [fromPx, toPx]: readonly [number, number], outPx: number): SVGElement {
  // An arc starts and ends a little off the row's middle, so that incoming and outgoing arcs do not overlap.
  const down = toPx > fromPx ? 1 : -1;
  const [start, end] = [fromPx + 3 * down, toPx - 3 * down];
  const line = svg("path", {
    class: "arc",
    pathLength: "1",
    d: `M${startPx} ${start}C${outPx} ${start} ${outPx} ${end} ${startPx + 6} ${end}`,
    "stroke-width": String(Math.min(3, 1.25 + count * 0.25)),
  });
  const dot = svg("circle", { class: "arc-start", cx: String(startPx), cy: String(start), r: "2.5" });
  const head = svg("path", { class: "arc-head", d: `M${startPx - 1} ${end}l8 -4.5v9z` });
  return svg("g", {}, line, dot, head);
}
