// Two machines apply the same manifests at the same time. Each has its own disk, and so its own lock and trail; the platform
// is one, and keeps nothing unique but webhooks. A seed gives one round: what both send overlaps as its dice fall.
import { openAws } from "../../src/aws/open-aws.ts";
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import "../../src/cli/commands/pass.ts";
import { run } from "../../src/cli/run.ts";
import type { World } from "../../src/app/world.ts";
import { isDone } from "../../src/model/plan.ts";
import type { ReportedResult } from "../../src/model/result.ts";
import type { HttpRequest, HttpResponse, Send } from "../../src/model/http.ts";
import { handle } from "../../src/sandbox/handle.ts";
import { makeState, type SandboxState } from "../../src/sandbox/state.ts";
import { makeMemoryFiles, type MemoryFiles } from "../support/memory-files.ts";
import { noService, trailOf } from "../support/world.ts";
import { makeDice, type Dice } from "./dice.ts";
import { makeMortal } from "./mortal.ts";
import { credentials } from "./platform.ts";
import { kindsOf, type Resource, type ResourcesName, type SimulatedKind } from "./resources.ts";
import { changeGroups, makeGroups, manifestText, owner, type Group } from "./scenario.ts";
import { makeTimeline, type Timeline } from "./timeline.ts";

/** What came of one round. */
export interface Round {
  readonly seed: number;
  /** Event types that were delivered before and are wanted after, and were delivered by nothing at a moment in between. */
  readonly gaps: readonly string[];
  /** Endpoints, or event types of a workflow, that more than one resource served after both passes. */
  readonly duplicates: readonly string[];
  /** Records of a success whose resource this machine sent no request that the platform carried out. */
  readonly claims: readonly string[];
  /** What is wrong after the next pass of either machine: a surplus, a missing event type, or work left. */
  readonly unsettled: readonly string[];
  readonly story: readonly string[];
}

interface Machine {
  readonly name: string;
  readonly files: MemoryFiles;
  /** The resources of which the platform carried out a write of this machine. */
  readonly carriedOut: Set<string>;
  /** The results of its passes, as JSON. */
  readonly results: string[];
}

interface Town {
  readonly dice: Dice;
  readonly timeline: Timeline;
  readonly state: SandboxState;
  readonly kind: SimulatedKind;
  readonly machines: readonly [Machine, Machine];
  readonly nextId: () => string;
  readonly story: string[];
  groups: readonly Group[];
  /** Called after each request that the platform handled. */
  onChange: () => void;
}

/** The same round for the same seed, always. */
export async function playTwoMachines(seed: number, resources: ResourcesName): Promise<Round> {
  const town = makeTown(seed, resources);
  const { dice, machines } = town;
  const isFirst = dice.chance(0.25);
  if (!isFirst) {
    await playPasses(town, [dice.pick(machines)]);
    meddle(town);
    if (dice.chance(0.8)) town.groups = enabled(changeGroups(kindsOf(resources), town.groups, dice).groups);
    writeManifests(town);
  }
  const watch = watchGaps(town);
  const from = machines.map(({ files, carriedOut, results }) => {
    carriedOut.clear();
    results.length = 0;
    return trailOf(files).length;
  });
  await playPasses(town, machines);
  const duplicates = findDuplicates(town);
  // What both made twice, both clear away at once.
  if (dice.chance(0.5)) await playPasses(town, machines);
  const claims = machines.flatMap((machine, index) => findClaims(machine, from[index] ?? 0));
  await town.timeline.advance(120_000);
  const next = dice.pick(machines);
  await playPasses(town, [next]);
  const unsettled = [...findDuplicates(town), ...findMissing(town)];
  const requests = town.story.length;
  await playPasses(town, [next]);
  const late = town.story.slice(requests).filter((line) => / (POST|PUT|PATCH|DELETE) \/api/.test(line));
  return {
    ...{ seed, duplicates, claims, gaps: [...watch.gaps], story: town.story },
    unsettled: [...unsettled, ...late.map((line) => `work left: ${line}`)],
  };
}

