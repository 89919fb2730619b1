// Shows the errors and warnings of the last pass, each with its file, line, message and hint.
import { count } from "../../lib/count.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { Condition } from "../conditions.ts";
import { byId, element, makeFragment } from "./dom.ts";

const mostShown = 50;

interface FindingsData {
  readonly diagnostics: readonly Diagnostic[];
  readonly conditions: readonly Condition[];
}

export function makeFindings(): (data: FindingsData) => void {
  const section = byId("findings");
  const list = byId("findings-list");
  const fragment = makeFragment<readonly Diagnostic[]>(section, (diagnostics) => {
    section.hidden = diagnostics.length === 0;
    const errorsFirst = diagnostics.toSorted((a, b) => rank(a) - rank(b));
    const more = diagnostics.length - mostShown;
    list.replaceChildren(
      ...errorsFirst.slice(0, mostShown).map(makeFinding),
      ...(more > 0
        ? [element("li", {}, `and ${count(more, "more finding")}: reconcile validate lists them all`)]
        : []),
    );
  });
  return ({ diagnostics, conditions }) => {
    // The headline says that there are no manifests yet, and what to do; as an error it would look like a fault.
    const isBeginning = conditions.some(({ reason: code }) => code === "NoManifests");
    fragment.update(isBeginning ? diagnostics.filter((one) => one.severity !== "error") : diagnostics);
  };
}

function makeFinding({ severity, code, message, hint, file, line, column }: Diagnostic): Node {
  const place =
    file === null ? null : element("code", { class: "place" }, `${file}:${line ?? 1}:${column ?? 1}`);
  return element(
    "li",
    { class: `finding finding-${severity}` },
    element("span", { class: "finding-severity" }, severity === "error" ? "✕ error" : "! warning"),
    element(
      "div",
      {},
      element("p", {}, element("b", {}, message), " ", element("code", { class: "note" }, code)),
      place,
      hint === null ? null : element("p", { class: "hint" }, hint),
    ),
  );
}

function rank({ severity }: Diagnostic): number {
  return severity === "error" ? 0 : 1;
}
