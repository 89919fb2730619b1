// What `doctor` has seen, and what a check makes of it.
import type { Verification } from "../audit/verify.ts";
import type { ApiAnswer } from "../genesys/client/api.ts";
import type { Config } from "../manifest/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import type { ReconcileError } from "../model/errors.ts";
import type { Subscription } from "../model/subscription.ts";
import type { Environment, Platform } from "../app/settings.ts";
import type { Provenance } from "../git/provenance.ts";

export interface Check {
  readonly name: string;
  /** Pure: everything that it goes by has been looked at before. */
  readonly judge: (seen: Seen) => Finding;
}

export interface Finding {
  readonly status: "passed" | "warning" | "failed" | "notChecked";
  /** A phrase without a full stop at the end. */
  readonly seen: string;
  /** One line each, where there is more than one thing to say. */
  readonly details: readonly string[];
  /** Null where there is nothing to do. */
  readonly toDo: string | null;
}

/** All that was looked at. Null where it could not be, because of what was found before. */
export interface Seen {
  readonly isSandbox: boolean;
  readonly nodeVersion: string;
  readonly config: Loaded<Config>;
  readonly environment: Environment | ReconcileError;
  readonly platform: Loaded<Platform> | null;
  readonly online: Online | null;
  readonly manifests: Loaded<readonly Subscription[]> | null;
  /** By host, of those that are https; also null where the user does not want to know. */
  readonly endpoints: readonly EndpointHost[] | null;
  readonly disk: Disk | null;
  readonly git: Provenance;
}

/** What the platform answered to reads. */
export interface Online {
  /** What the login said of itself; the error where it gave no token. */
  readonly login: Login | ReconcileError;
  /** The list of webhooks; null where it was not asked for. */
  readonly webhooks: Answer | null;
  readonly integrations: Answer | null;
  readonly triggers: Answer | null;
  readonly token: TokenOwner | null;
  /** How far this machine's clock is ahead; null where no answer had a date. */
  readonly aheadMs: number | null;
  readonly rate: { readonly used: number; readonly allowed: number } | null;
}

export type Answer = ApiAnswer | ReconcileError;

export interface Login {
  readonly lifeSeconds: number | null;
  /** Null where the answer names none. */
  readonly scopes: readonly string[] | null;
}

/** Whose token it is, as far as the platform says. */
export interface TokenOwner {
  readonly organisation: string | null;
  readonly scopes: readonly string[] | null;
}

export interface EndpointHost {
  /** With a port that is not 443. */
  readonly host: string;
  readonly groups: readonly string[];
  /** `private`: nobody outside this network reaches it, so nobody asked. `skipped`: there were too many hosts. */
  readonly outcome: { readonly status: number } | ReconcileError | "private" | "skipped";
}

export interface Disk {
  /** Node's error of a file in the state directory; null where it went well. */
  readonly state: Unwritable | null;
  readonly trail: Unwritable | null;
  readonly trailPath: string;
  /** Null where there is no trail yet. */
  readonly verification: Verification | ReconcileError | null;
  readonly hasKey: boolean;
}

export interface Unwritable {
  readonly path: string;
  readonly code: string;
}

export function passed(seen: string, details: readonly string[] = []): Finding {
  return { status: "passed", seen, details, toDo: null };
}

export function warned(seen: string, toDo: string, details: readonly string[] = []): Finding {
  return { status: "warning", seen, details, toDo };
}

export function failed(seen: string, toDo: string, details: readonly string[] = []): Finding {
  return { status: "failed", seen, details, toDo };
}

/** `why`: what stands in the way, which another check says more about. */
export function notChecked(why: string, details: readonly string[] = []): Finding {
  return { status: "notChecked", seen: why, details, toDo: null };
}

/** With the place where it is. */
export function placed({ file, line, message }: Pick<Diagnostic, "file" | "line" | "message">): string {
  return file === null ? message : `${file}:${line ?? 1}: ${message}`;
}
