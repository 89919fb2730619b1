// A call of an action of the embedded AWS, with everything that is needed to answer it.
import type { SandboxQuirks } from "../quirks.ts";
import type { AwsPlace } from "./arns.ts";
import type { SandboxAws } from "./aws-account.ts";
import type { AwsState } from "./aws-state.ts";

export interface AwsCall<Input> {
  readonly aws: AwsState;
  readonly input: Input;
  readonly nowMs: number;
  readonly newId: () => string;
  readonly quirks: SandboxQuirks;
  readonly place: AwsPlace;
  readonly account: SandboxAws;
}

export interface AwsAnswer {
  readonly status: number;
  /** Undefined if the answer has no body. */
  readonly json?: unknown;
  /** True if the call changed what is stored. */
  readonly changed?: boolean;
}

export type AwsHandler<Input> = (call: AwsCall<Input>) => AwsAnswer;

export const done: AwsAnswer = { status: 200, changed: true };

/** For a change that was made already. */
export const unchanged: AwsAnswer = { status: 200 };

export function answerWith(json: unknown): AwsAnswer {
  return { status: 200, json };
}

/** `code` is the name of one of AWS's exceptions. */
export function refuseAws(code: string, message: string, status = 400): AwsAnswer {
  return { status, json: { __type: code, message } };
}

export function refuseInvalid(message: string): AwsAnswer {
  return refuseAws("ValidationException", message);
}

export function refuseUnknown(message: string): AwsAnswer {
  return refuseAws("ResourceNotFoundException", message);
}

export function refuseLimit(): AwsAnswer {
  return refuseAws("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
}

/** AWS's timestamps are seconds since 1970. */
export function seconds(ms: number): number {
  return ms / 1_000;
}
