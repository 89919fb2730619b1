// One seed → one story: rounds of changed manifests, passes in rough weather, crashes, a calm pass, and what was wrong.
// More than 400 lines, because each step draws from the same dice: told apart, the order of the draws would be lost.
// Loaded beforehand: the first pass shall not wait for it, in real time, while simulated time stands still.
import { openAws } from "../../src/aws/open-aws.ts";
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import "../../src/cli/commands/pass.ts";
import { run } from "../../src/cli/run.ts";
import type { World } from "../../src/app/world.ts";
import type { Send } from "../../src/model/http.ts";
import { genesis } from "../../src/audit/record.ts";
import { noService } from "../support/world.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import {
  checkCalm,
  checkChange,
  checkCrashed,
  checkFiles,
  checkPass,
  checkSettled,
  checkWholeTrail,
  findConflicts,
  violate,
  type Shown,
} from "./checks.ts";
import { makeDice, type Dice } from "./dice.ts";
import { cutPower, makeDisk } from "./disk.ts";
import { deleteUnmarked, editByHand } from "./edits.ts";
import type { Evidence } from "./evidence.ts";
import { fineWeather, latestMs, roughWeather, someKinds, type Kind, type Weather } from "./faults.ts";
import { makeJournal, tell, type Pass, type Refused, type Totals, type Violation } from "./journal.ts";
import { makeMortal, type Crash } from "./mortal.ts";
import { credentials, makePlatform, type Lie, type Platform } from "./platform.ts";
import { changeAcross } from "./across.ts";
import { changeGroups, makeGroups, manifestText, owner, type Changed, type Group } from "./scenario.ts";
import { drawQuirks } from "./quirks.ts";
import { kindsOf, type ResourcesName, type SimulatedKind } from "./resources.ts";
import { makeTimeline, type Timeline } from "./timeline.ts";
import { makeTrailView } from "./trail-view.ts";

export interface Report {
  readonly seed: number;
  /** Empty where everything held. The story stops at the first pass that broke a promise. */
  readonly violations: readonly Violation[];
  readonly totals: Totals;
  readonly story: readonly string[];
}

export interface SimulateOptions {
  /** What the manifests' endpoints are; webhooks where nobody says. */
  readonly resources?: ResourcesName;
  /** Write down what happens. */
  readonly story?: boolean;
  /** Ways to be lied to, with which a test shows that the checks can fail. */
  readonly sabotage?: Sabotage;
}

export interface Sabotage {
  readonly lie?: Lie;
  readonly forge?: (text: string) => string;
  readonly resend?: (send: Send) => Send;
}

/** The same report for the same seed, always. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Report> {
  const simulation = prepare(seed, options);
  const { dice, evidence } = simulation;
  const isMixed = evidence.platform.kinds.all.length > 1;
  const rounds = dice.pick(isMixed ? [3, 3, 4, 5] : [2, 2, 3, 4]);
  for (let round = 1; round <= rounds && evidence.journal.violations.length === 0; round += 1) {
    // What was begun of one kind may still be open when the manifests name another one.
    await playRound(simulation, { round, isCalmed: round === rounds || !isMixed || dice.chance(0.6) });
  }
  await checkWholeTrail(evidence);
  checkFiles(evidence);
  const { journal, trail } = evidence;
  const { totals } = journal;
  totals.seeds = 1;
  totals.recovered = trail.records().filter(({ event }) => event === "change.recovered").length;
  return { seed, violations: journal.violations, totals, story: journal.story ?? [] };
}

interface Simulation {
  readonly dice: Dice;
  /** That requests may meet. */
  readonly faults: readonly Kind[];
  readonly timeline: Timeline;
  readonly files: MemoryFiles;
  readonly platform: Platform;
  readonly evidence: Evidence;
  readonly environment: Readonly<Record<string, string>>;
  readonly sabotage: Sabotage;
  /** Where the process of a pass runs, and what it can tell of others. */
  readonly processesOf: (pid: number) => World["processes"];
}

