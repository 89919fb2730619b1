// Compares strategies of spreading event types over endpoints, on the same random histories of one group.
// `npm run compare` prints a table for docs/rebalancing.md; `npm run compare -- 20` takes so many histories.
import { createHash } from "node:crypto";
import { createJiti } from "jiti";

const seed = 20_260_101;
const histories = Number(process.argv[2] ?? 1000);
const changes = 30;
const cap = 15;
const { import: load } = createJiti(import.meta.url);
const { makePlan } = await load("../src/plan/make-plan.ts");
const { liveAfter, makeGroup, planOptions } = await load("./planned.ts");

function main() {
  const strategies = [
    ["modulo", byPosition],
    ["rendezvous hashing", byRendezvous],
    ["consistent hashing with bounded loads", byBoundedRing],
    ["reconcile", null],
  ];
  console.log("| strategy | moves | gaps | API writes | over the limit | imbalance |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const [name, assign] of strategies) {
    const { moves, gaps, writes, overLimit, imbalance } = measure(
      assign ? planBy(assign) : planByReconcile,
    );
    const mean = (imbalance / (histories * changes)).toFixed(2);
    console.log(`| ${name} | ${moves} | ${gaps} | ${writes} | ${overLimit} | ${mean} |`);
  }
  console.log(`\n${histories} histories of ${changes} changes, seed ${seed}`);
}

/**
 * `plan` takes the live state (a map from endpoint to event types) and the wanted one, and returns the writes in
 * order.
 */
function measure(plan) {
  const total = { moves: 0, gaps: 0, writes: 0, overLimit: 0, imbalance: 0 };
  const random = makeRandom(seed);
  for (let history = 0; history < histories; history += 1) {
    startHistory(history);
    let wanted = firstWanted(random);
    let live = applyWrites(new Map(), plan(new Map(), wanted)).live;
    for (let change = 0; change < changes; change += 1) {
      wanted = nextWanted(wanted, random);
      const writes = plan(live, wanted);
      const applied = applyWrites(live, writes, new Set(wanted.eventTypes));
      total.moves += countMoves(live, applied.live);
      total.gaps += applied.gaps;
      total.writes += writes.length;
      const counts = wanted.endpoints.map((endpoint) => applied.live.get(endpoint)?.size ?? 0);
      total.overLimit += counts.filter((count) => count > cap).length;
      total.imbalance += Math.max(...counts) - Math.min(...counts);
      live = applied.live;
    }
  }
  return total;
}

/** A write re-points if `from` and `to` are different endpoints; it deletes if `to` is null. */
function applyWrites(before, writes, wanted = new Set()) {
  const live = new Map(before);
  const had = new Set([...before.values()].flatMap((eventTypes) => [...eventTypes]));
  const kept = [...had].filter((eventType) => wanted.has(eventType));
  const missed = new Set();
  for (const { from, to, eventTypes } of writes) {
    if (from !== null) live.delete(from);
    if (to !== null) live.set(to, new Set(eventTypes));
    const now = new Set([...live.values()].flatMap((delivered) => [...delivered]));
    for (const eventType of kept) if (!now.has(eventType)) missed.add(eventType);
  }
  return { live, gaps: missed.size };
}

function countMoves(before, after) {
  const homes = new Map(
    [...before].flatMap(([endpoint, types]) => [...types].map((type) => [type, endpoint])),
  );
  let moves = 0;
  for (const [endpoint, types] of after) {
    for (const type of types) if (homes.has(type) && homes.get(type) !== endpoint) moves += 1;
  }
  return moves;
}

// Histories

function firstWanted(random) {
  const endpoints = Array.from({ length: 3 + random(6) }, (_, index) => endpointOf(index));
  const most = Math.min(90, endpoints.length * cap);
  const eventTypes = Array.from({ length: cap + random(most - cap + 1) }, (_, index) => typeOf(index));
  return { endpoints, eventTypes, next: 1000 };
}

