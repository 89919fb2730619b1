// Makes our errors of AWS's exceptions, by what each means for the caller.
import { plain } from "../lib/plain.ts";
import { rowOf } from "../model/error-class.ts";
import { areaOf, ReconcileError } from "../model/errors.ts";

/** `again`: nothing took effect, and another attempt may succeed. `lost`: a write may have taken effect. */
export type AwsVerdict = "final" | "again" | "lost";

export interface AwsFailure {
  readonly verdict: AwsVerdict;
  readonly error: ReconcileError;
}

/** The action that failed. */
export interface AskedAws {
  /** Such as `PutRule`. */
  readonly action: string;
  /** Such as `events`. */
  readonly service: "events" | "iam" | "sts";
  /** The answer's status; null if none came. */
  readonly status: number | null;
  readonly requestId: string | null;
}

const throttling = new Set([
  ...[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
  ],
  ...["TooManyRequests", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"],
]);
const denied = new Set(["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"]);
/** AWS's own words on these may repeat what was signed, a session's token included. */
const refusedCredentials = new Set([
  ...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"],
  ...["ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed", "InvalidToken"],
  ...["InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature"],
  ...["MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired"],
]);

const quotas: Readonly<Record<string, string>> = {
  PutRule: "rules of an event bus (300 by default)",
  PutTargets: "targets of a rule (5)",
  CreateApiDestination: "API destinations of a region (3,000 by default)",
  CreateEventBus: "event buses of a region (100 by default)",
};

/** Rethrows what is no failure of the outside world. */
export function judgeFailure(failed: unknown, asked: AskedAws): AwsFailure {
  if (failed instanceof ReconcileError) return { verdict: verdictOfNetwork(failed), error: failed };
  const { status } = asked;
  if (status === null || !(failed instanceof Error)) throw failed;
  if (!isService(failed)) return judgeUnreadable(status, asked);
  const make = makerOf(failed, asked);
  const { name } = failed;
  if (throttling.has(name) || status === 429)
    return { verdict: "again", error: make("api/rateLimited", "AWS asks for fewer requests", waitHint) };
  if (status >= 500 || name === "InternalException" || name === "InternalFailure")
    return { verdict: "lost", error: make("api/unavailable", `AWS failed: ${saying(failed)}`, waitHint) };
  if (name === "ConcurrentModificationException")
    return {
      verdict: "again",
      error: make("api/conflict", "someone else changes the same resource", waitHint),
    };
  return { verdict: "final", error: makeFinal(failed, make, asked) };
}

const waitHint = "try again later; the next pass does what is left";

function verdictOfNetwork(error: ReconcileError): AwsVerdict {
  if (areaOf(error) !== "network") return "final";
  const row = rowOf(error.code);
  if (row.isAnswerLost) return "lost";
  return row.class === "retriable" ? "again" : "final";
}

/** A proxy or a login portal may answer in place of AWS. */
function judgeUnreadable(status: number, asked: AskedAws): AwsFailure {
  const error = new ReconcileError(
    "api/malformed",
    `answered ${status} with something that AWS does not say`,
    {
      request: shownAction(asked),
      hint: "check AWS_ENDPOINT_URL, and that no proxy or login portal answers in place of AWS",
      status,
    },
  );
  return { verdict: status >= 400 && status < 500 ? "final" : "lost", error };
}

function makeFinal(
  failed: ServiceError,
  make: ReturnType<typeof makerOf>,
  asked: AskedAws,
): ReconcileError {
  const { action, service } = asked;
  const { name } = failed;
  if (name === "ResourceNotFoundException") return make("api/notFound", saying(failed));
  if (name === "ResourceAlreadyExistsException") return make("api/conflict", saying(failed));
  if (name === "LimitExceededException") {
    const quota = quotas[action] ?? "this resource";
    const message = `the quota of ${quota} is used up: ${saying(failed)}`;
    return make("aws/quota", message, "ask AWS for more in Service Quotas, or make room");
  }
  if (name === "ManagedRuleException") {
    const hint = "rename the consumer group, or have that service remove the rule";
    return make(
      "aws/managedRule",
      "the rule is managed by an AWS service, which alone may change it",
      hint,
    );
  }
  if (denied.has(name)) {
    // PutTargets needs iam:PassRole too, and AWS names the permission that lacks.
    const permission = findPermission(failed) ?? `${service}:${action}`;
    const hint = `allow ${permission} in the IAM policy: \`reconcile aws policy\` prints the least one`;
    return make("aws/accessDenied", `AWS refuses ${permission} to these credentials`, hint);
  }
  if (refusedCredentials.has(name)) {
    const hint =
      "log in to AWS again (such as `aws sso login`), or correct the credentials or this machine's clock";
    return make("aws/credentialsRefused", `AWS does not accept the credentials (${name})`, hint);
  }
  return make("api/rejected", saying(failed));
}

/** Returns the permission that AWS names in its refusal; null if it names none. */
function findPermission({ message: words }: Error): string | null {
  return /perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(words)?.[1] ?? null;
}

type ServiceError = Error & { readonly $metadata: unknown };

/** The SDK gives `$fault` to what it made of an answer, and `$metadata` to some other errors as well. */
function isService(error: Error): error is ServiceError {
  return "$metadata" in error && "$fault" in error;
}

function makerOf(failed: ServiceError, asked: AskedAws) {
  const { status, requestId } = asked;
  return (code: string, message: string, hint?: string): ReconcileError =>
    new ReconcileError(code, message, {
      request: shownAction(asked),
      ...(hint === undefined ? {} : { hint }),
      ...{ correlationId: requestId, platformCode: failed.name },
      ...(status === null ? {} : { status }),
    });
}

function saying({ name, message }: Error): string {
  return plain(`${name}: ${message}`);
}

export function shownAction({ action }: Pick<AskedAws, "action">): string {
  return `AWS ${action}`;
}

/** The error of a write of which nobody can tell whether it took effect. */
export function outcomeUnknown(cause: ReconcileError, asked: AskedAws): ReconcileError {
  const message = `sent, but whether it took effect is unknown: ${cause.problem}`;
  const hint = "the next pass reads what is live and does what is left";
  const { requestId: correlationId } = asked;
  return new ReconcileError("api/outcomeUnknown", message, {
    ...{ request: shownAction(asked), hint, correlationId, cause },
  });
}

/** The SDK's own words are left out: a program that gives credentials may print them in its errors. */
export function credentialsMissing(profile: string | null): ReconcileError {
  const whose = profile === null ? "" : ` for the profile "${profile}"`;
  const hint =
    "log in to AWS (such as `aws sso login`), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in " +
    "AWS_PROFILE or `aws.profile`";
  return new ReconcileError("aws/credentialsMissing", `no AWS credentials were found${whose}`, { hint });
}