function prepare(
  seed: number,
  { story = false, sabotage = {}, resources = "webhooks" }: SimulateOptions,
): Simulation {
  const kinds = kindsOf(resources);
  const dice = makeDice(seed);
  const timeline = makeTimeline();
  const journal = makeJournal(story);
  const rateShare = dice.pick([1, 1, 1, 0.1]);
  const config = [
    ...["apiVersion: reconcile.genesys/v1", "kind: ReconcileConfig"],
    ...[`owner: ${owner}`, `rateShare: ${rateShare}`, ""],
  ];
  const files = makeMemoryFiles({ "reconcile.yaml": config.join("\n") });
  const trail = makeTrailView(files);
  const tokenLifeSeconds = dice.pick([86_400, 86_400, 600, 60, 20]);
  const quirks = drawQuirks(seed, {
    startMs: timeline.now(),
    schemes: kinds.all.map(({ scheme }) => scheme),
  });
  tell(journal, timeline.now(), () => `the platform's quirks: ${JSON.stringify(quirks)}`);
  const platform = makePlatform({ timeline, journal, trail, tokenLifeSeconds, quirks, kinds });
  for (const kind of kinds.all) putOthers({ platform, kind }, dice);
  const auditKey = dice.chance(0.3) ? "the-signing-key-of-the-simulation" : undefined;
  const evidence: Evidence = {
    journal,
    platform,
    trail,
    files,
    auditKey,
    groups: makeGroups(kinds, dice),
    ...{ verified: { text: "", head: genesis }, calmAt: 0 },
  };
  platform.onChange = (change) => {
    checkChange(change, evidence);
  };
  platform.lie = sabotage.lie ?? null;
  const environment = {
    GENESYS_CLIENT_ID: credentials.clientId,
    GENESYS_CLIENT_SECRET: credentials.clientSecret,
    ...(auditKey === undefined ? {} : { RECONCILE_AUDIT_KEY: auditKey }),
  };
  const processesOf = dice.pick(machines);
  const faults = someKinds(dice);
  return { dice, faults, timeline, files, platform, evidence, environment, sabotage, processesOf };
}

/** A dead holder of the lock is seen at once on its own machine, but for one whose number is taken again. */
const machines: readonly Simulation["processesOf"][] = [
  (pid) => ({ pid, ...machine("here"), isAlive: (other) => other === pid }),
  (pid) => ({ pid, ...machine("here"), isAlive: (other) => other === pid }),
  (pid) => ({ pid, ...machine("here"), isAlive: () => true }),
  (pid) => ({ pid, ...machine(`container-${pid}`), isAlive: () => false }),
  // A new container each, of one name, in which everybody has the same number.
  (pid) => ({ pid: 1, ...machine(`container-${pid}`), isAlive: (other) => other === 1 }),
];

function machine(name: string): { readonly host: string; readonly machine: string } {
  return { host: "host", machine: name };
}

/** What is none of our business; at times so many that a list has pages. */
function putOthers({ platform, kind }: { platform: Platform; kind: SimulatedKind }, dice: Dice): void {
  const { state } = platform;
  const aPage = kind.pageSize;
  const count = dice.chance(0.04) ? dice.between(aPage - 10, aPage + 30) : dice.below(4);
  for (let index = 0; index < count; index += 1) {
    const id = platform.nextId();
    const marker = dice.chance(0.5) ? " | Managed by: reconcile (somebody-else)" : "";
    const description = dice.chance(0.5) ? `Consumer group: other${marker}` : "";
    kind.put(
      state,
      {
        ...{ id, name: `other-${index}`, endpoint: kind.endpointOf("other", index), description },
        ...{ eventTypes: [`${kind.typePrefix}other.created`], retryPolicy: null, ttlSeconds: null },
        ...{ state: "enabled", intended: "enabled" },
      },
      0,
    );
  }
}

interface Flags {
  readonly adopt: boolean;
  readonly prune: boolean;
  readonly concurrency: number;
}

async function playRound(
  simulation: Simulation,
  { round, isCalmed }: { readonly round: number; readonly isCalmed: boolean },
): Promise<void> {
  const { dice, timeline, evidence, platform } = simulation;
  const { journal } = evidence;
  const flags = {
    adopt: startRound(simulation, round),
    prune: dice.chance(0.4),
    concurrency: dice.between(1, 6),
  };
  const meddling = dice.pick([0, 0, 0.3, 0.8]);
  const passes = dice.pick([0, 1, 1, 1, 2, 2, 3]);
  for (let count = 0; count < passes; count += 1) {
    if (dice.chance(meddling)) editByHand(platform, evidence.groups, dice);
    await playRoughPass(simulation, flags, meddling);
    if (journal.violations.length > 0) return;
    await timeline.advance(dice.pick([0, 1_000, 35_000, 90_000]));
  }
  if (dice.chance(meddling)) editByHand(platform, evidence.groups, dice);
  await timeline.advance(30_000 + latestMs + dice.between(10_000, 600_000));
  if (isCalmed) await playCalmPasses(simulation, flags);
}

