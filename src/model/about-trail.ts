// Tells the faults of the trail from others.

/** These faults of the trail stop every write. */
export const aboutTrail: ReadonlySet<string> = new Set([
  ...["audit/broken", "audit/cut", "audit/gone", "audit/keyMissing", "audit/malformed", "audit/notATrail"],
  ...["audit/otherHead", "audit/replaced", "audit/unreadable", "audit/unwritable", "rollback/brokenTrail"],
]);