function makeTown(seed: number, resources: ResourcesName): Town {
  const kinds = kindsOf(resources);
  const dice = makeDice(seed);
  let ids = 0;
  const town: Town = {
    ...{ dice, timeline: makeTimeline(), state: makeState(), kind: kinds.all[0], story: [] },
    nextId: () => `id${String((ids += 1)).padStart(14, "0")}`,
    machines: [makeMachine("one"), makeMachine("two")],
    groups: enabled(makeGroups(kinds, dice)),
    onChange: () => undefined,
  };
  writeManifests(town);
  return town;
}

function makeMachine(name: string): Machine {
  const config = `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: ${owner}\n`;
  return { name, files: makeMemoryFiles({ "reconcile.yaml": config }), carriedOut: new Set(), results: [] };
}

/** A disabled group delivers nothing, so its rounds would show neither a gap nor a duplicate. */
function enabled(groups: readonly Group[]): readonly Group[] {
  return groups.map((group) => ({ ...group, state: "enabled" }));
}

function writeManifests({ machines, groups }: Town): void {
  for (const { files } of machines) {
    for (const path of files.paths()) if (path.startsWith("/subscriptions/")) files.take(path);
    for (const group of groups) files.set(`subscriptions/${group.name}.yaml`, manifestText(group));
  }
}

/** Sometimes somebody switches a resource off or deletes it, so that both machines heal the same drift. */
function meddle({ dice, state, kind, timeline }: Town): void {
  const all = [...allOf({ state, kind, timeline })];
  if (all.length === 0 || !dice.chance(0.3)) return;
  const one = dice.pick(all);
  if (dice.chance(0.5)) kind.remove(state, one.id);
  else kind.put(state, { ...one, intended: "disabled", state: "disabled" }, timeline.now());
}

async function playPasses(town: Town, machines: readonly Machine[]): Promise<void> {
  let left = machines.length;
  for (const machine of machines) {
    town.timeline.at(town.dice.between(0, 400), () => {
      const end = (how: string): void => {
        left -= 1;
        town.story.push(`${machine.name} ends: ${how}`);
      };
      run(makeMachineWorld(machine, town)).then(
        (status) => {
          end(`status ${status}`);
        },
        (error: unknown) => {
          end(String(error));
        },
      );
    });
  }
  await town.timeline.runUntil(() => left === 0);
}

let processes = 0;

function makeMachineWorld(machine: Machine, town: Town): World {
  const { timeline, story } = town;
  const { clock } = makeMortal((processes += 1), timeline, { crash: null, onDeath: () => undefined });
  const output: World["stdout"] = {
    write: () => undefined,
    flushed: () => Promise.resolve(true),
    ...{ isTerminal: false, colours: false, columns: 100 },
  };
  const none = (what: string) => () => Promise.reject(new Error(`these machines have no ${what}`));
  return {
    stdin: { isTerminal: false, readLine: () => Promise.resolve(null) },
    ...{ kinds: builtInKinds, openDrivers: () => Promise.resolve(builtInDrivers), clock },
    openStore: none("shared store"),
    checkStore: none("shared store"),
    openAws,
    stateRemote: {
      leadsToOrigin: () => Promise.resolve(false),
      askWithoutLogin: () => Promise.resolve(null),
    },
    argv: ["sync", "--output", "json"],
    environment: {
      GENESYS_CLIENT_ID: credentials.clientId,
      GENESYS_CLIENT_SECRET: credentials.clientSecret,
    },
    random: { next: () => town.dice.next(), id: () => `run${town.nextId()}` },
    files: machine.files,
    openSend: () => sendFrom(machine, town),
    ...{ interrupted: new AbortController().signal, stderr: output },
    stdout: { ...output, write: (text) => void machine.results.push(text) },
    openLog: () =>
      Promise.resolve((_level, message) => void story.push(`${machine.name} logs: ${message}`)),
    provenance: () => Promise.resolve({ actor: machine.name, commit: null, provenance: {} }),
    repository: () => Promise.resolve({ name: "two-machines", branch: null, folder: "", hasOrigin: false }),
    ...{
      workingTree: none("Git"),
      fetchRevision: none("Git"),
      findAncestry: none("Git"),
      openRevision: none("Git"),
    },
    ...{ version: "0.0.0", nodeVersion: "20.19.0", service: noService },
    processes: { pid: 1, host: machine.name, machine: machine.name, isAlive: (pid) => pid === 1 },
  };
}

