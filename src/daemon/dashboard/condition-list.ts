// Shows the conditions, each with its reason, its start, and advice if it does not hold.
import type { Condition } from "../conditions.ts";
import { adviceFor } from "./advice.ts";
import { byId, element, makeList, makeFragment, screenReaderOnly, type Fragment } from "./dom.ts";
import { glyph } from "./glyphs.ts";
import { sentence, type Tone } from "./headline-words.ts";
import { time } from "./times.ts";

export function makeConditionList(): (conditions: readonly Condition[]) => void {
  return makeList<Condition>(byId("conditions"), { keyOf: ({ type }) => type, make: makeCondition });
}

const names: Readonly<Record<Condition["type"], string>> = {
  Ready: "Ready",
  ManifestsValid: "Manifests valid",
  PlatformReachable: "Platform reachable",
  Converged: "Converged",
  NoOrphans: "No orphans",
  StateReachable: "State reachable",
};

const statusWords = { True: "yes", False: "no", Unknown: "not known" } as const;

function makeCondition(): Fragment<Condition> {
  const item = element("li", { class: "condition" });
  return makeFragment<Condition>(item, (condition) => {
    const { type, status, reason, message, since } = condition;
    const advice = adviceFor(condition);
    item.dataset["status"] = status;
    item.replaceChildren(
      element(
        "h3",
        {},
        glyph(toneOf(condition)),
        names[type],
        screenReaderOnly(`: ${statusWords[status]}`),
      ),
      element("p", { class: "condition-reason" }, element("code", {}, reason), " ", time(since)),
      ...(status === "True" ? [] : [element("p", { class: "condition-message" }, sentence(message))]),
      ...(advice === ""
        ? []
        : [element("p", { class: "condition-advice" }, element("b", {}, "What to do: "), advice)]),
    );
  });
}

function toneOf({ status, reason: code }: Condition): Tone {
  if (status === "True") return "good";
  if (status === "Unknown" || code === "NoManifests") return "quiet";
  if (code === "NotYetKnown") return "busy";
  return code === "ChangesPending" || code === "OrphansLeft" ? "pending" : "bad";
}
