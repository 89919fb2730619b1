// Shows the top of the page: the headline and its start, what comes next, and whose daemon it is.
import type { DaemonView, PassResults } from "../view.ts";
import { byId, element, makeFragment, setText } from "./dom.ts";
import { glyph } from "./glyphs.ts";
import { sayHeadline, type Headline } from "./headline-words.ts";
import type { ConnectionState } from "./connection.ts";
import { sayWhose } from "./whose-words.ts";
import { clockTime, time, zoneAt } from "./times.ts";

interface HeadlineData {
  readonly view: DaemonView | null;
  readonly shown: PassResults | null;
  readonly connection: ConnectionState;
  /** The time of the daemon's clock. */
  readonly nowMs: number;
}

interface DatedHeadline extends Headline {
  /** The present day, as `toDateString` gives it: times of other days are shown with their date. */
  readonly day: string;
}

export function makeHeadline(): (data: HeadlineData) => void {
  const block = byId("headline");
  const fragment = makeFragment<DatedHeadline>(block, (headline) => {
    block.dataset["tone"] = headline.tone;
    byId("glyph").replaceChildren(glyph(headline.tone));
    // A screen reader reads this element aloud whenever it changes, so it must not hold a running time.
    setText(byId("title"), headline.title);
    byId("since").replaceChildren(...describeSince(headline));
    setText(byId("detail"), headline.detail);
    byId("next").replaceChildren(...describeNext(headline));
  });
  const whose = makeFragment<readonly string[]>(byId("whose"), (words) => {
    byId("whose").replaceChildren(...words.map((word) => element("li", {}, word)));
  });
  return ({ view, shown, connection, nowMs }) => {
    const headline = sayHeadline(view, connection);
    fragment.update({ ...headline, day: new Date(nowMs).toDateString() });
    whose.update(view ? sayWhose(view, shown?.result ?? null, (iso) => clockTime(iso, nowMs)) : []);
    document.body.classList.toggle("is-stale", connection.kind === "silent");
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

/** Shows the local time and the relative one. */
function describeSince({ since, day }: DatedHeadline): readonly (Node | string)[] {
  return since === null
    ? []
    : [`since ${clockTime(since, Date.parse(day))} ${zoneAt(since)} · `, time(since)];
}

function describeNext({ next, nextWords }: Headline): readonly (Node | string)[] {
  return next === null ? [nextWords] : [`${nextWords} `, time(next)];
}
