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
}

const rows: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    "network/unreachable": { class: "retriable", isOutage: true },
    // If the request was a write, the client turns these two into `api/outcomeUnknown`.
    "network/timeout": { class: "retriable", isOutage: true },
    "network/reset": { class: "retriable", isOutage: true },
    "network/tooLarge": { class: "terminal", isOutage: true },
    "auth/unavailable": { class: "retriable", isOutage: true },
    "auth/rateLimited": { class: "retriable", isOutage: true },
    "auth/invalidClient": { class: "terminal", isOutage: true },
    "auth/malformed": { class: "terminal", isOutage: true },
    // The platform also refuses too many logins in a short time in this way.
    "auth/rejected": { class: "retriable", isOutage: true },
    "api/unauthorized": { class: "terminal", isOutage: true },
    "api/forbidden": { class: "terminal", isOutage: true },
    "api/unavailable": { class: "retriable", isOutage: true },
    "api/rateLimited": { class: "retriable", isOutage: true },
    "api/outcomeUnknown": { class: "unknown", isOutage: true },
    "api/interrupted": { class: "retriable", isOutage: false },
    "api/unsettled": { class: "retriable", isOutage: false },
    "api/unstableList": { class: "retriable", isOutage: false },
    "state/locked": { class: "retriable", isOutage: false },
  }),
);

/** The row of every other code: the user must mend the fault first. */
const other: Row = { class: "terminal", isOutage: false };

export function rowOf(code: string): Row {
  return rows.get(code) ?? other;
}
