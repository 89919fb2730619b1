// The lies of the platform: a whole pass is lied to, and the passes after it are not.
import { kinds, storedIn, type TestKind } from "../support/kinds.ts";
import { makeFamily, playAll, type Played } from "./family.ts";
import { lieRows, type LieRow } from "./lie-rows.ts";
import { lying } from "./lying.ts";
import { attack, findDoubled, invariants, unexcused, type Attacked } from "./observe.ts";
import { checkAfterwards } from "./afterwards.ts";
import { copyOf, pass, stageOf, type Stage } from "./stage.ts";

/** Beside all requests of the pass, the lie is told at each of so many positions alone. */
const positions = 6;

export const lies = makeFamily("lies", lieRows, async (row, { isLong }) => {
  const ofRow = kinds.filter(({ scheme }) => row.of === undefined || scheme === row.of);
  const played = isLong ? ofRow : ofRow.slice(row.name.length % ofRow.length).slice(0, 1);
  const at = [undefined, ...Array.from({ length: isLong ? positions : 0 }, (_, index) => index + 1)];
  return playAll(
    played.flatMap((kind) => at.map((position) => () => playLie(row, kind, { at: position, isLong }))),
  );
});

interface Telling {
  /** The only request that is lied to; absent if all are. */
  readonly at: number | undefined;
  readonly isLong: boolean;
}

async function playLie(row: LieRow, kind: TestKind, { at, isLong }: Telling): Promise<Played> {
  const stage = await stageOf(kind, { isCrowded: row.isCrowded });
  const from = copyOf(stage.world);
  const { intercept, told } = lying(row, { state: from.state, kind, ...(at === undefined ? {} : { at }) });
  const attacked = await attack({ argv: pass, from, intercept });
  if (told() === 0) return { attacks: 0, faults: at === undefined ? ["the lie was never told"] : [] };
  const faults = [
    ...unexcused(attacked, row.excuses),
    // A single lie may come too late for what is demanded of a pass that is lied to all the time.
    ...(at === undefined ? demand(row, attacked, stage) : []),
    ...(row.excuses.includes("nothingDoubled") ? [] : sayDoubled(from, kind)),
    // In short, what is live as after an honest pass, or as before it, needs no further one.
    ...(isLong || ["fails", "converges"].includes(row.must) ? await checkAfterwards(from, kind) : []),
  ];
  const where = `${kind.nouns}${at === undefined ? "" : `, at request ${at}`}`;
  return { attacks: 1, faults: faults.map((fault) => `${where}: ${fault}`) };
}

function demand(
  { must }: LieRow,
  { status, writes, out, err, world }: Attacked,
  stage: Stage,
): readonly string[] {
  const said = `${out.slice(0, 300)}${err.slice(0, 300)}`;
  if (must === "converges") return [];
  if (must === "asHonest") {
    const isSame = JSON.stringify(storedIn(world)) === JSON.stringify(stage.expected);
    return status === 0 && isSame ? [] : [`it is not as after an honest pass (${String(status)}): ${said}`];
  }
  if (status !== 1) return [`it ends with status ${String(status)}: ${said}`];
  return must === "refused" && writes.length > 0 ? [`it writes: ${writes.join(", ")}`] : [];
}

function sayDoubled({ state }: Stage["world"], kind: TestKind): readonly string[] {
  return findDoubled(state, kind).map((what) => `${invariants.nothingDoubled}: ${what}`);
}
