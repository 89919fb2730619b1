// What each code of the outside world's errors means for whoever asked: one table, so that nobody tells it by a name.

/**
 * `terminal`: the same again comes to the same. `retriable`: nothing took effect, and a later try may succeed.
 * `unknown`: it may or may not have taken effect.
 */
export type ErrorClass = "terminal" | "retriable" | "unknown";

interface Row {
  readonly class: ErrorClass;
  /** No group's operations can cause it, and it spares none. */
  readonly isOutage: boolean;
}

const rows: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    "network/unreachable": { class: "retriable", isOutage: true },
    // Of a write the client makes `api/outcomeUnknown` of these two.
    "network/timeout": { class: "retriable", isOutage: true },
    "network/reset": { class: "retriable", isOutage: true },
    "network/tooLarge": { class: "terminal", isOutage: true },
    "auth/unavailable": { class: "retriable", isOutage: true },
    "auth/rateLimited": { class: "retriable", isOutage: true },
    "auth/invalidClient": { class: "terminal", isOutage: true },
    "auth/malformed": { class: "terminal", isOutage: true },
    // Too many logins in a short time are refused so, too.
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

/** Of any other code: what is wrong has to be put right first. */
const other: Row = { class: "terminal", isOutage: false };

export function rowOf(code: string): Row {
  return rows.get(code) ?? other;
}