/** Requests overtake each other, and none is lost: two correct passes are enough for what is looked for here. */
function sendFrom(machine: Machine, town: Town): Send {
  const { dice, timeline, story } = town;
  return (request) =>
    new Promise((resolve) => {
      timeline.at(dice.between(5, 200), () => {
        const response = answer(request, machine, town);
        const { pathname } = new URL(request.url);
        story.push(`${timeline.now()} ${machine.name}: ${request.method} ${pathname} → ${response.status}`);
        timeline.at(dice.between(5, 200), () => {
          resolve(response);
        });
      });
    });
}

function answer(request: HttpRequest, { carriedOut }: Machine, town: Town): HttpResponse {
  const { state, kind, timeline, nextId } = town;
  const before = new Set(kind.stored(state).keys());
  const { response } = handle(state, request, {
    ...{ nowMs: timeline.now(), random: { id: nextId }, credentials },
    quirks: { takesAnyTopic: true },
  });
  const { pathname } = new URL(request.url);
  const isWrite = request.method !== "GET" && pathname.startsWith(kind.path);
  if (isWrite && response.status < 300) {
    const made = [...kind.stored(state).keys()].find((id) => !before.has(id));
    const id = made ?? pathname.slice(kind.path.length + 1).split("/")[0] ?? "";
    carriedOut.add(id);
  }
  town.onChange();
  return response;
}

function allOf({ state, kind, timeline }: Pick<Town, "state" | "kind" | "timeline">): Resource[] {
  return [...kind.stored(state).keys()].flatMap((id) => kind.look(state, id, timeline.now()) ?? []);
}

/** The event types that are delivered now, each with its group. */
function delivered(town: Town): ReadonlySet<string> {
  const on = allOf(town).filter(({ state }) => state === "enabled");
  return new Set(on.flatMap((one) => one.eventTypes.map((eventType) => `${groupIn(one)} ${eventType}`)));
}

function groupIn({ description }: Resource): string {
  return /^Consumer group: ([^ ]+)/.exec(description)?.[1] ?? "";
}

function wantedBy({ groups }: Town): readonly string[] {
  return groups.flatMap(({ name, eventTypes }) => eventTypes.map((eventType) => `${name} ${eventType}`));
}

function watchGaps(town: Town): { readonly gaps: ReadonlySet<string> } {
  const before = delivered(town);
  const staying = wantedBy(town).filter((one) => before.has(one));
  const gaps = new Set<string>();
  town.onChange = () => {
    const now = delivered(town);
    for (const one of staying) if (!now.has(one)) gaps.add(one);
  };
  return { gaps };
}

function findMissing(town: Town): string[] {
  const now = delivered(town);
  return wantedBy(town)
    .filter((one) => !now.has(one))
    .map((one) => `missing: ${one}`);
}

function findDuplicates(town: Town): string[] {
  const { kind, groups } = town;
  const known = new Set(groups.map(({ name }) => name));
  const served = allOf(town)
    .filter((one) => known.has(groupIn(one)))
    .map((one) => [groupIn(one), one.endpoint, ...(kind.isOfMany ? [] : one.eventTypes)].join(" "));
  return served.filter((one, index) => served.indexOf(one) !== index).map((one) => `twice: ${one}`);
}

/** In the trail and in the results, which the daemon's figures are made from. */
function findClaims({ name, files, carriedOut, results }: Machine, from: number): string[] {
  const recorded = trailOf(files)
    .slice(from)
    .filter(({ success }) => success === true)
    .map(({ event, webhookId }) => ({ what: event, webhookId }));
  const shown = results
    .flatMap((text) => (JSON.parse(text) as ReportedResult).operations)
    .filter(isDone)
    .map(({ status, webhookId }) => ({ what: status, webhookId }));
  return [...recorded, ...shown]
    .filter(({ webhookId }) => webhookId !== null && !carriedOut.has(webhookId))
    .map(({ what, webhookId }) => `${name}: ${what} ${webhookId ?? ""}`);
}
