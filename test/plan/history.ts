// Generated histories of a group: rounds of changes to its manifest and of edits behind reconcile's back, each round
// followed by a plan, which is handed to a check and then applied.
import fc from "fast-check";
import { makePlan, type PlanOptions } from "../../src/plan/make-plan.ts";
import { poolOf } from "../../src/plan/places.ts";
import { makeKinds } from "../../src/model/kind.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Limits } from "../../src/model/config.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { makeLive, type LiveResource } from "../../src/model/resource.ts";
import type { TestKind } from "../support/kinds.ts";
import { applyPlan, defaults, makeSubscription, typeNames } from "./samples.ts";

export interface Size {
  readonly kind: TestKind;
  readonly endpoints: number;
  readonly types: number;
  /** Each has up to four changes, and at least one where there must be `leastRounds`. */
  readonly rounds: number;
  readonly leastRounds?: number;
}

export interface Round {
  readonly desired: Subscription;
  readonly live: readonly LiveResource[];
  readonly plan: Plan;
  readonly options: PlanOptions;
}

interface State {
  readonly desired: Subscription;
  readonly live: readonly LiveResource[];
}

type Change = (state: State) => State;

export interface History {
  readonly kind: TestKind;
  readonly limits: Limits;
  readonly first: Subscription;
  readonly rounds: readonly (readonly { readonly does: string; readonly change: Change }[])[];
}

export function histories(size: Size): fc.Arbitrary<History> {
  return fc.record({
    kind: fc.constant(size.kind),
    limits: fc.record({
      maxEventTypesPerEndpoint: fc.constantFrom(2, 3, 5, 15),
      maxConcurrentConsumers: fc.constant(size.endpoints),
    }),
    first: fc
      .record({
        endpointUrl: fc.constant(size.kind.url(99)),
        eventTypes: manyTypes(size),
        endpointPool: pools(size),
        rebalanceMode: modes,
      })
      .map((values) => makeSubscription({ ...values, kind: size.kind.kind })),
    rounds: fc.array(fc.array(changes(size), { minLength: size.leastRounds ? 1 : 0, maxLength: 4 }), {
      minLength: size.leastRounds ?? 1,
      maxLength: size.rounds,
      size: "max",
    }),
  });
}

/** Plans and applies round after round; a change to a manifest that validation would refuse is not made. */
export function walk(history: History, check: (round: Round) => void): void {
  const kinds = makeKinds([history.kind.kind]);
  const options = { ...defaults, kinds, adopt: true, explain: true, limits: history.limits };
  let live: readonly LiveResource[] = [];
  let desired = history.first;
  for (const round of [[], ...history.rounds]) {
    const next = round.reduce((state, { change }) => change(state), { desired, live });
    live = next.live;
    if (isValid(next.desired, history.limits)) desired = next.desired;
    if (!isValid(desired, history.limits)) continue;
    const plan = makePlan([desired], live, options);
    check({ desired, live, plan, options });
    live = applyPlan(live, plan, kinds);
  }
}

function isValid(desired: Subscription, limits: Limits): boolean {
  const pool = poolOf(desired, limits);
  const needed = Math.ceil(desired.eventTypes.length / limits.maxEventTypesPerEndpoint);
  return pool.length >= Math.max(needed, 1) && desired.eventTypes.length > 0;
}

const modes = fc.constantFrom("always", "always", "overLimit" as const);

function manyTypes(size: Size): fc.Arbitrary<string[]> {
  return fc.shuffledSubarray(typeNames(size.types), { minLength: 1 });
}

/** One universe of endpoints a little larger than a pool, so that a pool can be replaced; each in two spellings. */
function pools(size: Size): fc.Arbitrary<Subscription["endpointPool"]> {
  const numbers = Array.from({ length: size.endpoints + 2 }, (_, index) => index);
  return fc.shuffledSubarray(numbers, { minLength: 1, maxLength: size.endpoints }).chain((chosen) =>
    fc.tuple(
      ...chosen.map((number) =>
        fc.record({
          url: fc.constantFrom(size.kind.url(number), size.kind.otherSpelling(number)),
          weight: weights,
        }),
      ),
    ),
  );
}

const weights = fc.constantFrom(1, 1, 1, 1, 2, 3, 7);

function changes(size: Size): fc.Arbitrary<{ readonly does: string; readonly change: Change }> {
  return fc.oneof(manifestChanges(size), outOfBandEdits(size));
}

function manifestChanges(size: Size) {
  const ttls = fc.constantFrom(null, 60, 120);
  const intervals = fc.constantFrom("PT1M", "PT60S", "PT30S");
  return fc.oneof(
    pools(size).map((endpointPool) => manifest("replace the pool", { endpointPool })),
    fc.nat().map((seed) => ({ does: "grow, shrink or turn the pool", change: turnPool(seed, size) })),
    manyTypes(size).map((eventTypes) => manifest("replace the event types", { eventTypes })),
    fc.constantFrom(...typeNames(size.types)).map((type) => ({
      does: `add or remove ${type}`,
      change: toggleType(type),
    })),
    modes.map((rebalanceMode) => manifest("switch the mode", { rebalanceMode })),
    fc
      .constantFrom("enabled", "enabled", "disabled" as const)
      .map((state) => manifest("set the state", { state })),
    ttls.map((eventTTLSeconds) =>
      manifest("set the trigger", {
        trigger: { matchCriteria: [], eventTTLSeconds, delayBySeconds: null },
      }),
    ),
    intervals.map((retryInterval) =>
      manifest("set the retry policy", {
        retryPolicy: { retryCount: 3, retryInterval, retryOnTimeout: true },
      }),
    ),
  );
}

