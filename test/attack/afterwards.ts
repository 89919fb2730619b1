// What must hold once the attack is over: the next pass mends everything, and the one after it has nothing to do.
import type { TestKind } from "../support/kinds.ts";
import type { TestWorld } from "../support/world.ts";
import { attack, findUnsettled, invariants, unexcused, verifyTrail } from "./observe.ts";
import { pass } from "./stage.ts";

export interface Afterwards {
  /** How many passes it may take; usually one. */
  readonly passes?: number;
  /** Variables other than those of the world. */
  readonly environment?: TestWorld["environment"];
  readonly isTrailSound?: boolean;
}

/** Longer than any request may still be under way, and than any lock is kept. */
const laterMs = 300_000;

export async function checkAfterwards(
  from: TestWorld,
  kind: TestKind,
  { passes = 2, environment, isTrailSound = true }: Afterwards = {},
): Promise<readonly string[]> {
  const given = environment ? { environment } : {};
  const faults: string[] = [];
  for (let number = 1; number <= passes; number += 1) {
    await from.clock.advance(laterMs);
    const after = await attack({ argv: pass, from, ...given });
    // A list that was believed has left event types where they are not delivered, or twice.
    faults.push(...unexcused(after, ["noGap"]));
    if (after.status === 0) break;
  }
  await from.clock.advance(laterMs);
  const argv = "plan --prune --allow-deletes --detailed-exitcode --output json";
  const last = await attack({ argv, from, ...given });
  if (last.status !== 0) faults.push(`an honest pass does not settle it: ${last.out.slice(0, 600)}`);
  faults.push(...findUnsettled(from.state, kind).map((what) => `after an honest pass ${what}`));
  const verified = await verifyTrail(from);
  if (isTrailSound && !verified.ok) faults.push(`${invariants.trailSound}: ${verified.out}`);
  return faults;
}
