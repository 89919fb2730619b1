// Groups of each of the three resources: their manifests, commands about them, and what has to be true afterwards.
import { expect } from "vitest";
import { settlingMs } from "../../../src/sandbox/integrations.ts";
import { kinds as everyKind, wholeOf, type TestKind } from "../../support/kinds.ts";
import { seeWorld } from "../../support/see.ts";
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  trailPath,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../../support/world.ts";

const everyTopic = ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"];
/** The three kinds with the same, published topics each, so that a group can go over from one kind to another. */
export const kinds: readonly TestKind[] = everyKind.map((kind) => ({ ...kind, eventTypes: everyTopic }));
export const [webhooks, integrations, triggers] = kinds as [TestKind, TestKind, TestKind];
export const eventTypes: readonly string[] = everyTopic;
export const login = "POST /oauth/token";
export const listOf = ({ path }: TestKind): string => `GET ${path}`;
/** Each kind with each other one. */
export const pairs = kinds.flatMap((from) => kinds.filter((to) => to !== from).map((to) => ({ from, to })));

type More = Omit<NonNullable<Parameters<typeof manifest>[1]>, "kind">;

/** Manifests of these groups, each in a file of its name. */
export function filesOf(
  kind: TestKind,
  groups: readonly string[],
  more: More = {},
): Record<string, string> {
  const texts = groups.map((group) => manifest(group, { kind, eventTypes, ...more }));
  return Object.fromEntries(groups.map((group, at) => [fileOf(group), texts[at] ?? ""]));
}

export const fileOf = (group: string): string => `subscriptions/${group}.yaml`;

export function set({ files }: TestWorld, texts: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(texts)) files.set(path, text);
}

export function start(files: Readonly<Record<string, string>>): TestWorld {
  return makeWorld({ argv: "", files });
}

/** A world in which a sync has just made all of it. */
export async function synced(files: Readonly<Record<string, string>>): Promise<TestWorld> {
  const world = start(files);
  expect((await go(world, "")).status).toBe(0);
  return world;
}

export async function go(from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) {
  const { status, out, err, world } = await runWorld({ argv, from, ...more });
  return { status, out, err, world, last: out.trimEnd().split("\n").at(-1) ?? "" };
}

/** The same as JSON. */
export const see = (from: TestWorld, argv: string, more: Partial<WorldOptions> = {}) =>
  seeWorld({ argv, from, ...more });

/** How many resources a group has. */
export const sizeOf = ({ granularity }: TestKind) => (granularity === "endpoint" ? 1 : eventTypes.length);
export const times = <T>(number: number, value: T): T[] => Array.from({ length: number }, () => value);
/** The methods of so many of them, one after the other. */
export const stepsOf = (kind: TestKind, action: keyof TestKind["steps"]) =>
  times(sizeOf(kind), kind.steps[action]).flat();

/** Puts a group on the platform as somebody else would. */
export function putGroup(
  kind: TestKind,
  { state }: TestWorld,
  group: string,
  description: string,
): string[] {
  return wholeOf(kind, group).map((one, at) => {
    const id = `by-hand-${at}`;
    kind.put(state, { ...one, id, name: `${group}-by-hand-${at}`, description });
    return id;
  });
}

/** An integration delivers once it is active, and not when somebody has asked for it. */
function deliveredIn({ state, clock }: TestWorld, group: string): ReadonlySet<string> {
  const isActive = (id: string): boolean => {
    const integration = state.integrations.get(id);
    return !integration || clock.now() >= integration.intendedAtMs + settlingMs;
  };
  const all = kinds.flatMap((kind) => kind.stored(state));
  return new Set(
    all
      .filter(({ description }) => description.startsWith(`Consumer group: ${group} |`))
      .filter(({ id, state: now }) => now === "enabled" && isActive(id))
      .flatMap((one) => one.eventTypes),
  );
}

/** Notes after each request which event types of the groups are delivered by none of them any more. */
export function watch(
  world: TestWorld,
  ...groups: readonly string[]
): { intercept: Intercept; lost: string[] } {
  const all = () => groups.flatMap((group) => [...deliveredIn(world, group)]);
  const before = all();
  const lost: string[] = [];
  const intercept: Intercept = (request, forward) => {
    const response = forward();
    const now = all();
    const gone = before.filter((type) => !now.includes(type));
    lost.push(...gone.map((type) => `${type} after ${request.method} ${request.url}`));
    return response;
  };
  return { intercept, lost };
}

/** Git says what is live: nothing to do, nothing in the way. */
export async function expectNothingToDo(world: TestWorld, flags = ""): Promise<void> {
  const { became, codes, status, result } = await see(world, `plan ${flags} --detailed-exitcode`);
  expect([became, codes, status, result.drift, result.orphans]).toEqual([[], [], 0, [], []]);
}

/** The platform's answer to whatever is asked of this kind. */
export function refusing({ path }: TestKind, status: number): Intercept {
  return (request, forward) => (request.url.includes(path) ? answer(status, { message: "no" }) : forward());
}

export async function expectSoundTrail(world: TestWorld): Promise<void> {
  const { status, out } = await go(world, "audit verify");
  expect([status, out.split("\n")[0]]).toEqual([
    0,
    `${trailPath}: ${trailOf(world.files).length} records, unbroken, none signed`,
  ]);
}

/** A group over one endpoint that is to be split over two. */
export async function growing(kind: TestKind): Promise<TestWorld> {
  const [one, two] = [kind.url(0), kind.url(1)];
  const of = (pool: readonly string[]) => {
    const text = manifest("alpha", { kind, eventTypes, pool });
    return { [fileOf("alpha")]: text.replace(kind.endpointOf("alpha"), one) };
  };
  const world = await synced(of([one]));
  set(world, of([one, two]));
  return world;
}
