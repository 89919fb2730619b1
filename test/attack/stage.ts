// An organisation with something of everything: groups whose next pass creates, updates, moves and deletes, beside
// resources of other owners and of nobody.
import { genesysTopics } from "../../src/model/genesys-topics.ts";
import type { SandboxState } from "../../src/sandbox/state.ts";
import { makeFakeClock, type FakeClock } from "../support/fake-clock.ts";
import { kinds, storedIn, type TestKind } from "../support/kinds.ts";
import type { Stored } from "../support/stored.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";
import { manifest, runWorld, type TestWorld } from "../support/world.ts";
import type { Extent, Row } from "./family.ts";

/** The command of every pass, with the flags with which it does all that a pass can. */
export const pass = "sync --prune --allow-deletes --output json --concurrency 1";

const [a = "", b = "", c = "", d = "", e = ""] = genesysTopics;
/** Two pages of every kind's list, and a third of most. */
const crowd = 205;

export interface Stage {
  readonly kind: TestKind;
  /** Copied before each attack. */
  readonly world: TestWorld;
  /** All that is live once an honest pass has ended. */
  readonly expected: ReturnType<typeof storedIn>;
}

const stages = new Map<string, Promise<Stage>>();

interface StageOptions {
  /** With a key, the trail is signed. */
  readonly environment?: TestWorld["environment"];
  /** Whether there are so many strangers that a list has several pages. */
  readonly isCrowded?: boolean;
}

/** The same stage each time: an attack gets a copy. */
export function stageOf(kind: TestKind, options: StageOptions = {}): Promise<Stage> {
  const name = `${kind.scheme} ${JSON.stringify(options)}`;
  const made = stages.get(name) ?? makeStage(kind, options);
  stages.set(name, made);
  return made;
}

/** Whether another owner or nobody owns a resource of the stage. */
export function isStranger(id: string): boolean {
  return /^(s1|of-)/.test(id);
}

export const manifestPath = (group: string): string => `subscriptions/${group}.yaml`;

/** The groups' event types, by the group. */
export const wanted: Readonly<Record<string, readonly string[]>> = {
  alpha: [a, b, c, d],
  beta: [a, b, e],
  gamma: [a, c],
};

async function makeStage(kind: TestKind, { environment, isCrowded }: StageOptions): Promise<Stage> {
  const pool = (...numbers: readonly number[]) => numbers.map((number) => kind.url(number));
  const files = {
    [manifestPath("alpha")]: manifest("alpha", { kind, pool: pool(0, 1), eventTypes: [a, b, c, d] }),
    [manifestPath("beta")]: manifest("beta", { kind, eventTypes: [a, b] }),
    [manifestPath("gone")]: manifest("gone", { kind, eventTypes: [a] }),
  };
  const more = environment ? { environment } : {};
  const { world, status, out } = await runWorld({ argv: pass, files, ...more });
  if (status !== 0) throw new Error(`the stage cannot be made: ${out}`);
  addStrangers(world.state, kind, isCrowded ? crowd : 3);
  world.files.set(
    manifestPath("alpha"),
    manifest("alpha", { kind, pool: pool(1, 2, 3), eventTypes: [a, b, c, d] }),
  );
  world.files.set(manifestPath("beta"), manifest("beta", { kind, eventTypes: [a, b, e] }));
  world.files.set(manifestPath("gamma"), manifest("gamma", { kind, eventTypes: [a, c] }));
  world.files.take(manifestPath("gone"));
  await world.clock.advance(3_600_000);
  const honest = await runWorld({ argv: pass, from: copyOf(world), ...more });
  if (honest.status !== 0) throw new Error(`the stage's honest pass fails: ${honest.out}`);
  return { kind, world, expected: storedIn(honest.world) };
}

/** Another owner's; nobody's, at an endpoint of our kind; and some more. */
function addStrangers(state: SandboxState, kind: TestKind, count: number): void {
  const put = (id: string, group: string, more: { endpoint?: string; marker?: string }): void => {
    const { endpoint = `${kind.endpointOf(group)}-theirs`, marker = "" } = more;
    const description = `Consumer group: ${group}${marker}`;
    kind.put(state, { id, name: `${group} of ${id}`, endpoint, eventTypes: [a], description });
  };
  put("of-others", "theirs", { marker: " | Managed by: reconcile (others)" });
  put("of-nobody", "delta", { endpoint: kind.url(9) });
  for (let number = 0; number < count; number += 1) put(`s${1000 + number}`, `stranger-${number}`, {});
}

/** A world of its own that goes on where this one stands, at the same time or at another. */
export function copyOf(world: TestWorld, more: { readonly startMs?: number } = {}): TestWorld {
  const files = makeMemoryFiles();
  for (const path of world.files.paths()) files.set(path, world.files.text(path), world.files.mode(path));
  const clock: FakeClock = makeFakeClock(more.startMs ?? world.clock.now());
  return { ...world, files, clock, state: structuredClone(world.state), random: randomAfter(world) };
}

/**
 * Ids that no copy has used before, so that a new run is never taken for an earlier one; none begins another one, for a
 * token is looked for in every output.
 */
let runs = 0;
function randomAfter(world: TestWorld): TestWorld["random"] {
  runs += 1;
  const prefix = `r${runs}`;
  let count = 0;
  return { ...world.random, id: () => `${prefix}-${String((count += 1)).padStart(5, "0")}` };
}

/** The kinds that a row is played of: in short one, which its name picks. */
export function kindsOf({ name }: Row, { isLong }: Extent): readonly TestKind[] {
  return isLong ? kinds : kinds.slice(name.length % kinds.length).slice(0, 1);
}

/** The positions among so many calls at which a row is played: all, or in short so many, evenly spread. */
export function positionsOf(calls: number, inShort: number, { isLong }: Extent): readonly number[] {
  const step = isLong ? 1 : Math.max(1, Math.ceil(calls / inShort));
  return Array.from({ length: Math.ceil(calls / step) }, (_, index) => 1 + index * step);
}

/** All resources of every kind, by id. */
export function resourcesIn(state: SandboxState): ReadonlyMap<string, Stored> {
  return new Map(kinds.flatMap((kind) => kind.stored(state)).map((one) => [one.id, one] as const));
}
