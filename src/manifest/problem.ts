// Diagnostics at a place in a file, and the limit on how many of them are shown.
import { count } from "../lib/count.ts";
import { sortDiagnostics, type Diagnostic, type Fault, type Place } from "../model/diagnostic.ts";

export function errorAt(place: Place, { code, message, hint = null }: Fault): Diagnostic {
  const { file, line, column } = place;
  return { severity: "error", code, message, hint, file, line, column };
}

export function warningAt(place: Place, fault: Fault): Diagnostic {
  return { ...errorAt(place, fault), severity: "warning" };
}

/** Where a fault of a whole file stands. */
export function startOf(file: string): Place {
  return { file, line: 1, column: 1 };
}

/** Nobody reads further than this, and one broken file can hold a hundred thousand faults. */
const maxDiagnostics = 200;

/** In order; cut to the limit, errors before warnings, with a last line that says how many more there are. */
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
      hint: "mend these first, then validate again",
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
