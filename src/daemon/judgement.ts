// What a condition says, without its type and its time.
import type { Diagnostic } from "../model/diagnostic.ts";

export interface Judgement {
  readonly status: "True" | "False" | "Unknown";
  /** One word, for machines: `InvalidManifests`. */
  readonly reason: string;
  readonly message: string;
}

export function good(reason: string, message: string): Judgement {
  return { status: "True", reason, message };
}

export function bad(reason: string, message: string): Judgement {
  return { status: "False", reason, message };
}

export function notChecked(message: string): Judgement {
  return { status: "Unknown", reason: "NotChecked", message };
}

/** `api/unavailable` → `ApiUnavailable`. */
export function reasonOf(error: Pick<Diagnostic, "code"> | undefined): string {
  const words = (error?.code ?? "unknown").split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}
