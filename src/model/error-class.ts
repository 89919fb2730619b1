// One table holds what each code of the outside world's errors means for the caller, so that no code tests for a name.

/**
 * `terminal`: the same request would fail again. `retriable`: nothing took effect, and a later try may succeed.
 * `unknown`: the request may or may not have taken effect.
 */
export type ErrorClass = "terminal" | "retriable" | "unknown";

interface Row {
  readonly class: ErrorClass;
  /** True if no group's operations can cause the error, and it affects all groups. */
  readonly isOutage: boolean;
  /** True if the request may have arrived although its answer did not, so that a write may have taken effect. */
  readonly isAnswerLost: boolean;
  /** True if the platform refuses this client, which lacks a permission or is unknown there. */
  readonly isAccessRefused: boolean;
  /**
   * The outcome of a write that ends with this error. `halfDone`: some of its requests took effect. `stale`: its group
   * has to be planned anew. `notReady`: it was refused, and may be taken in a moment. `unsent`: the pass was stopped
   * before it, or may no longer write.
   */
  readonly write: "failed" | "halfDone" | "notReady" | "stale" | "unsent" | "unknown";
}

const terminal: Row = {
  class: "terminal",
  isOutage: false,
  isAnswerLost: false,
  isAccessRefused: false,
  write: "failed",
};
const retriable: Row = { ...terminal, class: "retriable" };
const outage: Row = { ...retriable, isOutage: true };

/** The user has to mend something before the same command can succeed. */
const mendFirst = [
  ...["api/invalidId", "api/listTooLarge", "api/malformed", "api/notOffered", "api/redirected"],
  ...["api/rejected", "api/stateError", "api/storedOtherwise", "api/tooManyPages"],
  ...["audit/ambiguousRun", "audit/broken", "audit/cut", "audit/empty", "audit/gone"],
  ...["audit/exportExists", "audit/exportUnwritable"],
  ...["audit/keyChanged", "audit/keyMissing", "audit/keyTooShort"],
  ...["audit/malformed", "audit/missing", "audit/notATrail", "audit/otherHead", "audit/replaced"],
  ...["audit/recordTooLong", "audit/unknownRun", "audit/unreadable", "audit/unwritable"],
  ...[
    "aws/baseInvalid",
    "aws/foreignTarget",
    "aws/insecureEndpoint",
    "aws/malformedEndpoint",
    "aws/managedRule",
    "aws/nameTaken",
    "aws/noBus",
    "aws/noConnection",
    "aws/otherAccount",
    "aws/otherSource",
    "aws/quota",
  ],
  ...["base/malformed", "base/noRepository", "base/unknown", "base/unreadable"],
  ...[
    "config/invalid",
    "credentials/missing",
    "env/unreadable",
    "git/forgotten",
    "git/malformedUrl",
    "git/notAFolder",
    "git/refused",
    "git/rewritten",
  ],
  ...["git/tooOld", "http/cannotListen"],
  ...[
    "http/tokenMissing",
    "http/tokenTooShort",
    "init/notAFolder",
    "init/outside",
    "init/unanswered",
    "init/unwritable",
  ],
  ...["organization/changed", "organization/notPinned", "organization/unknown"],
  ...["owner/malformed", "plan/malformed", "plan/missing", "plan/otherVersion"],
  ...["plan/tooLarge", "plan/unreadable", "plan/unwritable", "proxy/malformedUrl", "proxy/notSupported"],
  ...["proxy/refused", "rollback/brokenTrail", "rollback/noRun"],
  ...[
    "rollback/otherEnvironment",
    "rollback/otherOrganization",
    "rollback/otherOwner",
    "rollback/unproven",
    "rollback/unsignedTrail",
    "sandbox/unavailable",
    "deliver/missing",
  ],
  ...["secret/empty", "secret/givenTwice", "secret/unreadable"],
  ...[
    "organization/unasked",
    "state/addressMissing",
    "state/archived",
    "state/baseInvalid",
    "state/insecure",
  ],
  ...["state/malformedAddress", "state/notForWatch", "state/pending", "state/queryInRepository"],
  ...["state/newer", "state/notALock", "state/notInitialised", "state/outside", "state/public"],
  ...["state/moved", "state/refused", "state/sameStore", "state/targetDiffers", "state/targetSplit"],
  ...["state/unmovable", "state/unreadable", "state/unwritable"],
];

const rows: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    ...Object.fromEntries(mendFirst.map((code) => [code, terminal])),
    "network/unreachable": outage,
    // If the request was a write, the client turns these three into `api/outcomeUnknown`.
    "network/timeout": { ...outage, isAnswerLost: true },
    "network/reset": { ...outage, isAnswerLost: true },
    "network/tooLarge": { ...terminal, isOutage: true, isAnswerLost: true },
    "auth/unavailable": outage,
    "auth/rateLimited": outage,
    "auth/invalidClient": { ...terminal, isOutage: true },
    "auth/malformed": { ...terminal, isOutage: true },
    // A refusal for too many logins is `auth/rateLimited` if its words tell; otherwise it looks like this one.
    "auth/rejected": outage,
    "api/unauthorized": { ...terminal, isOutage: true, isAccessRefused: true },
    "api/addressRefused": { ...terminal, isOutage: true, isAccessRefused: true },
    "api/scopeMissing": { ...terminal, isOutage: true, isAccessRefused: true },
    "api/forbidden": { ...terminal, isOutage: true, isAccessRefused: true },
    "api/unavailable": outage,
    "aws/accessDenied": { ...terminal, isOutage: true },
    "aws/credentialsMissing": { ...terminal, isOutage: true },
    "aws/credentialsRefused": { ...terminal, isOutage: true },
    "api/rateLimited": outage,
    // The request's first byte did not leave, because another process may hold the lease.
    "lease/unsure": { ...retriable, write: "unsent" },
    "list/tooManyMissing": retriable,
    "api/outcomeUnknown": { ...terminal, class: "unknown", isOutage: true, write: "unknown" },
    "api/notFound": { ...terminal, write: "stale" },
    "api/conflict": { ...terminal, write: "stale" },
    "api/halfDone": { ...terminal, write: "halfDone" },
    "api/interrupted": { ...retriable, write: "unsent" },
    "api/notReady": { ...retriable, write: "notReady" },
    "api/unsettled": retriable,
    "aws/sourceNotActive": retriable,
    "api/unstableList": retriable,
    "audit/takenOver": retriable,
    "git/damaged": retriable,
    "git/unreachable": retriable,
    "run/deadline": retriable,
    "run/interrupted": retriable,
    "sandbox/inUse": retriable,
    "state/locked": retriable,
    "state/takenOver": retriable,
    "state/unreachable": outage,
  }),
);

/** A code without a row is one of the user's input, such as `config/unknownKey`. */
export function rowOf(code: string): Row {
  return rows.get(code) ?? terminal;
}
