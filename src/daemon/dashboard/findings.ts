// Shows the errors and warnings of the last pass, each with its file, line, message and hint.
import { count } from "../../lib/count.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import { byId, element, makeFragment } from "./dom.ts";

const mostShown = 50;

export function makeFindings(): (diagnostics: readonly Diagnostic[]) => void {
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
  return fragment.update;
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
