// How the platform of a story differs from its usual answers: one row for each quirk.
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import { makeDice, type Dice } from "./dice.ts";
import type { Scheme } from "./resources.ts";

interface Row {
  /** The kinds that it concerns: a story without one of them does not draw it. */
  readonly of: readonly Scheme[];
  readonly probability: number;
  readonly quirk: (dice: Dice, startMs: number) => SandboxQuirks;
}

const every: readonly Scheme[] = ["https", "eventbridge", "workflow"];

/** A new row comes last: it then shifts nothing of what a seed draws from the others. */
const rows: readonly Row[] = [
  { of: ["eventbridge"], probability: 0.5, quirk: () => ({ emptyNotes: "" }) },
  { of: ["eventbridge"], probability: 0.3, quirk: () => ({ showsDeleted: true }) },
  // Longer than this, a create whose answer was lost would be looked for in vain, and nothing tells its id.
  { of: every, probability: 0.3, quirk: (dice) => ({ listLagMs: dice.between(500, 8_000) }) },
  { of: ["eventbridge"], probability: 0.5, quirk: () => ({ refusesSharedSources: true }) },
  { of: ["eventbridge"], probability: 0.5, quirk: () => ({ fixesSources: true }) },
  { of: ["workflow"], probability: 0.7, quirk: drawPublishing },
  {
    of: ["eventbridge"],
    probability: 0.5,
    quirk: (dice) => ({ listsConfigurations: dice.pick(["none", "incomplete"] as const) }),
  },
  {
    of: ["eventbridge"],
    probability: 0.5,
    quirk: (dice) => ({ readsConfigurations: dice.pick(["none", "incomplete"] as const) }),
  },
  {
    of: ["eventbridge", "workflow"],
    probability: 0.5,
    quirk: (dice) => ({ hiddenAfterPostMs: dice.pick([1_000, 20_000]) }),
  },
  { of: ["eventbridge"], probability: 0.25, quirk: () => ({ hiddenIntegrations: 2 }) },
  { of: ["eventbridge"], probability: 0.25, quirk: () => ({ otherIntegrations: 3 }) },
  // Somebody raises it before the first calm pass.
  { of: ["eventbridge"], probability: 0.3, quirk: (dice) => ({ maxInstances: dice.between(0, 12) }) },
];

/** By dice of their own: a quirk does not shift what else a seed tells. */
export function drawQuirks(
  seed: number,
  { startMs, schemes }: { readonly startMs: number; readonly schemes: readonly Scheme[] },
): SandboxQuirks {
  const dice = makeDice(seed).fork();
  return rows.reduce<SandboxQuirks>((drawn, { of, probability, quirk }) => {
    const own = dice.fork();
    const isDrawn = own.chance(probability) && of.some((scheme) => schemes.includes(scheme));
    return isDrawn ? { ...drawn, ...quirk(own, startMs) } : drawn;
  }, {});
}

/** Some workflows are published only while the first passes run, but so early that a calm pass waits no longer in vain. */
function drawPublishing(dice: Dice, startMs: number): SandboxQuirks {
  const delaysMs = Array.from({ length: 7 }, () => dice.pick([0, 0, dice.below(60_000)]));
  const delayOf = (id: string): number => delaysMs[(id.codePointAt(id.length - 1) ?? 0) % 7] ?? 0;
  return {
    isPublished: (id, nowMs) => nowMs >= startMs + delayOf(id),
    checksMoves: dice.chance(0.5),
  };
}
