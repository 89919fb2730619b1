// Shows the trail as it grows: newest first, with filters. A screen reader announces only the number of new records.
import { count } from "../../lib/count.ts";
import type { DaemonView } from "../view.ts";
import type { AuditRecord } from "../../model/audit-record.ts";
import type { Clock } from "../../lib/clock.ts";
import { byId, element, makeList, makeFragment, setText, type Fragment } from "./dom.ts";
import { clockTime, time, zoneAt } from "./times.ts";
import { describeRecord, type TrailLine } from "./trail-words.ts";
import { compareNames } from "./words.ts";

const mostShown = 100;
/** New records are announced at most this often. */
const quietMs = 10_000;

export interface TrailView {
  /** `news`: how many of the records are new. */
  readonly update: (records: readonly AuditRecord[], news: number) => void;
  /** A person can compare it with the head that is kept elsewhere. */
  readonly showHead: (head: DaemonView["head"]) => void;
}

export function makeTrail(clock: Clock): TrailView {
  const [group, event] = [byId("trail-group"), byId("trail-event")] as HTMLSelectElement[];
  const text = byId("trail-text") as HTMLInputElement;
  let lines: readonly TrailLine[] = [];
  const updateList = makeList<TrailLine>(byId("trail-list"), {
    keyOf: ({ seq }) => String(seq),
    make: () => makeLine(clock),
  });
  const say = makeAnnouncer(clock);

  const redraw = (): void => {
    const query = text.value.trim().toLowerCase();
    const wanted = filters[event?.value ?? ""] ?? (() => true);
    const answered = new Set(intents);
    const found = lines.filter(
      (line) =>
        wanted(line, answered) &&
        (!group?.value || line.group === group.value) &&
        (query === "" || line.text.includes(query)),
    );
    updateList(found.toReversed().slice(0, mostShown));
    setText(byId("trail-found"), describeFound(found.length, lines.length));
  };
  let intents: readonly number[] = [];
  for (const control of [group, event, text]) control?.addEventListener("input", redraw);

  return {
    update: (records, news) => {
      const known = new Map(news === 0 ? [] : lines.map((line) => [line.seq, line]));
      lines = records.map((record) => known.get(record.seq) ?? describeRecord(record));
      intents = records.flatMap(({ intent }) => intent ?? []);
      if (group) offerGroups(group, lines);
      const zone = zoneAt(new Date(clock.now()).toISOString());
      setText(byId("trail-zone"), lines.length > 0 ? `times in ${zone}` : "");
      redraw();
      if (news > 0) say(news);
    },
    showHead: (head) => {
      setText(byId("trail-head"), head ? `Ends with record ${head.seq}, ${head.hash}` : "");
    },
  };
}

type Filter = (line: TrailLine, answered: ReadonlySet<number>) => boolean;

/** An intent is shown among the changes only while it has no outcome. */
const filters: Readonly<Record<string, Filter>> = {
  changes: ({ event, seq }, answered) =>
    event !== "run.started" &&
    event !== "run.finished" &&
    (event !== "change.intended" || !answered.has(seq)),
  failures: ({ isBad }) => isBad,
  runs: ({ event }) => event.startsWith("run."),
};

function describeFound(found: number, all: number): string {
  if (all === 0) return "No record yet.";
  const newest = found > mostShown ? `, the newest ${mostShown} shown` : "";
  return `${found} of the last ${count(all, "record")}${newest}`;
}

function offerGroups(select: HTMLSelectElement, lines: readonly TrailLine[]): void {
  const names = [...new Set(lines.map((line) => line.group))]
    .filter((name) => name !== "")
    .sort(compareNames);
  const offered = [...select.options].slice(1).map(({ value }) => value);
  if (names.join("\n") === offered.join("\n")) return;
  const chosen = select.value;
  const first = select.options[0];
  select.replaceChildren(
    ...(first ? [first] : []),
    ...names.map((name) => element("option", { value: name }, name)),
  );
  select.value = names.includes(chosen) ? chosen : "";
}

function makeLine(clock: Clock): Fragment<TrailLine> {
  const item = element("li", {});
  return makeFragment<TrailLine>(item, (line) => {
    const { timestamp, sign, what, group, endpoint, change, actor, error, isBad, runId, seq } = line;
    const exact = time(timestamp);
    item.className = `record${isBad ? " record-bad" : ""}`;
    item.title = `record ${seq}, run ${runId}`;
    item.replaceChildren(
      element("span", { class: "sign", "aria-hidden": "true" }, sign),
      element(
        "div",
        {},
        element(
          "p",
          {},
          element("b", {}, what),
          ` ${group} `,
          element("span", { class: "path" }, endpoint),
        ),
        element(
          "p",
          { class: "hint" },
          [error, change, `by ${actor.replace(/ <.*>$/, "")}`].filter(Boolean).join(" · "),
        ),
      ),
      element(
        "span",
        { class: "when" },
        element("span", { class: "clock" }, clockTime(timestamp, clock.now())),
        exact,
      ),
    );
  });
}

/** Announces the number of new records after a pause, so that announcements do not interrupt each other. */
function makeAnnouncer(clock: Clock): (news: number) => void {
  const region = byId("trail-said");
  let waiting = 0;
  return (news) => {
    const isWaiting = waiting > 0;
    waiting += news;
    if (isWaiting) return;
    void clock.sleep(quietMs).then(() => {
      setText(region, `${count(waiting, "new record")} in the trail`);
      waiting = 0;
    });
  };
}
