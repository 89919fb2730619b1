// A pass that dies: at each of its calls to the disk and each of its requests, by SIGKILL or with the power.
import type { HttpResponse } from "../../src/model/http.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import type { TestKind } from "../support/kinds.ts";
import type { Intercept, TestWorld } from "../support/world.ts";
import { checkAfterwards } from "./afterwards.ts";
import { makeFamily, playAll, type Played, type Row } from "./family.ts";
import { attack, unexcused } from "./observe.ts";
import { copyOf, kindsOf, pass, positionsOf, stageOf } from "./stage.ts";

interface KillRow extends Row {
  /** The counted moments: calls to the disk, or requests, each before or after it took effect. */
  readonly at: "disk" | "request, not done" | "request, done";
  readonly cutsPower: boolean;
}

export const killRows: readonly KillRow[] = [
  { name: "killed at a call to the disk", at: "disk", cutsPower: false },
  { name: "the power fails at a call to the disk", at: "disk", cutsPower: true },
  { name: "killed when a request leaves", at: "request, not done", cutsPower: false },
  { name: "the power fails when a request leaves", at: "request, not done", cutsPower: true },
  { name: "killed when a request was done", at: "request, done", cutsPower: false },
  { name: "the power fails when a request was done", at: "request, done", cutsPower: true },
];

const positionsInShort = 6;

export const kills = makeFamily("kills", killRows, (row, extent) =>
  playAll(
    kindsOf(row, extent).map((kind) => async () => {
      const positions = positionsOf(await countCalls(row, kind), positionsInShort, extent);
      return playAll(positions.map((at) => () => playKill(row, kind, at)));
    }),
  ),
);

async function countCalls(row: KillRow, kind: TestKind): Promise<number> {
  const from = copyOf((await stageOf(kind)).world);
  const { intercept, met } = plant(row, from, Infinity);
  await attack({ argv: pass, from, intercept });
  return met();
}

async function playKill(row: KillRow, kind: TestKind, at: number): Promise<Played> {
  const from = copyOf((await stageOf(kind)).world);
  const { intercept, death } = plant(row, from, at);
  const attacked = await attack({ argv: pass, from, intercept, death });
  from.files.before = () => undefined;
  if (row.cutsPower) from.files.cutPower();
  // The dead process goes on waiting on the old clock.
  const next = { ...from, clock: makeFakeClock(from.clock.now()) };
  const faults = [...unexcused(attacked), ...(await checkAfterwards(next, kind))];
  return { attacks: 1, faults: faults.map((fault) => `${kind.nouns}, call ${at}: ${fault}`) };
}

/** From the call of this number on, no call comes back. */
function plant({ at: where }: KillRow, { files }: TestWorld, at: number) {
  let met = 0;
  let isDead = false;
  let die = (): void => undefined;
  const death = new Promise<null>((resolve) => {
    die = () => {
      isDead = true;
      resolve(null);
    };
  });
  const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
  const count = (): boolean => {
    met += 1;
    if (met === at) die();
    return isDead;
  };
  files.before = () => {
    if (isDead || (where === "disk" && count())) return never();
    return undefined;
  };
  const intercept: Intercept = (_request, forward) => {
    if (isDead) return never<HttpResponse>();
    const isLast = where !== "disk" && count();
    if (isLast && where === "request, done") forward();
    return isLast ? never<HttpResponse>() : forward();
  };
  return { intercept, death, met: () => met };
}
