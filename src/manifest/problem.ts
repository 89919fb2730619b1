// Makes diagnostics at a place in a file, and limits how many of them are shown.
import { count } from "../lib/count.ts";
import { sortDiagnostics, type Diagnostic, type Fault, type Place } from "../model/diagnostic.ts";

export function errorAt(place: Place, { code, message, hint = null }: Fault): Diagnostic {
  const { file, line, column } = place;
  return { severity: "error", code, message, hint, file, line, column };
}

export function warningAt(place: Place, fault: Fault): Diagnostic {
  return { ...errorAt(place, fault), severity: "warning" };
}

/** The place of a fault that concerns a whole file. */
export function startOf(file: string): Place {
  return { file, line: 1, column: 1 };
}

/** One broken file can hold a hundred thousand faults, and no user reads more than this many. */
const maxDiagnostics = 200;

/** Sorts the diagnostics and cuts them to the limit, errors before warnings; one more then counts those left out. */
export function limitDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = sortDiagnostics(diagnostics);
  if (sorted.length <= maxDiagnostics) return sorted;
  const errors = sorted.filter(({ severity }) => severity === "error");
  const ranked = [...errors, ...sorted.filter(({ severity }) => severity === "warning")];
  const hidden = ranked.slice(maxDiagnostics);
  const shown = sortDiagnostics(ranked.slice(0, maxDiagnostics));
  const hiddenErrors = hidden.filter(({ severity }) => severity === "error").length;
  return [
    ...shown,
    {
      severity: hiddenErrors > 0 ? "error" : "warning",
      code: "diagnostics/tooMany",
      message: describeHidden(hidden.length, hiddenErrors),
      hint: "correct these first, then validate again",
      file: null,
      line: null,
      column: null,
    },
  ];
}

function describeHidden(hidden: number, errors: number): string {
  const shown = hidden === 1 ? "is" : "are";
  return `${count(hidden, "more problem")} ${shown} not shown, ${errors} of them ${errors === 1 ? "an error" : "errors"}`;
}
