// Shows drift: what someone else changed, whether it was put right, and how often.
import { count } from "../../lib/count.ts";
import type { DriftNote } from "../drift-log.ts";
import { byId, element, makeList, makeFragment, setText, type Fragment } from "./dom.ts";
import { time } from "./times.ts";
import { nounAt, splitUrl } from "./words.ts";

const mostShown = 8;

interface DriftData {
  readonly log: readonly DriftNote[];
  readonly healed: number;
  readonly isReport: boolean;
}

export function makeDrift(): (data: DriftData) => void {
  const update = makeList<DriftNote>(byId("drift-list"), {
    keyOf: ({ group, endpoint }) => `${group ?? ""} ${endpoint}`,
    make: makeNote,
  });
  const words = byId("drift-words");
  return ({ log, healed, isReport }) => {
    update(log.slice(0, mostShown));
    const open = log.filter(({ status }) => status === "open").length;
    setText(byId("drift-count"), describeCount(open, healed));
    const more = log.length > mostShown ? `${log.length - mostShown} more before. ` : "";
    const nothing = "No drift since the daemon started.";
    const who = `${more}The daemon cannot see who it was; the audit log of Genesys Cloud may show it.`;
    const stays =
      isReport && open > 0 ? " The daemon runs with --dry-run, so it does not put this right." : "";
    setText(words, log.length === 0 ? nothing : who + stays);
  };
}

function describeCount(open: number, healed: number): string {
  const parts = [...(open > 0 ? [`${open} open`] : []), ...(healed > 0 ? [`healed ${times(healed)}`] : [])];
  return parts.length === 0 ? "none" : parts.join(", ");
}

function times(number: number): string {
  return number === 1 ? "once" : number === 2 ? "twice" : `${number} times`;
}

function makeNote(): Fragment<DriftNote> {
  const item = element("li", {});
  return makeFragment<DriftNote>(item, (note) => {
    const { group, endpoint, status, healed, seenAt } = note;
    item.className = `drift drift-${status}`;
    item.replaceChildren(
      element("span", { class: "sign", "aria-hidden": "true" }, status === "open" ? "≠" : "✓"),
      element(
        "div",
        {},
        element(
          "p",
          {},
          element("b", {}, group ?? "shared"),
          " ",
          element("span", { class: "path" }, splitUrl(endpoint).path),
        ),
        element("p", { class: "hint" }, `Someone else ${describeDrift(note)}.`),
        element(
          "p",
          { class: "hint" },
          element("b", {}, statusWords[status]),
          " ",
          time(seenAt),
          healed > 1 ? ` · healed ${times(healed)}` : "",
        ),
      ),
    );
  });
}

const statusWords: Readonly<Record<DriftNote["status"], string>> = {
  open: "Not put right; found",
  healed: "Put right",
  gone: "Put right by someone else; found",
};

/** Returns `removed call.ended and set state to disabled`. */
function describeDrift({ endpoint, kind, patch, lost, gained }: DriftNote): string {
  if (kind === "deleted") return `deleted its ${nounAt(endpoint)}`;
  const types = [
    ...(lost.length > 0 ? [`removed ${listed(lost)}`] : []),
    ...(gained.length > 0 ? [`added ${listed(gained)}`] : []),
  ];
  const fields = patch.filter(({ path }) => !path.startsWith("/eventTypes"));
  const unknown = types.length === 0 && fields.length < patch.length ? ["changed eventTypes"] : [];
  const others = fields.map(
    ({ path, value }) => `set ${path.slice(1).replaceAll("/", ".")} to ${shownValue(value)}`,
  );
  return [...types, ...unknown, ...others].join(" and ");
}

function listed(names: readonly string[]): string {
  return names.length <= 2
    ? names.join(" and ")
    : `${names[0] ?? ""} and ${count(names.length - 1, "other")}`;
}

function shownValue(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
