// One seed → one story of two machines with one store: passes of two commits that overlap, a store and a network that fail,
// and a machine that is held at any await up to the last check, until another one has taken over.
import { makeMemoryFiles } from "../../support/memory-files.ts";
import { makeDice, type Dice } from "../dice.ts";
import { kindsOf, resourcesNames, type ResourcesName } from "../resources.ts";
import { manifestText, owner } from "../scenario.ts";
import { makeTimeline, type Timeline } from "../timeline.ts";
import { away, drawCommit, drawFate, drawGroups, drawHold, drawShortHold } from "./draw.ts";
import { judge, judgePass } from "./judge.ts";
import { makeLedger, type Ledger } from "./ledger.ts";
import type { Fate, Ground, Place } from "./place.ts";
import { makeRealWork } from "./real-work.ts";
import { runPass, type Machine, type PassPorts, type Sabotage } from "./run-pass.ts";
import { makeSleeper, type Hold, type Sleeper } from "./sleeper.ts";
import { makeTown, type Fault } from "./town.ts";

export interface Story {
  readonly seed: number;
  readonly resources: ResourcesName;
  /** Empty if everything held. */
  readonly faults: readonly Fault[];
  readonly story: readonly string[];
  readonly totals: Totals;
}

export interface Totals {
  passes: number;
  writes: number;
  /** Processes that were held, and of them those that never woke. */
  holds: number;
  deaths: number;
  /** Leases that were taken from a process that was held. */
  takeovers: number;
  /** Writes that the last check kept from leaving. */
  stopped: number;
  storeFaults: number;
  /** Writes whose outcome was found out later. */
  recovered: number;
}

export interface PlayOptions {
  /** By default the dice choose it. */
  readonly resources?: ResourcesName | undefined;
  /** Holds a machine behind the last check of a write, which nothing can make good, and nowhere else. */
  readonly isBehind?: boolean;
  readonly sabotage?: Sabotage;
}

interface Play extends Omit<PassPorts, "faultRate"> {
  readonly ledger: Ledger;
  readonly machines: readonly [Machine, Machine];
  readonly resources: ResourcesName;
  readonly isBehind: boolean;
  readonly totals: Totals;
  /** The share of calls to the store, and of requests, that meet a fault. */
  rates: { readonly store: number; readonly network: number };
  /** Until then the store cannot be reached. */
  awayUntilMs: number;
  /** The processes that are held. */
  readonly asleep: Set<string>;
}

let plays = 0;

/** The same story for the same seed. */
export async function play(seed: number, ground: Ground, options: PlayOptions = {}): Promise<Story> {
  const dice = makeDice(seed);
  const drawn = dice.pick(resourcesNames);
  const resources = options.resources ?? drawn;
  const real = makeRealWork();
  const timeline = makeTimeline(undefined, real.settled);
  const totals = noTotals();
  // Stories that follow each other in one database have nothing in common.
  plays += 1;
  const id = `5a4db0c5-0000-4000-8000-${String(plays).padStart(12, "0")}`;
  const { story, tell } = makeStory(timeline, id);
  const credentials = { clientId: `client-${plays}`, clientSecret: "secret-of-the-simulation" };
  const base = drawGroups(resources, ground, dice);
  const town = makeTown({
    ...{ kinds: kindsOf(resources), timeline, credentials, story: tell },
    organisation: { id, name: "Simulation" },
    lastTaker: () => its.ledger.lastTaker(),
    entries: () => its.ledger.entries,
    commits: [base, base],
  });
  const { isBehind = false, sabotage = {} } = options;
  const place = await ground.open({
    ...{ timeline, dice: dice.fork(), real, key: { organization: id, owner } },
    fateOf: (sleeper, what) => fateOf(its, sleeper, what),
    observe: (sleeper) => observe(its, sleeper),
    spoil: sabotage.within ?? ((store) => store),
  });
  const its: Play = {
    ...{ dice, timeline, place, town, credentials, sabotage, tell, resources, isBehind, totals },
    ledger: makeLedger(place.read, (detail) => {
      town.violate("noOldFence", detail);
    }),
    machines: [makeMachine("one", 0, { place, dice }), makeMachine("two", 1, { place, dice })],
    ...{ rates: { store: 0, network: 0 }, awayUntilMs: 0, asleep: new Set() },
    onStopped: () => (totals.stopped += 1),
  };
  try {
    await playStory(its, ground);
  } finally {
    await place.close();
  }
  totals.writes = town.writes.length;
  totals.recovered = its.ledger.entries.filter(({ record }) => record.event === "change.recovered").length;
  return { seed, resources, faults: town.faults, story, totals };
}

