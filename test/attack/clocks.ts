// Clocks that are wrong, jump, stand still or run backwards, while the platform's own is right.
import type { Clock } from "../../src/lib/clock.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { storedIn, type TestKind } from "../support/kinds.ts";
import type { Intercept } from "../support/world.ts";
import { checkAfterwards } from "./afterwards.ts";
import { makeFamily, playAll, type Played, type Row } from "./family.ts";
import { attack, findDoubled, invariants, unexcused } from "./observe.ts";
import { copyOf, kindsOf, pass, stageOf } from "./stage.ts";

interface ClockRow extends Row {
  /** Returns the time that the clock shows at a true time; `call` counts its readings. */
  readonly now: (trueMs: number, call: number) => number;
  /**
   * No write starts while the clock says that the machine slept longer than its lock lasts. A clock that says so at each
   * look stops the pass before its first write; one that says so at some looks may stop it at any write.
   */
  readonly stops?: "at once" | "perhaps";
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const at =
  (iso: string) =>
  (trueMs: number): number =>
    Date.parse(iso) + (trueMs % dayMs);

export const clockRows: readonly ClockRow[] = [
  { name: "it is 1969", now: at("1969-06-01T00:00:00Z") },
  { name: "it is 1970", now: at("1970-01-01T00:00:00Z") },
  { name: "it is 2001, where seconds get a digit", now: at("2001-09-09T01:46:40Z") },
  { name: "it is 2016, in a leap second", now: at("2016-12-31T23:59:59Z") },
  { name: "it is 2038, where 32 bits end", now: at("2038-01-19T03:14:07Z") },
  { name: "it is 2099", now: at("2099-12-31T23:59:59Z") },
  { name: "it is 9999", now: at("9999-12-30T00:00:00Z") },
  { name: "an hour ahead", now: (trueMs) => trueMs + hourMs },
  { name: "an hour behind", now: (trueMs) => trueMs - hourMs },
  { name: "40 days ahead", now: (trueMs) => trueMs + 40 * dayMs },
  { name: "40 days behind", now: (trueMs) => trueMs - 40 * dayMs },
  { name: "it stands still", now: () => Date.UTC(2026, 5, 1) },
  { name: "it runs backwards", now: (trueMs, call) => trueMs - call * 60_000 },
  {
    name: "it jumps an hour ahead at each look",
    now: (trueMs, call) => trueMs + call * hourMs,
    stops: "at once",
  },
  {
    name: "it jumps 40 days ahead at each look",
    now: (trueMs, call) => trueMs + call * 40 * dayMs,
    stops: "at once",
  },
  {
    name: "it jumps to and fro by a day",
    now: (trueMs, call) => trueMs + (call % 2 ? dayMs : -dayMs),
    stops: "perhaps",
  },
  { name: "it has fractions", now: (trueMs) => trueMs + 0.123456 },
  {
    name: "it is set back by a year after a moment",
    now: (trueMs, call) => trueMs - (call > 3 ? 365 * dayMs : 0),
  },
];

export const clocks = makeFamily("clocks", clockRows, (row, extent) =>
  playAll(
    kindsOf(row, extent).flatMap((kind) => [
      () => playPass(row, kind),
      () => playAfterKill(row, kind, null),
      () => playAfterKill(row, kind, 30_000),
    ]),
  ),
);

function lieOf({ now }: ClockRow): (real: Clock) => Clock {
  let calls = 0;
  return (real) => ({ ...real, now: () => now(real.now(), (calls += 1)) });
}

/**
 * A pass under this clock does what an honest one does, and the next one under a right clock has nothing to mend. What a
 * pass that stops leaves undone, the next one does.
 */
async function playPass(row: ClockRow, kind: TestKind): Promise<Played> {
  const stage = await stageOf(kind);
  const from = copyOf(stage.world);
  const before = JSON.stringify(storedIn(from));
  const attacked = await attack({ argv: pass, from, clock: lieOf(row) });
  const stored = JSON.stringify(storedIn(from));
  const isStopped = attacked.status === 1 && attacked.out.includes("another process may have");
  const isHonest = attacked.status === 0 && stored === JSON.stringify(stage.expected);
  const isRight =
    row.stops === "at once" ? isStopped && stored === before : isHonest || (row.stops && isStopped);
  const faults = [
    ...unexcused(attacked),
    ...(isRight
      ? []
      : [
          `it ends neither as an honest pass nor as this row says (${String(attacked.status)}): ${attacked.out}`,
        ]),
    ...(await checkAfterwards(from, kind)),
  ];
  return { attacks: 1, faults: faults.map((fault) => `${kind.nouns}: ${fault}`) };
}

/**
 * A pass under this clock dies when its create has left; the next one, under a right clock, comes a second later. The
 * create takes effect `lateMs` after that, or never.
 */
async function playAfterKill(row: ClockRow, kind: TestKind, lateMs: number | null): Promise<Played> {
  const { world } = await stageOf(kind);
  const from = copyOf(world);
  let arrive = (): void => undefined;
  let die = (): void => undefined;
  const death = new Promise<null>((resolve) => {
    die = () => {
      resolve(null);
    };
  });
  const intercept: Intercept = ({ method, url }, forward) => {
    if (method !== "POST" || !url.includes(kind.path)) return forward();
    arrive = () => void forward();
    die();
    return new Promise(() => undefined);
  };
  const attacked = await attack({ argv: pass, from, clock: lieOf(row), intercept, death });
  const next = { ...from, clock: makeFakeClock(from.clock.now() + 1_000) };
  if (lateMs !== null) void next.clock.sleep(lateMs).then(arrive);
  const startedMs = next.clock.now();
  const after = await attack({
    argv: pass,
    from: next,
    processes: { pid: 101, isAlive: (pid) => pid === 101 },
  });
  const tookMs = next.clock.now() - startedMs;
  await next.clock.advance(lateMs ?? 0);
  const faults = [
    ...unexcused(attacked),
    ...unexcused(after),
    ...(tookMs > mostWaitMs ? [`the next pass takes ${Math.round(tookMs / 1000)} s`] : []),
    ...findDoubled(next.state, kind).map((what) => `${invariants.nothingDoubled}: ${what}`),
    ...(await checkAfterwards(next, kind)),
  ];
  const where = `${kind.nouns}, after a kill${lateMs === null ? "" : ", with a late create"}`;
  return { attacks: 1, faults: faults.map((fault) => `${where}: ${fault}`) };
}

/** Longer than a request may be under way; whatever the clock said, nothing is waited for beyond that. */
const mostWaitMs = 180_000;
