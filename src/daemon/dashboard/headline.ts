// The top of the page: how things are and since when, what comes next, and whose daemon it is.
import type { DaemonView, Shown } from "../view.ts";
import { byId, element, makePart, setText } from "./dom.ts";
import { glyph } from "./glyphs.ts";
import { sayHeadline, type Headline } from "./headline-words.ts";
import type { Link } from "./link.ts";
import { clockTime, time } from "./times.ts";

interface HeadlineData {
  readonly view: DaemonView | null;
  readonly shown: Shown | null;
  readonly link: Link;
  /** By the daemon's clock. */
  readonly nowMs: number;
}

interface Said extends Headline {
  /** Today, as a Date says it: a time of another day is told with it. */
  readonly day: string;
}

export function makeHeadline(): (data: HeadlineData) => void {
  const block = byId("headline");
  const said = makePart<Said>(block, (headline) => {
    block.dataset["tone"] = headline.tone;
    byId("glyph").replaceChildren(glyph(headline.tone));
    // A live region: said aloud whenever it changes, so no time that goes by stands in it.
    setText(byId("title"), headline.title);
    byId("since").replaceChildren(...describeSince(headline));
    setText(byId("detail"), headline.detail);
    byId("next").replaceChildren(...describeNext(headline));
  });
  const whose = makePart<readonly string[]>(byId("whose"), (words) => {
    byId("whose").replaceChildren(...words.map((word) => element("li", {}, word)));
  });
  return ({ view, shown, link, nowMs }) => {
    const headline = sayHeadline(view, link);
    said.update({ ...headline, day: new Date(nowMs).toDateString() });
    whose.update(describeWhose(view, shown));
    document.body.classList.toggle("is-stale", link.kind === "silent");
    document.title = `${marks[headline.tone]} ${headline.title} – reconcile`;
  };
}

const marks: Readonly<Record<Headline["tone"], string>> = {
  good: "✓",
  busy: "↻",
  pending: "◆",
  bad: "⚠",
  quiet: "–",
};

/** Local time as written; the relative one stands beside it. */
function describeSince({ since, day }: Said): readonly (Node | string)[] {
  return since === null ? [] : ["since ", clockTime(since, Date.parse(day)), " · ", time(since)];
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
