// Draws an endpoint's load: one tick for each event type, a place for each that still fits, and marks at the fair
// share.
import { setAttributes, svg } from "./dom.ts";
import type { MapEndpoint } from "./map-model.ts";

const stepPx = 12;
const tickPx = 9;
const heightPx = 20;
/** The greatest width of a bar, in places. */
const widest = 15;

interface BarData {
  readonly endpoint: Pick<MapEndpoint, "eventTypes" | "gone" | "share">;
  readonly capacity: number;
}

export interface Bar {
  readonly element: SVGElement;
  readonly draw: (data: BarData) => void;
  /** Returns the event type at this fraction of the width (0 to 1); null if there is no tick. */
  readonly find: (part: number) => string | null;
}

export function makeBar(): Bar {
  const [places, kept, arrived, gone, share] = ["places", "kept", "arrived", "gone", "share"].map((name) =>
    svg("path", { class: `bar-${name}` }),
  ) as [SVGPathElement, SVGPathElement, SVGPathElement, SVGPathElement, SVGPathElement];
  const bar = svg("svg", { class: "bar", "aria-hidden": "true" }, places, kept, arrived, gone, share);
  let names: readonly string[] = [];
  return {
    element: bar,
    draw: ({ endpoint, capacity }) => {
      const ticks = inOrder(endpoint);
      names = ticks.map(describeTick);
      const slots = Math.max(capacity, ticks.length);
      const widthPx = slots * stepPx;
      // Bars with more places keep the greatest width and draw their places closer together.
      const shownPx = capacity > widest ? widest * stepPx : widthPx;
      setAttributes(bar, { viewBox: `0 0 ${widthPx} ${heightPx}`, preserveAspectRatio: "none" });
      bar.style.width = `calc(${shownPx}px * var(--bar-scale))`;
      bar.style.height = `calc(${heightPx}px * var(--bar-scale))`;
      const [free, stay, come] = [
        Math.max(0, slots - ticks.length),
        countOf(ticks, "kept"),
        countOf(ticks, "arrived"),
      ];
      setAttributes(kept, { d: ticksAt(0, stay, tick) });
      setAttributes(arrived, { d: ticksAt(stay, come, arrivedTick) });
      setAttributes(gone, { d: ticksAt(stay + come, countOf(ticks, "gone"), hollowTick) });
      setAttributes(places, { d: ticksAt(slots - free, free, emptyPlace) });
      setAttributes(share, { d: endpoint.share === null ? "" : shareLine(endpoint.share) });
    },
    find: (part) => names[Math.floor((part * bar.viewBox.baseVal.width) / stepPx)] ?? null,
  };
}

/** Draws one small column for each endpoint: its load as a fraction of its limit. */
export function makeSpark(): {
  readonly element: SVGElement;
  readonly draw: (loads: readonly number[]) => void;
} {
  const track = svg("path", { class: "spark-track" });
  const fill = svg("path", { class: "spark-fill" });
  const spark = svg("svg", { class: "spark", "aria-hidden": "true", height: "16" }, track, fill);
  return {
    element: spark,
    draw: (loads) => {
      const shown = loads.slice(0, mostSparks);
      setAttributes(spark, { width: String(shown.length * 7) });
      setAttributes(track, { d: shown.map((_load, index) => `M${index * 7} 0h5v16h-5z`).join("") });
      const fills = shown.map((load, index) => {
        const height = load === 0 ? 0 : Math.max(1, Math.round(16 * Math.min(1, load)));
        return `M${index * 7} ${16 - height}h5v${height}h-5z`;
      });
      setAttributes(fill, { d: fills.join("") });
    },
  };
}

const mostSparks = 24;

interface Tick {
  readonly kind: "kept" | "arrived" | "gone";
  readonly name: string;
  readonly other: string | null;
}

function inOrder({ eventTypes, gone }: BarData["endpoint"]): readonly Tick[] {
  const here = eventTypes.map((type): Tick => ({
    kind: type.other === null ? "kept" : "arrived",
    ...type,
  }));
  return [
    ...here.filter(({ kind }) => kind === "kept"),
    ...here.filter(({ kind }) => kind === "arrived"),
    ...gone.map((type): Tick => ({ kind: "gone", ...type })),
  ];
}

function describeTick({ kind, name, other }: Tick): string {
  if (kind === "kept") return name;
  return kind === "arrived" ? `${name}, from ${other ?? ""}` : `${name}, gone to ${other ?? ""}`;
}

function countOf(ticks: readonly Tick[], kind: Tick["kind"]): number {
  return ticks.filter((tick) => tick.kind === kind).length;
}

function ticksAt(first: number, number: number, draw: (xPx: number) => string): string {
  return Array.from({ length: number }, (_, index) => draw((first + index) * stepPx)).join("");
}

function tick(xPx: number): string {
  return `M${xPx} 4h${tickPx}v12h-${tickPx}z`;
}

/** Draws a tick with a hole, so that its shape shows the arrival too, not only its colour. */
function arrivedTick(xPx: number): string {
  return `${tick(xPx)}M${xPx + 3} 8.5v3h3v-3z`;
}

function hollowTick(xPx: number): string {
  return `M${xPx + 0.5} 4.5h${tickPx - 1}v11h-${tickPx - 1}z`;
}

function emptyPlace(xPx: number): string {
  return `M${xPx} 14h${tickPx}v2h-${tickPx}z`;
}

function shareLine(share: number): string {
  const xPx = Math.max(0, Math.round(share * stepPx - (stepPx - tickPx) / 2 - 1));
  return `M${xPx} 0h2v3h-2zM${xPx} 17h2v3h-2z`;
}