function manifest(does: string, values: Partial<Subscription>): { does: string; change: Change } {
  const change: Change = ({ desired, live }) => ({ desired: { ...desired, ...values }, live });
  return { does: `${does}: ${JSON.stringify(values)}`, change };
}

function turnPool(seed: number, size: Size): Change {
  return ({ desired, live }) => {
    const pool = desired.endpointPool;
    const known = new Set(pool.map(({ url }) => url.toLowerCase().replace(":443", "")));
    const fresh = Array.from({ length: size.endpoints + 2 }, (_, number) => size.kind.url(number)).find(
      (url) => !known.has(url),
    );
    const grown = fresh !== undefined && pool.length < size.endpoints ? [{ url: fresh, weight: 1 }] : [];
    const at = seed % Math.max(pool.length, 1);
    const turned = [
      [...pool, ...grown],
      pool.length > 1 ? pool.toSpliced(at, 1) : pool,
      [...pool.slice(at), ...pool.slice(0, at)],
    ];
    return { desired: { ...desired, endpointPool: turned[seed % 3] ?? pool }, live };
  };
}

function toggleType(type: string): Change {
  return ({ desired, live }) => {
    const without = desired.eventTypes.filter((eventType) => eventType !== type);
    const had = without.length < desired.eventTypes.length;
    return { desired: { ...desired, eventTypes: had ? without : [type, ...without] }, live };
  };
}

type Edits = fc.Arbitrary<{ does: string; edit: (webhook: LiveResource) => LiveResource[] }>[];

/** `which` picks a live webhook; nothing happens where there is none. */
function outOfBandEdits(size: Size) {
  const { kind } = size;
  const types = fc.constantFrom(...typeNames(size.types), "t.unknown");
  // The topic of a trigger is fixed once it is set.
  const ofMany: Edits = [
    types.map((type) => ({
      does: `add ${type}`,
      edit: (hook) => [{ ...hook, eventTypes: [...new Set([...hook.eventTypes, type])] }],
    })),
    types.map((type) => ({
      does: `drop ${type}`,
      // The platform refuses a webhook without event types.
      edit: (hook) => {
        const eventTypes = hook.eventTypes.filter((other) => other !== type);
        return [eventTypes.length === 0 ? hook : { ...hook, eventTypes }];
      },
    })),
  ];
  // The event source of an integration is fixed once it is set.
  const ofMovable: Edits = [
    fc.integer({ min: 0, max: size.endpoints + 1 }).map((number) => ({
      does: `point at p${number}`,
      edit: (hook) => [{ ...hook, endpoint: kind.url(number) }],
    })),
  ];
  const edits: Edits = [
    ...(kind.granularity === "eventType" ? [] : ofMany),
    ...(kind.isMovable ? ofMovable : []),
    fc.constant({ does: "delete", edit: () => [] }),
    fc.tuple(types, fc.constantFrom("enabled", "disabled")).map(([type, state]) => ({
      does: `copy with ${type}, ${state}`,
      edit: (hook) => {
        const name = `${hook.name}-copy`;
        const id = kind.names ? name : `${hook.id}-copy-${type}`;
        return [hook, { ...hook, id, name, state, eventTypes: [type] }];
      },
    })),
    fc.constant({
      does: "copy whole",
      edit: (hook) => {
        const name = `again-${hook.name}`;
        return [hook, { ...hook, id: kind.names ? name : `${hook.id}-again`, name }];
      },
    }),
    fc.constant({
      does: "break the retry policy",
      edit: (hook) => [{ ...hook, retryPolicy: null }],
    }),
    // An integration may be on its way, or in trouble.
    ...(kind.isMadeInSteps
      ? [
          fc.constantFrom("activating", "error").map((state) => ({
            does: `is ${state}`,
            edit: (hook: LiveResource) => [{ ...hook, state }],
          })),
        ]
      : []),
    fc.constant({ does: "disable", edit: (hook) => [{ ...hook, state: "disabled" }] }),
    // It would hold the group back.
    ...(kind.isNeverAdopted
      ? []
      : [
          fc.constant({
            does: "remove the marker",
            edit: (hook: LiveResource) => [
              { ...hook, description: hook.description.split(" | ")[0] ?? "" },
            ],
          }),
        ]),
  ];
  return fc.tuple(fc.nat({ max: 20 }), fc.oneof(...edits)).map(([which, { does, edit }]) => ({
    does: `by hand, on webhook ${which}: ${does}`,
    change: ({ desired, live }: State): State => {
      const at = which % Math.max(live.length, 1);
      const edited = live.flatMap((hook, index) =>
        // Read again: whether it delivers, and whose it is, follow from its fields.
        index === at ? edit(hook).map((made) => makeLive(made.kind, made)) : [hook],
      );
      const ids = new Set(edited.map(({ id }) => id));
      return { desired, live: ids.size === edited.length ? edited : live };
    },
  }));
}
