// The two kinds of error that are thrown: the outside world's, and our own bugs. (A Diagnostic is for the user's
// input.)
import { nowhere, type Diagnostic } from "./diagnostic.ts";
import { rowOf, type ErrorClass } from "./error-class.ts";

/** The outside world failed: network, platform, disk. Its texts hold no secrets and may be shown to anyone. */
export class ReconcileError extends Error {
  /** `<area>/<problem>`, stable: `api/unauthorized`. */
  readonly code: string;
  readonly class: ErrorClass;
  /** The message without the request that it is about. */
  readonly problem: string;
  /** The way out; null if there is none. */
  readonly hint: string | null;
  /** `inin-correlation-id` of the answer, which Genesys Cloud support asks for; null without one. */
  readonly correlationId: string | null;
  /** The platform's own code of the failure, such as `version.conflict`; null if it sent none. */
  readonly platformCode: string | null;
  /** The faults that the platform found in a request's body; empty if it named no field. */
  readonly fields: readonly FieldFault[];
  /** The status of the platform's answer; null if the error is not about one. */
  readonly status: number | null;

  constructor(
    code: string,
    message: string,
    more: {
      /** The request, with which the message begins: `GET /api/v2/webhooks`. */
      request?: string;
      hint?: string;
      correlationId?: string | null | undefined;
      platformCode?: string | null | undefined;
      fields?: readonly FieldFault[];
      status?: number;
      cause?: unknown;
    } = {},
  ) {
    super(
      more.request === undefined ? message : `${more.request}: ${message}`,
      "cause" in more ? { cause: more.cause } : {},
    );
    this.name = "ReconcileError";
    this.code = code;
    this.class = rowOf(code).class;
    this.problem = message;
    this.hint = more.hint ?? null;
    this.correlationId = more.correlationId ?? null;
    this.platformCode = more.platformCode ?? null;
    this.fields = more.fields ?? [];
    this.status = more.status ?? null;
  }
}

/** One broken field of a request's body, in the platform's words: `{ field: "eventTypes", message: "…" }`. */
export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** What the platform's answer said beside its message. An error that is made from another one keeps all of it. */
export type AnswerFacts = Pick<ReconcileError, "correlationId" | "platformCode" | "fields">;

export function answerFacts({ correlationId, platformCode, fields }: AnswerFacts): AnswerFacts {
  return { correlationId, platformCode, fields };
}

/** Returns the part of a diagnostic or an operation that holds the platform's code, which is left out without one. */
export function platformCodeIn(its: unknown): { readonly platformCode?: string } {
  const isCoded = typeof its === "object" && its !== null && "platformCode" in its;
  const code = isCoded ? its.platformCode : null;
  return typeof code === "string" ? { platformCode: code } : {};
}

/** Returns the area of a code `<area>/<problem>`, such as `network`. */
export function areaOf({ code }: Pick<Diagnostic, "code">): string {
  return code.split("/")[0] ?? "";
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ReconcileError && codes.includes(error.code);
}

export function isOfClass(error: unknown, its: ErrorClass): boolean {
  return error instanceof ReconcileError && error.class === its;
}

/** States what our own code guarantees; a throw here is a bug in reconcile. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug in reconcile: ${message}`);
}

/** Returns one line for a report: the message, with the correlation id if there is one. */
export function errorText(error: unknown): string {
  if (error instanceof ReconcileError && error.correlationId) {
    return `${error.message} (correlation id ${error.correlationId})`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** Makes a diagnostic of an error of the outside world. */
export function diagnosticOf(error: ReconcileError): Diagnostic {
  const { code, hint } = error;
  return {
    ...{ severity: "error", code, message: errorText(error), hint, ...platformCodeIn(error), ...nowhere },
  };
}

/** Node's name for a failed system call (`ENOENT`), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** Returns the meaning of that name, such as `permission denied`, else the name itself. */
export function refusalReason(code: string): string {
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  // No system has this code: src/lib/disk-error.ts makes it.
  if (code === "ENOTFILE") return "it is neither a file nor a folder, but a pipe, a socket or a device";
  if (code === "EFBIG") return "it is too large";
  if (code === "EMLINK") return "it has a second name (a hard link)";
  // No system has this code; a Git revision, which is read like a disk, uses it.
  if (code === "ESUBMODULE") return "it is a submodule, whose files are in another repository";
  return `the system says ${code}`;
}

/** Returns the code and the hint of an error that ended a command. */
export function classify(error: unknown): { readonly code: string; readonly hint: string | null } {
  if (error instanceof ReconcileError) return error;
  // A refusal of the disk, such as EACCES or ENOSPC, is not a bug either; Node's own errors are ERR_….
  const refusal = systemErrorCode(error) ?? "";
  if (/^E(?!RR_)/.test(refusal)) return { code: `system/${refusal}`, hint: null };
  return { code: "internal/bug", hint: "this is a bug in reconcile" };
}