function changeManifests({ dice, evidence, platform: { kinds } }: Simulation): Changed {
  const { groups, journal } = evidence;
  const changed = changeGroups(kinds, groups, dice);
  if (kinds.all.length === 1) return changed;
  const across = changeAcross(changed, groups, { kinds, dice });
  journal.totals.goneOver += across.goneOver;
  journal.totals.handedOver += across.handedOver;
  return across;
}

/** Whether webhooks of nobody's are to be adopted in this round. */
function startRound(simulation: Simulation, round: number): boolean {
  const { dice, timeline, files, evidence, platform } = simulation;
  const { journal } = evidence;
  const changed = round === 1 ? { groups: evidence.groups, what: [] } : changeManifests(simulation);
  for (const { name } of evidence.groups) if (round > 1) files.take(`subscriptions/${name}.yaml`);
  evidence.groups = changed.groups;
  for (const group of changed.groups) files.set(`subscriptions/${group.name}.yaml`, manifestText(group));
  tell(journal, timeline.now(), () => `round ${round}: ${changed.what.join("; ") || "no change"}`);
  for (const group of changed.groups) tell(journal, timeline.now(), () => `  ${describe(group)}`);
  const isConflict = findConflicts(evidence, { adopt: false, prune: false }).size > 0;
  if (isConflict && dice.chance(0.5)) deleteUnmarked(platform);
  return isConflict || dice.chance(0.6);
}

async function playRoughPass(simulation: Simulation, flags: Flags, meddling: number): Promise<void> {
  const { dice, timeline, evidence, platform, faults } = simulation;
  const edits = dice.chance(meddling)
    ? Array.from({ length: dice.between(1, 3) }, () => dice.between(2, 16))
    : [];
  const interrupt = new AbortController();
  const interruptAt = dice.chance(0.15) ? dice.between(1, 16) : 0;
  let handled = 0;
  platform.beforeHandling = () => {
    handled += 1;
    if (edits.includes(handled)) editByHand(platform, evidence.groups, dice);
    if (handled === interruptAt) pressKeys(simulation, interrupt);
  };
  const only = dice.chance(0.1) ? dice.pick(evidence.groups).name : null;
  const isInvalid = dice.chance(0.05);
  if (isInvalid) simulation.files.set(invalidPath, "kind: WebhookSubscription\n");
  const refused = refuseKind(simulation);
  const { totals } = evidence.journal;
  if (only !== null) totals.ofOneGroup += 1;
  if (isInvalid) totals.invalid += 1;
  const from = dice.pick(["trail", "trail", "trail", "start"] as const);
  const crash = dice.chance(0.4) ? { from, at: dice.between(1, 90) } : null;
  const played = await playPass(simulation, {
    argv: `${argvOf("sync", flags)}${only === null ? "" : ` --group ${only}`}`,
    ...{ adopt: flags.adopt, weather: roughWeather(dice.fork(), faults), crash },
    ...{ only, isInvalid, refused, interrupted: interrupt.signal },
  });
  platform.beforeHandling = () => undefined;
  platform.refused = null;
  if (isInvalid) simulation.files.take(invalidPath);
  if (!played.isCrashed) return;
  // What was on its way arrives; only what hangs may come later still.
  await timeline.advance(30_000);
  const isPowerCut = dice.chance(0.5);
  if (isPowerCut) cutPower(simulation.files, dice);
  evidence.trail.reread();
  tell(evidence.journal, timeline.now(), () =>
    isPowerCut ? "the power was cut" : "the process was killed",
  );
  checkCrashed(played.pass, evidence);
}

