// Draws a sign for each tone. Their shapes differ, so that colour is not needed to tell them apart.
import { svg } from "./dom.ts";
import type { Tone } from "./headline-words.ts";

const circle = "M10 1.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17z";
const shapes: Readonly<Record<Tone, { readonly outline: string; readonly sign: string }>> = {
  good: { outline: circle, sign: "M6 10.4l2.8 2.8L14.2 7.4" },
  busy: { outline: circle, sign: "M10 5.5v4.5l3 2" },
  pending: { outline: "M10 1.5L18.5 10L10 18.5L1.5 10z", sign: "M6.5 10h.01M10 10h.01M13.5 10h.01" },
  bad: { outline: "M10 2L19 17.5H1z", sign: "M10 8v4.5M10 15h.01" },
  quiet: { outline: circle, sign: "M6.5 10h7" },
};

export function glyph(tone: Tone): SVGElement {
  const { outline, sign } = shapes[tone];
  return svg(
    "svg",
    { class: `glyph glyph-${tone}`, viewBox: "0 0 20 20", "aria-hidden": "true" },
    svg("path", { class: "glyph-outline", d: outline }),
    svg("path", { class: "glyph-sign", d: sign }),
  );
}