function noTotals(): Totals {
  const counts = { passes: 0, writes: 0, holds: 0, deaths: 0, takeovers: 0 };
  return { ...counts, stopped: 0, storeFaults: 0, recovered: 0 };
}

/** It leaves out what is another one each time: the organisation, and the port of a relay. */
function makeStory(
  timeline: Timeline,
  organization: string,
): {
  readonly story: readonly string[];
  readonly tell: (words: string) => void;
} {
  const story: string[] = [];
  const startMs = timeline.now();
  const tell = (words: string): void => {
    const lasting = words
      .replaceAll(organization, "ORGANISATION")
      .replace(/127\.0\.0\.1:\d+\//g, "SERVER/")
      .replace(/\S*simulated-git-[^/]+\/\d+\//g, "FOLDER/");
    story.push(`${String(timeline.now() - startMs).padStart(8)}  ${lasting}`);
  };
  return { story, tell };
}

function makeMachine(
  name: string,
  index: number,
  { place, dice }: { readonly place: Place; readonly dice: Dice },
): Machine {
  const { store } = place;
  const header = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig";
  const config = `${header}\nowner: ${owner}\nstate: { store: ${store} }\n`;
  // Processes on one disk have one clock.
  const skewMs = store === "files" ? 0 : dice.pick([0, 0, -90_000, 120_000, 3_600_000]);
  return { name, index, files: makeMemoryFiles({ "reconcile.yaml": config }), skewMs, passes: 0 };
}

async function observe({ ledger, asleep, totals }: Play, sleeper: Sleeper): Promise<void> {
  const before = ledger.lastTaker();
  await ledger.observe(sleeper);
  if (before !== ledger.lastTaker() && asleep.has(before ?? "")) totals.takeovers += 1;
}

async function playStory(its: Play, size: Ground): Promise<void> {
  const { dice, timeline, machines, town, place, tell, resources } = its;
  const [base] = town.commits;
  writeManifests(its);
  if (dice.chance(0.75)) await playPasses(its, [{ machine: dice.pick(machines), holds: [] }]);
  const changed = drawCommit(resources, { groups: base, size }, dice);
  const other = dice.chance(0.4) ? base : drawCommit(resources, { groups: base, size }, dice);
  town.commits = dice.chance(0.5) ? [changed, other] : [other, changed];
  writeManifests(its);
  its.rates = { store: dice.pick([0, 0, 0.03, 0.12]), network: dice.pick([0, 0.05, 0.2]) };
  if (dice.chance(0.2)) goAway(its);
  const sleeping = dice.pick(machines);
  await playPasses(
    its,
    machines.flatMap((machine) => passesOf(its, machine, machine === sleeping)),
  );
  its.rates = { store: 0, network: 0 };
  its.awayUntilMs = 0;
  tell("all is calm from here on");
  await timeline.advance(2 * place.lastsMs + 120_000);
  const next = dice.pick(machines);
  await playPasses(its, [{ machine: next, holds: [] }]);
  await judge({ ...its, wanted: town.commits[next.index] ?? [] });
  const writes = town.writes.length;
  await playPasses(its, [{ machine: next, holds: [] }]);
  for (const { what } of town.writes.slice(writes)) town.violate("converges", `work left: ${what}`);
}

interface Planned {
  readonly machine: Machine;
  readonly holds: readonly Hold[];
  /** After the machine's pass before; of the first one, from now on. */
  readonly afterMs?: number;
}

/** One to three passes of a machine, of which one is held for long if it is to sleep. */
function passesOf(its: Play, machine: Machine, sleeps: boolean): Planned[] {
  const { dice, place, isBehind } = its;
  const count = dice.pick(sleeps ? [1, 1, 2] : [1, 2, 3]);
  const held = isBehind || dice.chance(0.7) ? 0 : dice.below(count);
  const { lastsMs } = place;
  // The other machine comes soon after, or when the lease is over already.
  const firstMs = dice.pick([dice.below(400), dice.below(5_000), sleeps ? 0 : dice.below(lastsMs)]);
  return Array.from({ length: count }, (_, index) => {
    const isShort = dice.chance(0.15) && !isBehind;
    return {
      machine,
      holds:
        sleeps && index === held
          ? [drawHold(dice, place, { isBehind, at: its.sabotage.hold })]
          : isShort
            ? [drawShortHold(dice, place)]
            : [],
      afterMs: index === 0 ? firstMs : dice.pick([0, dice.below(5_000), dice.below(lastsMs)]),
    };
  });
}

/** For a while, from some moment on. */
function goAway(its: Play): void {
  const { dice, timeline, place, tell } = its;
  timeline.at(dice.below(60_000), () => {
    const forMs = dice.between(1_000, 2 * place.lastsMs);
    its.awayUntilMs = timeline.now() + forMs;
    tell(`the store cannot be reached for ${forMs} ms`);
  });
}

function fateOf(its: Play, { name }: Sleeper, what: string): Fate {
  const { dice, timeline, rates, tell, totals } = its;
  const fate = timeline.now() < its.awayUntilMs ? away : drawFate(dice, rates.store);
  if (fate.ends === "well" && fate.upMs <= 20) return fate;
  totals.storeFaults += 1;
  tell(`${name}: ${what} of the store: ${fate.upMs} ms, ${fate.ends}, ${fate.downMs} ms`);
  return fate;
}

function writeManifests({ machines, town }: Play): void {
  for (const { files, index } of machines) {
    for (const path of files.paths()) if (path.startsWith("/subscriptions/")) files.take(path);
    for (const group of town.commits[index] ?? [])
      files.set(`subscriptions/${group.name}.yaml`, manifestText(group));
  }
}

/** A machine's passes follow each other; those of two machines overlap. */
async function playPasses(its: Play, planned: readonly Planned[]): Promise<void> {
  const { timeline, machines, town } = its;
  let left = planned.length;
  for (const machine of machines) {
    const own = planned.filter((one) => one.machine === machine);
    const next = (): void => {
      const one = own.shift();
      if (!one) return;
      timeline.at(one.afterMs ?? 0, () => {
        startPass(its, one, () => {
          left -= 1;
          next();
        });
      });
    };
    next();
  }
  if (await timeline.runUntil(() => left === 0)) return;
  town.violate("endsProperly", `${left} passes wait for nothing`);
}

function startPass(its: Play, { machine, holds }: Planned, end: () => void): void {
  const { dice, timeline, town, tell, totals, asleep, rates } = its;
  machine.passes += 1;
  totals.passes += 1;
  const name = `${machine.name}.${machine.passes}`;
  const sleeper = makeSleeper({
    ...{ name, timeline, dice, holds, skewMs: machine.skewMs, stopsClock: dice.chance(0.5) },
    onHold: (where, forMs) => {
      totals.holds += 1;
      asleep.add(name);
      tell(`${name} is held ${where}, ${forMs === null ? "for good" : `for ${forMs} ms`}`);
      if (forMs !== null) return;
      totals.deaths += 1;
      end();
    },
    onWake: () => {
      asleep.delete(name);
      tell(`${name} wakes`);
    },
  });
  tell(`${name} starts`);
  runPass(machine, sleeper, { ...its, faultRate: rates.network }).then(
    ({ status, out }) => {
      tell(`${name} ends with status ${status}${errorsIn(out)}`);
      judgePass({ name, status, out }, town);
      end();
    },
    (error: unknown) => {
      const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
      town.violate("endsProperly", `${name} throws ${said}`);
      end();
    },
  );
}

interface Said {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

function errorsIn(out: string): string {
  try {
    const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly Said[] };
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    return errors.map(({ code, message }) => `\n            ${code}: ${message}`).join("");
  } catch {
    return ` and says ${out.slice(0, 300)}`;
  }
}