/** Of several kinds, at times one is not shown: more often one that no manifest names, for that goes on without it. */
function refuseKind(simulation: Simulation): Refused | null {
  const { dice, evidence, timeline, platform } = simulation;
  const { all } = platform.kinds;
  if (all.length === 1 || !dice.chance(0.25)) return null;
  const left = all.filter((kind) => evidence.groups.every((group) => group.kind !== kind));
  const { scheme } = dice.pick(left.length > 0 && dice.chance(0.8) ? left : all);
  const refused = { scheme, status: dice.pick([403, 404] as const) };
  platform.refused = refused;
  evidence.journal.totals.refused += 1;
  tell(evidence.journal, timeline.now(), () => `the platform does not show ${scheme}: ${refused.status}`);
  return refused;
}

const invalidPath = "subscriptions/of-somebody-in-a-hurry.yaml";

/** Ctrl-C, while a request is under way. */
function pressKeys({ evidence, timeline }: Simulation, interrupt: AbortController): void {
  evidence.journal.totals.interrupts += 1;
  tell(evidence.journal, timeline.now(), () => "  somebody presses Ctrl-C");
  interrupt.abort();
}

/** Groups of which each waits for the next one. */
const mostEarly = 3;

async function playCalmPasses(simulation: Simulation, flags: Flags): Promise<void> {
  const { dice, evidence, timeline, platform } = simulation;
  platform.isCapRaised = true;
  // Then lists show what the pass before has done.
  const caughtUp = (): Promise<void> => timeline.advance(platform.quirks.listLagMs ?? 0);
  const nobody = { only: null, isInvalid: false, refused: null, interrupted: new AbortController().signal };
  const calm = { adopt: flags.adopt, weather: fineWeather(dice.fork()), crash: null, ...nobody };
  // What a group shall give up, or wait for, is free after one pass, and another group's after the next; and so on.
  const isMixed = evidence.platform.kinds.all.length > 1;
  for (
    let early = 1;
    early <= mostEarly && isMixed && findConflicts(evidence, flags).size > 0;
    early += 1
  ) {
    await playPass(simulation, { ...calm, argv: argvOf("sync", flags) });
    await caughtUp();
  }
  const conflicts = findConflicts(evidence, flags);
  const first = await playPass(simulation, { ...calm, argv: argvOf("sync", flags) });
  checkCalm(first.pass, { shown: first.shown, conflicts, prune: flags.prune }, evidence);
  if (evidence.journal.violations.length > 0) return;
  await caughtUp();
  const command = dice.pick(["plan --detailed-exitcode", "sync"]);
  const second = await playPass(simulation, { ...calm, argv: argvOf(command, flags) });
  checkSettled(second.pass, { shown: second.shown, conflicts }, evidence);
  evidence.calmAt = evidence.journal.moment;
}

function argvOf(command: string, { adopt, prune, concurrency }: Flags): string {
  const pruning = prune ? " --prune --allow-deletes" : "";
  return `${command} --output json --concurrency ${concurrency}${adopt ? " --adopt" : ""}${pruning}`;
}

const asItIs = (send: Send): Send => send;

interface Played {
  readonly pass: Pass;
  readonly shown: Shown | null;
  readonly isCrashed: boolean;
}

interface Given extends Pick<Pass, "argv" | "adopt" | "only" | "isInvalid" | "refused" | "interrupted"> {
  readonly weather: Weather;
  readonly crash: Crash | null;
}

