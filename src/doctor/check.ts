// Types of what `doctor` looked at, and of the finding that a check makes from it.
import type { Verification } from "../audit/verify.ts";
import type { ApiAnswer } from "../genesys/client/parse-answer.ts";
import type { Config } from "../model/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import type { ReconcileError } from "../model/errors.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { Subscription } from "../model/subscription.ts";
import type { StoreChecks } from "../app/store-checks.ts";
import type { AwsLook } from "./look-aws.ts";
import type { Environment } from "../app/environment.ts";
import type { PlatformAccess } from "../app/settings.ts";
import type { Provenance } from "../git/provenance.ts";
import type { LockHolder } from "../lib/lock-file.ts";
import type { StoreKind } from "../state/state.ts";

export interface Check {
  readonly name: string;
  /** Pure: it judges only what was looked at before. Null if there is nothing to check. */
  readonly judge: (seen: Observations) => Finding | null;
}

export interface Finding {
  readonly status: "passed" | "warning" | "failed" | "notChecked";
  /** A phrase without a full stop at the end. */
  readonly seen: string;
  /** Further lines, one each. */
  readonly details: readonly string[];
  /** Null if there is nothing to do. */
  readonly toDo: string | null;
}

/** Everything that `doctor` looked at. A part is null if an earlier fault kept `doctor` from looking. */
export interface Observations {
  readonly isSandbox: boolean;
  readonly kinds: Kinds;
  readonly nodeVersion: string;
  readonly config: Loaded<Config>;
  readonly environment: Environment | ReconcileError;
  /** Signs that a secret arrived damaged, or is too short. */
  readonly doubts: readonly string[];
  /** Where messages go, as far as it is set. */
  readonly addresses: Environment["variables"] | ReconcileError;
  readonly platform: Loaded<PlatformAccess> | null;
  readonly online: Online | null;
  /** Null also if the config does not use AWS. */
  readonly aws: AwsLook | ReconcileError | null;
  readonly manifests: Loaded<readonly Subscription[]> | null;
  /** The hosts of the https endpoints; also null with --skip-endpoints. */
  readonly endpoints: readonly EndpointHost[] | null;
  readonly store: StoreLook | null;
  readonly disk: Disk | null;
  readonly git: Provenance;
}

/** The platform's answers to reads. */
export interface Online {
  /** The login's answer, or the error if it gave no token. */
  readonly login: Login | ReconcileError;
  /** The list of each kind that was asked for. */
  readonly answers: ReadonlyMap<Kind, AnswerOrError>;
  /** What says how many resources the organisation can have, for each kind with a cap that was asked for. */
  readonly caps: ReadonlyMap<Kind, AnswerOrError>;
  readonly token: TokenOwner | null;
  /** How far this machine's clock is ahead of the platform's; null if no answer had a date. */
  readonly aheadMs: number | null;
  readonly rate: { readonly used: number; readonly allowed: number } | null;
}

export type AnswerOrError = ApiAnswer | ReconcileError;

export interface Login {
  readonly lifeSeconds: number | null;
  /** Null if the answer names none. */
  readonly scopes: readonly string[] | null;
}

/** The owner of the token; null for what the platform did not report. */
export interface TokenOwner {
  /** Its name, and its id. */
  readonly organisation: string | null;
  readonly organizationId: string | null;
  readonly scopes: readonly string[] | null;
}

export interface EndpointHost {
  /** The host name, with its port if that is not 443. */
  readonly host: string;
  readonly groups: readonly string[];
  /** `private`: Genesys Cloud cannot reach it, so it was not asked. `skipped`: there were too many hosts. */
  readonly outcome: { readonly status: number } | ReconcileError | "private" | "skipped";
}

/** The place where the state is kept. */
export interface StoreLook {
  /** Names a shared store for people; null where the state is in files, or where the store was refused. */
  readonly name: string | null;
  /** What was found of a shared store; null where the state is in files. */
  readonly checks: StoreChecks | null;
  /** The error that kept `doctor` from looking. */
  readonly fault: ReconcileError | null;
  /** Null if it was not looked at. */
  readonly lease: LeaseLook | null;
}

export interface LeaseLook {
  /** The run that holds the lock or the lease; null if none does. */
  readonly holder: LockHolder | null;
  /** The store to which the trail was moved; null if it is here. */
  readonly movedTo: StoreKind | null;
}

export interface Disk {
  /** The error of a write to the state directory; null if the write succeeded. */
  readonly state: Unwritable | null;
  /** Null if it is not known where the trail is. */
  readonly trail: TrailLook | null;
}

export interface TrailLook {
  readonly path: string;
  /** True for this machine's copy of a trail in a shared store. */
  readonly isShared: boolean;
  /** The error of a write; null if it can be written. */
  readonly refusal: Unwritable | null;
  /** Null if there is no trail yet. */
  readonly verification: Verification | ReconcileError | null;
  /** The faults that a pass would find in the trail, which it compares with the head that this machine saw last. */
  readonly faults: readonly Diagnostic[];
  readonly hasKey: boolean;
  /** The error of reading the key that signs the records. */
  readonly keyFault: ReconcileError | null;
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

/** `why`: what this check needs first; another check reports on that. */
export function notChecked(why: string, details: readonly string[] = []): Finding {
  return { status: "notChecked", seen: why, details, toDo: null };
}

/** Returns the message behind its place; without the place if the message begins with the path. */
export function placed({
  code,
  file,
  line,
  message,
}: Omit<Diagnostic, "severity" | "hint" | "column">): string {
  return file === null || namesItsPath.has(code) ? message : `${file}:${line ?? 1}: ${message}`;
}

const namesItsPath: ReadonlySet<string> = new Set(
  ["file", "folder", "config", "catalog"].flatMap((kind) => [`${kind}/missing`, `${kind}/unreadable`]),
);