/** One step adds, removes or replaces an endpoint, or adds or removes event types anywhere in the list. */
function nextWanted(wanted, random) {
  const endpoints = [...wanted.endpoints];
  const eventTypes = [...wanted.eventTypes];
  let { next } = wanted;
  const add = () => eventTypes.splice(random(eventTypes.length + 1), 0, typeOf((next += 1)));
  const remove = () => eventTypes.splice(random(eventTypes.length), 1);
  const change = random(7);
  if (change === 0) endpoints.push(endpointOf((next += 1)));
  if (change === 1) endpoints.splice(random(endpoints.length), 1);
  if (change === 2) endpoints[random(endpoints.length)] = endpointOf((next += 1));
  if (change === 3) add();
  if (change === 4) remove();
  if (change === 5) for (let count = random(4); count >= 0; count -= 1) add();
  if (change === 6) for (let count = random(4); count >= 0; count -= 1) remove();
  const fits = eventTypes.length <= Math.min(90, endpoints.length * cap) && eventTypes.length >= cap;
  const isAllowed = fits && endpoints.length >= 3 && endpoints.length <= 8;
  return isAllowed ? { endpoints, eventTypes, next } : nextWanted(wanted, random);
}

/** Each history has names of its own, so that hashing does not give the same result a thousand times. */
let salt = 0;
const endpointOf = (index) => `https://events.example.com/${salt}/${index}`;
const typeOf = (index) => `queue${salt}.event${index}`;

function startHistory(history) {
  salt = history;
  rings.clear();
  hashes.clear();
}

/** Draws whole numbers below a bound with a small generator (mulberry32), the same ones in every run. */
function makeRandom(start) {
  let state = start;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

// Strategies: each one assigns an endpoint to every wanted event type. Writes follow the order of the pool, with
// removed endpoints last.

function planBy(assign) {
  return (live, wanted) => {
    const after = new Map(wanted.endpoints.map((endpoint) => [endpoint, []]));
    for (const [eventType, endpoint] of assign(wanted)) after.get(endpoint).push(eventType);
    const kept = [...after].flatMap(([to, eventTypes]) => {
      const had = live.get(to);
      const isSame = had?.size === eventTypes.length && eventTypes.every((eventType) => had.has(eventType));
      if (isSame || (!had && eventTypes.length === 0)) return [];
      return [{ from: had ? to : null, to: eventTypes.length === 0 ? null : to, eventTypes }];
    });
    const left = [...live.keys()].filter((endpoint) => !after.has(endpoint));
    return [...kept, ...left.map((from) => ({ from, to: null, eventTypes: [] }))];
  };
}

function byPosition({ endpoints, eventTypes }) {
  return eventTypes.map((eventType, index) => [eventType, endpoints[index % endpoints.length]]);
}

function byRendezvous({ endpoints, eventTypes }) {
  return eventTypes.map((eventType) => {
    const weights = endpoints.map((endpoint) => hash(`${endpoint}\n${eventType}`));
    return [eventType, endpoints[weights.indexOf(Math.max(...weights))]];
  });
}

/**
 * Consistent hashing with 100 points an endpoint; an endpoint at 1.25 times the mean, or at the cap, passes on to the
 * next.
 */
function byBoundedRing({ endpoints, eventTypes }) {
  const points = endpoints.flatMap((endpoint) => pointsOf(endpoint));
  points.sort((a, b) => a.at - b.at);
  const bound = Math.min(cap, Math.ceil((1.25 * eventTypes.length) / endpoints.length));
  const load = new Map();
  return eventTypes.map((eventType) => {
    const at = hash(eventType);
    const start = points.findIndex((point) => point.at >= at);
    for (let step = Math.max(start, 0); ; step += 1) {
      const { endpoint } = points[step % points.length];
      if ((load.get(endpoint) ?? 0) >= bound) continue;
      load.set(endpoint, (load.get(endpoint) ?? 0) + 1);
      return [eventType, endpoint];
    }
  });
}

const rings = new Map();
function pointsOf(endpoint) {
  if (!rings.has(endpoint)) {
    const points = Array.from({ length: 100 }, (_, index) => ({
      at: hash(`${endpoint}#${index}`),
      endpoint,
    }));
    rings.set(endpoint, points);
  }
  return rings.get(endpoint);
}

const hashes = new Map();
function hash(text) {
  if (!hashes.has(text)) hashes.set(text, createHash("sha256").update(text).digest().readUIntBE(0, 6));
  return hashes.get(text);
}

// This engine

function planByReconcile(live, { endpoints, eventTypes }) {
  const webhooks = [...live].flatMap(([endpoint, held]) =>
    liveAfter(makePlan([makeGroup("group", [endpoint], [...held])], [], planOptions), () => endpoint),
  );
  const plan = makePlan([makeGroup("group", endpoints, eventTypes)], webhooks, planOptions);
  return plan.operations.map(({ webhookId, after }) => ({
    from: webhookId,
    to: after?.endpoint ?? null,
    eventTypes: after?.eventTypes ?? [],
  }));
}

main();
