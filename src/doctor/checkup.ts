// Shows what `doctor` found: as text with one line a check, readable without colours too, and as one JSON object.
import pc from "picocolors";
import { count } from "../lib/count.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { nowhere } from "../model/diagnostic.ts";
import type { Finding } from "./check.ts";
import { plain, plainJson } from "../lib/plain.ts";

export interface NamedFinding extends Finding {
  readonly check: string;
}

export interface Checkup {
  /** The name that the trail uses; null if it is not known. */
  readonly environment: string | null;
  readonly owner: string | null;
  readonly checks: readonly NamedFinding[];
}

export function isWell({ checks }: Checkup): boolean {
  return checks.every(({ status }) => status !== "failed");
}

const marks = { passed: "✓", failed: "✗", warning: "!", notChecked: "-" } as const;

export function showCheckup(checkup: Checkup, colours: boolean): string {
  const paint = pc.createColors(colours);
  const paints = { passed: paint.green, failed: paint.red, warning: paint.yellow, notChecked: paint.dim };
  const width = Math.max(...checkup.checks.map(({ check }) => check.length));
  const indent = " ".repeat(width + 4);
  const lines = checkup.checks.flatMap(({ check, status, seen, details, toDo }) => {
    const text = status === "notChecked" ? paint.dim(`not checked: ${plain(seen)}`) : plain(seen);
    return [
      `${paints[status](marks[status])} ${check.padEnd(width)}  ${text}`,
      ...details.map((detail) => `${indent}  ${plain(detail)}`),
      ...(toDo === null ? [] : [`${indent}${paint.cyan("→")} ${plain(toDo)}`]),
    ];
  });
  return `${lines.join("\n")}\n\n${summarise(checkup)}\n`;
}

function summarise({ checks }: Checkup): string {
  const number = (status: Finding["status"]): number => checks.filter((it) => it.status === status).length;
  const [bad, warned, open] = [number("failed"), number("warning"), number("notChecked")];
  const rest = [
    ...(warned > 0 ? [count(warned, "warning")] : []),
    ...(open > 0 ? [`${open} not checked`] : []),
  ];
  const verdict =
    bad === 0
      ? `${count(checks.length, "check")}: nothing failed`
      : `${count(bad, "check")} of ${checks.length} failed`;
  return [verdict, ...rest].join(", ");
}

export function showCheckupJson(checkup: Checkup): string {
  const { environment, owner } = checkup;
  const checks = checkup.checks.map(({ check, status, seen, details, toDo }) => {
    return { check, status, seen, details, toDo };
  });
  const object = { formatVersion: 1, ok: isWell(checkup), environment, owner, checks };
  return `${plainJson(JSON.stringify(object, null, 2))}\n`;
}

/** The failures and warnings, as diagnostics for annotations. */
export function listFaults({ checks }: Checkup): readonly Diagnostic[] {
  return checks.flatMap(({ check, status, seen, details, toDo }): Diagnostic[] => {
    if (status !== "failed" && status !== "warning") return [];
    const severity = status === "failed" ? "error" : "warning";
    const message = [`${check}: ${seen}`, ...details].join("; ");
    return [{ severity, code: `doctor/${check}`, message, hint: toDo, ...nowhere }];
  });
}
