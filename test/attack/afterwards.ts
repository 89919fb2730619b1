// Checks that the next pass after an attack mends everything.
import type { TestKind } from "../support/kinds.ts";
import type { TestWorld } from "../support/world.ts";
import { attack, findBroken, findUnsettled, invariants, unexcused } from "./observe.ts";
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
  let status: number | null = null;
  let out = "";
  for (let number = 1; number <= passes; number += 1) {
    await from.clock.advance(laterMs);
    const after = await attack({ argv: pass, from, ...given });
    ({ status, out } = after);
    // A list that was believed has left event types where they are not delivered, or twice.
    faults.push(...unexcused(after, ["noGap"]));
    if (status === 0) break;
  }
  if (status !== 0) faults.push(`an honest pass ends with status ${String(status)}: ${out.slice(0, 600)}`);
  faults.push(...findUnsettled(from.state, kind).map((what) => `after an honest pass ${what}`));
  const broken = await findBroken(from);
  if (isTrailSound && broken !== null)
    faults.push(`${invariants.trailSound}: line ${broken.line}: ${broken.reason}`);
  return faults;
}
