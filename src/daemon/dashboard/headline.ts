// The top of the page: how things are and since when, what comes next, and whose daemon it is.
import type { DaemonView, Shown } from "../view.ts";
import { byId, element, makePart, setText } from "./dom.ts";
import { glyph } from "./glyphs.ts";
import { sayHeadline, type Headline } from "./headline-words.ts";
import type { Link } from "./link.ts";
import { tellTimes, time } from "./times.ts";

interface HeadlineData {
  readonly view: DaemonView | null;
  readonly shown: Shown | null;
  readonly link: Link;
  /** By the daemon's clock. */
  readonly nowMs: number;
}

export function makeHeadline(): (data: HeadlineData) => void {
  const block = byId("headline");
  const said = makePart<Headline>(block, (headline) => {
    block.dataset["tone"] = headline.tone;
    byId("glyph").replaceChildren(glyph(headline.tone));
    // A live region: said aloud whenever it changes, so no time that goes by stands in it.
    setText(byId("title"), headline.title);
    byId("since").replaceChildren(...describeSince(headline.since));
    setText(byId("detail"), headline.detail);
    byId("next").replaceChildren(...describeNext(headline));
  });
  const whose = makePart<readonly string[]>(byId("whose"), (words) => {
    byId("whose").replaceChildren(...words.map((word) => element("li", {}, word)));
  });
  return ({ view, shown, link, nowMs }) => {
    const headline = sayHeadline(view, link);
    said.update(headline);
    whose.update(describeWhose(view, shown));
    document.body.classList.toggle("is-stale", link.kind === "silent");
    document.title = `${marks[headline.tone]} ${headline.title} – reconcile`;
    tellTimes(nowMs, block);
  };
}

const marks: Readonly<Record<Headline["tone"], string>> = {
  good: "✓",
  busy: "↻",
  pending: "◆",
  bad: "⚠",
  quiet: "–",
};

function describeSince(since: string | null): readonly (Node | string)[] {
  return since === null ? [] : ["since ", clock(since), " · ", time(since)];
}

/** Local time as written; the relative one stands beside it. */
function clock(iso: string): string {
  const at = new Date(iso);
  return `${at.toLocaleDateString("en-CA")} ${at.toLocaleTimeString("en-GB")}`;
}

function describeNext({ next, nextWords }: Headline): readonly (Node | string)[] {
  return next === null ? [nextWords] : [`${nextWords} `, time(next)];
}

function describeWhose(view: DaemonView | null, shown: Shown | null): readonly string[] {
  if (!view) return [];
  const { environment = null, owner = null } = shown?.result ?? {};
  return [
    ...(environment === null ? [] : [environment]),
    ...(owner === null ? [] : [`owner ${owner}`]),
    ...(view.mode === "report" ? ["reports only"] : []),
    `v${view.version}`,
  ];
}