async function playPass(simulation: Simulation, given: Given): Promise<Played> {
  const { timeline, evidence, platform } = simulation;
  const { journal } = evidence;
  const pass = startPass(simulation, given);
  const { diskFaults } = journal.totals;
  tell(journal, timeline.now(), () => `pass ${pass.number}: reconcile ${given.argv}`);
  const mortal = makeMortal(pass.number, timeline, {
    crash: given.crash,
    onDeath: (where) => {
      pass.isOver = true;
      tell(journal, timeline.now(), () => `the process dies ${where}`);
    },
  });
  const texts = { out: "", err: "" };
  const output = (name: "out" | "err"): World["stdout"] => ({
    write: (text) => void (texts[name] += text),
    flushed: () => Promise.resolve(true),
    ...{ isTerminal: false, colours: false, columns: 100 },
  });
  const world: World = {
    kinds: builtInKinds,
    openAws,
    openDrivers: () => Promise.resolve(builtInDrivers),
    openStore: () => Promise.reject(new Error("this machine has no shared store")),
    checkStore: () => Promise.reject(new Error("this machine has no shared store")),
    stateRemote: {
      leadsToOrigin: () => Promise.resolve(false),
      askWithoutLogin: () => Promise.resolve(null),
    },
    argv: given.argv.split(" "),
    stdin: { isTerminal: false, readLine: () => Promise.resolve(null) },
    environment: simulation.environment,
    clock: mortal.clock,
    random: { next: () => 0.5, id: () => `run${platform.nextId()}` },
    files: makeDisk({
      ...simulation,
      ...evidence,
      pass,
      mortal,
      weather: given.weather,
      forge: simulation.sabotage.forge ?? null,
    }),
    openSend: () => (simulation.sabotage.resend ?? asItIs)(platform.send(mortal, pass, given.weather)),
    interrupted: given.interrupted,
    stdout: output("out"),
    stderr: output("err"),
    openLog: () => Promise.resolve((level, message) => void (texts.err += `${level}: ${message}\n`)),
    provenance: () => Promise.resolve({ actor: "somebody@somewhere", commit: null, provenance: {} }),
    repository: () => Promise.resolve({ name: "simulation", branch: null, folder: "", hasOrigin: false }),
    workingTree: () => Promise.reject(new Error("there is no Git here")),
    findAncestry: () => Promise.reject(new Error("a simulation has no Git")),
    fetchRevision: () => Promise.reject(new Error("a simulation has no Git")),
    openRevision: () => Promise.reject(new Error("no simulated pass asks for a revision")),
    version: "0.0.0",
    nodeVersion: "20.19.0",
    processes: simulation.processesOf(pass.number),
    service: noService,
  };
  let ended: { readonly status: number } | { readonly error: unknown } | null = null;
  run(world).then(
    (status) => (ended = { status }),
    (error: unknown) => (ended = { error }),
  );
  const isBusy = await timeline.runUntil(() => ended !== null || mortal.isDead());
  pass.isOver = true;
  // What a failed sync left in the file is there to be read, as long as the power stays.
  if (journal.totals.diskFaults > diskFaults) evidence.trail.reread();
  journal.totals.passes += 1;
  if (mortal.isDead()) {
    journal.totals.crashes += 1;
    return { pass, shown: null, isCrashed: true };
  }
  return { pass, shown: judge(pass, { ended, isBusy, ...texts }, simulation), isCrashed: false };
}

function startPass({ evidence, timeline }: Simulation, given: Given): Pass {
  const { journal, trail } = evidence;
  const { argv, adopt, only, isInvalid, refused, interrupted } = given;
  const pass: Pass = {
    number: journal.passes.length + 1,
    ...{ argv, adopt, only, isInvalid, refused, interrupted, trailSeq: trail.records().length },
    startedAtMs: timeline.now(),
    isOver: false,
    ...{
      requests: 0,
      tokenRequests: 0,
      listRequests: new Map(),
      disturbances: 0,
      diskFaults: 0,
      reads: new Map(),
      wholeReads: new Map(),
      listedAt: new Map(),
      askedAt: new Map(),
      looks: [],
      halfLooks: new Map(),
      confirmations: [],
    },
  };
  journal.passes.push(pass);
  return pass;
}

function judge(
  pass: Pass,
  given: { readonly ended: unknown; readonly isBusy: boolean; readonly out: string; readonly err: string },
  { evidence, timeline }: Simulation,
): Shown | null {
  const { out, err, isBusy } = given;
  const ended = given.ended as { readonly status?: number; readonly error?: unknown } | null;
  if (!isBusy || ended?.status === undefined) {
    const how = isBusy ? `it throws ${String(ended?.error)}` : "it waits for nothing";
    violate(evidence, "endsProperly", how);
    return null;
  }
  tell(
    evidence.journal,
    timeline.now(),
    () => `pass ${pass.number} ends with status ${String(ended.status)}${shownErrors(out)}`,
  );
  return checkPass(pass, { status: ended.status, out, err, endedAtMs: timeline.now() }, evidence);
}

function shownErrors(out: string): string {
  const { diagnostics } = JSON.parse(out) as Shown;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return errors.map(({ message }) => `\n                error: ${message}`).join("");
}

function describe({ name, mode, state, endpointUrl, pool, eventTypes }: Group): string {
  const endpoints = pool.map(({ url, weight }) => (weight === 1 ? url : `${url} × ${weight}`));
  return `${name}: ${mode}, ${state}, ${eventTypes.length} event types, ${endpointUrl}, pool ${endpoints.join(" ")}`;
}
