// What every shared store promises: one suite, which runs over each of them.
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type {
  SharedStore,
  StateKey,
  StoredRecord,
  TakenLease,
  TakeOptions,
} from "../../src/state/shared-store.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** One place of state, and the time that passes there. */
export interface StoreWorld {
  /** The clock that every opened store is made with. */
  readonly clock: FakeClock;
  /** Opens the store as one more machine does. */
  readonly open: () => Promise<SharedStore>;
  /** Lets time pass, for the machines and for the store itself. */
  readonly pass: (deltaMs: number) => Promise<void>;
  /** Ends the place, with every store that is still open. */
  readonly close: () => Promise<void>;
}

export const stateKey: StateKey = {
  organization: "0a1b2c3d-aaaa-bbbb-cccc-000000000001",
  owner: "default",
};

export const nothingYet = { seq: 0, hash: "0".repeat(64) };

/** The line holds its number and hash, as a trail's does; `text` makes both differ. */
export function makeRecord(seq: number, text = "text"): StoredRecord {
  const hash = createHash("sha256").update(`${seq} ${text}`).digest("hex");
  return { seq, hash, line: JSON.stringify({ seq, text, hash }) };
}

export function makeRecords(first: number, last: number, text?: string): StoredRecord[] {
  return Array.from({ length: last - first + 1 }, (_, index) => makeRecord(first + index, text));
}

/** `pid` tells the holders of a test apart. */
export function taking(pid: number, more: Partial<TakeOptions> = {}): TakeOptions {
  const holder = { pid, host: "host", task: "sync", since: "2026-01-01T00:00:00.000Z" };
  return { holder, waitMs: 0, above: 0, ...more };
}

export async function takeSurely(
  store: SharedStore,
  options: TakeOptions,
  key = stateKey,
): Promise<TakenLease & { ok: true }> {
  const taken = await store.take(key, options);
  if (!taken.ok) throw new Error(`held by ${JSON.stringify(taken.holder)}`);
  return taken;
}

export async function readPieces(store: SharedStore, after = 0, key = stateKey): Promise<Buffer[]> {
  const pieces = [];
  for await (const piece of store.read(key, after)) pieces.push(Buffer.from(piece));
  return pieces;
}

export async function readText(store: SharedStore, after = 0, key = stateKey): Promise<string> {
  return Buffer.concat(await readPieces(store, after, key)).toString("utf8");
}

export function textOf(records: readonly StoredRecord[]): string {
  return records.map(({ line }) => `${line}\n`).join("");
}

/** Lets time pass in steps until the promise settles; `beforeEach` runs before each step. */
export async function passUntil<T>(
  world: StoreWorld,
  promise: Promise<T>,
  { stepMs, before }: { stepMs: number; before?: () => Promise<unknown> },
): Promise<T> {
  const settled = { yet: false };
  const settle = (): void => {
    settled.yet = true;
  };
  promise.then(settle, settle);
  while (!settled.yet) {
    // A waiter that does not sleep is asking the store, which takes real time.
    await delay(2);
    if (world.clock.sleepers() === 0) continue;
    await before?.();
    await world.pass(stepMs);
  }
  return promise;
}

/** Lets as much time pass as a waiter needs to follow a holder that gives no sign of life. */
async function follow(world: StoreWorld, store: SharedStore, options: TakeOptions): Promise<number> {
  const stepMs = store.times.renewEveryMs;
  const taken = await passUntil(world, store.take(stateKey, { ...options, waitMs: store.times.waitMs }), {
    stepMs,
  });
  if (!taken.ok) throw new Error(`held by ${JSON.stringify(taken.holder)}`);
  return taken.fence;
}

/** `skip` runs none of the tests; `name` then says why. */
export function describeStore(
  name: string,
  makeWorld: () => Promise<StoreWorld>,
  { skip = false }: { skip?: boolean } = {},
): void {
  const made: StoreWorld[] = [];
  const start = async (): Promise<StoreWorld> => {
    const world = await makeWorld();
    made.push(world);
    return world;
  };
  describe.skipIf(skip)(name, () => {
    afterEach(async () => {
      for (const world of made.splice(0)) await world.close();
    });
    leaseTests(start);
    handOverTests(start);
    appendTests(start);
    readTests(start);
    otherTests(start);
  });
}

function leaseTests(start: () => Promise<StoreWorld>): void {
  test("a store that nobody used is empty, and free", async () => {
    const store = await (await start()).open();
    expect(await store.look(stateKey)).toEqual({
      ...{ head: nothingYet, fence: 0, holder: null, movedTo: null },
    });
    expect(await store.hashOf(stateKey, 1)).toBeNull();
    expect(await readText(store)).toBe("");
  });

  test("the first take gets the lease, and its holder is seen by another machine", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const taken = await takeSurely(store, taking(1));
    expect(taken).toEqual({ ok: true, fence: taken.fence, followed: 0, head: nothingYet });
    expect(taken.fence).toBeGreaterThan(0);
    const { fence, holder } = await other.look(stateKey);
    expect({ fence, holder }).toEqual({ fence: taken.fence, holder: taking(1).holder });
  });

  test("a lease that is held is not given to a second one, who learns the holder", async () => {
    const world = await start();
    await takeSurely(await world.open(), taking(1));
    const seen: unknown[] = [];
    const onWait = (holder: unknown): unknown => seen.push(holder);
    const { holder } = taking(1);
    expect(await (await world.open()).take(stateKey, taking(2, { onWait }))).toEqual({ ok: false, holder });
    expect(seen).toEqual([holder]);
  });

  test("a lease that was released is free, and each next fence is higher", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const first = await takeSurely(store, taking(1));
    await store.release(stateKey, first.fence);
    const between = await other.look(stateKey);
    expect([between.holder, between.fence]).toEqual([null, first.fence]);
    const second = await takeSurely(other, taking(2));
    expect(second.followed).toBe(first.fence);
    expect(second.fence).toBeGreaterThan(first.fence);
    expect((await store.look(stateKey)).holder).toEqual(taking(2).holder);
  });

  test("the fence is above the one that a machine has seen", async () => {
    const store = await (await start()).open();
    const above = 9_000_000_000_000;
    const first = await takeSurely(store, taking(1, { above }));
    expect(first.fence).toBeGreaterThan(above);
    await store.release(stateKey, first.fence);
    expect((await takeSurely(store, taking(1))).fence).toBeGreaterThan(first.fence);
  });

  test("a waiter gets the lease once it is released, and is told of the wait once", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const seen: unknown[] = [];
    const onWait = (holder: unknown): unknown => seen.push(holder);
    const { renewEveryMs, waitMs } = other.times;
    let steps = 0;
    const before = async (): Promise<void> => {
      steps += 1;
      await (steps < 3 ? store.renew(stateKey, fence) : store.release(stateKey, fence));
    };
    const taken = await passUntil(world, other.take(stateKey, taking(2, { waitMs, onWait })), {
      ...{ stepMs: renewEveryMs, before },
    });
    expect(taken).toMatchObject({ ok: true, followed: fence });
    expect(seen).toEqual([taking(1).holder]);
    expect(steps).toBeLessThan(6);
  });

  test("a lease that is renewed stays with its holder for as long as a second one waits", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const { renewEveryMs, waitMs } = other.times;
    const renewed: boolean[] = [];
    const before = async (): Promise<unknown> => renewed.push(await store.renew(stateKey, fence));
    const taken = await passUntil(world, other.take(stateKey, taking(2, { waitMs })), {
      ...{ stepMs: renewEveryMs, before },
    });
    expect(taken).toEqual({ ok: false, holder: taking(1).holder });
    expect(renewed.length).toBeGreaterThanOrEqual(Math.floor(waitMs / renewEveryMs));
    expect(new Set(renewed)).toEqual(new Set([true]));
  });

  test("of machines that take at once exactly one gets the lease", async () => {
    const world = await start();
    const stores = await Promise.all([1, 2, 3, 4].map(() => world.open()));
    const taken = await Promise.all(stores.map((store, at) => store.take(stateKey, taking(at + 1))));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(1);
    const holder = taking(taken.findIndex(({ ok }) => ok) + 1).holder;
    for (const store of stores) expect((await store.look(stateKey)).holder).toEqual(holder);
  });

  test("a wait that is interrupted ends with an AbortError, and takes nothing", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    await takeSurely(store, taking(1));
    const controller = new AbortController();
    const { waitMs, renewEveryMs } = other.times;
    const waiting = other.take(stateKey, taking(2, { waitMs, interrupted: controller.signal }));
    const before = async (): Promise<void> => {
      controller.abort();
      await delay(0);
    };
    await expect(passUntil(world, waiting, { stepMs: renewEveryMs, before })).rejects.toMatchObject({
      name: "AbortError",
    });
    expect((await store.look(stateKey)).holder).toEqual(taking(1).holder);
  });

  test("a take that is interrupted before it began takes nothing", async () => {
    const store = await (await start()).open();
    const interrupted = AbortSignal.abort();
    await expect(store.take(stateKey, taking(1, { interrupted }))).rejects.toMatchObject({
      name: "AbortError",
    });
    expect((await store.look(stateKey)).holder).toBeNull();
  });
}

function handOverTests(start: () => Promise<StoreWorld>): void {
  test("a holder that gives no sign of life is followed, and its fence is old from then on", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const first = await takeSurely(store, taking(1));
    expect(await store.append(stateKey, first.fence, makeRecords(1, 2))).toBe(true);
    const second = await follow(world, other, taking(2));
    expect(second).toBeGreaterThan(first.fence);
    expect(await store.renew(stateKey, first.fence)).toBe(false);
    expect(await store.append(stateKey, first.fence, makeRecords(3, 3))).toBe(false);
    await store.release(stateKey, first.fence);
    expect(await other.look(stateKey)).toMatchObject({
      ...{ holder: taking(2).holder, fence: second, head: { seq: 2, hash: makeRecord(2).hash } },
    });
    expect(await other.append(stateKey, second, makeRecords(3, 4, "other"))).toBe(true);
    expect(await readText(store)).toBe(textOf([...makeRecords(1, 2), ...makeRecords(3, 4, "other")]));
  });

  test("who follows learns the head that the trail has then", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const first = await takeSurely(store, taking(1));
    await store.append(stateKey, first.fence, makeRecords(1, 3));
    await store.release(stateKey, first.fence);
    const { head } = await takeSurely(other, taking(2));
    expect(head).toEqual({ seq: 3, hash: makeRecord(3).hash });
  });

  test("a lease that its holder let run out is still its own while nobody follows", async () => {
    const world = await start();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    await world.pass(2 * store.times.lastsMs);
    expect(await store.renew(stateKey, fence)).toBe(true);
    expect(await store.append(stateKey, fence, makeRecords(1, 1))).toBe(true);
  });

  test("an append counts as a renewal", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const { renewEveryMs, waitMs } = other.times;
    let seq = 0;
    const before = async (): Promise<void> => {
      seq += 1;
      expect(await store.append(stateKey, fence, [makeRecord(seq)])).toBe(true);
    };
    const waiting = other.take(stateKey, taking(2, { waitMs }));
    const taken = await passUntil(world, waiting, { stepMs: renewEveryMs, before });
    expect(taken.ok).toBe(false);
  });

  test("where two holders append at once, the one with the newer fence alone does", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const newer = await follow(world, other, taking(2));
    const appended = await Promise.all([
      store.append(stateKey, fence, makeRecords(1, 5, "old")),
      other.append(stateKey, newer, makeRecords(1, 5, "new")),
      store.append(stateKey, fence, makeRecords(1, 5, "old")),
    ]);
    expect(appended).toEqual([false, true, false]);
    expect(await readText(store)).toBe(textOf(makeRecords(1, 5, "new")));
  });
}

function appendTests(start: () => Promise<StoreWorld>): void {
  test("records follow each other, and a machine that looks sees their head", async () => {
    const world = await start();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    expect(await store.append(stateKey, fence, makeRecords(1, 1))).toBe(true);
    expect(await store.append(stateKey, fence, makeRecords(2, 120))).toBe(true);
    const other = await world.open();
    expect((await other.look(stateKey)).head).toEqual({ seq: 120, hash: makeRecord(120).hash });
    expect(await other.hashOf(stateKey, 77)).toBe(makeRecord(77).hash);
    expect(await other.hashOf(stateKey, 121)).toBeNull();
    expect(await readText(other)).toBe(textOf(makeRecords(1, 120)));
  });

  test("an append that leaves a gap is refused as a whole", async () => {
    const store = await (await start()).open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 2));
    expect(await store.append(stateKey, fence, makeRecords(4, 5))).toBe(false);
    expect((await store.look(stateKey)).head.seq).toBe(2);
  });

  test("an append after another record than the trail's last one is refused as a whole", async () => {
    const store = await (await start()).open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 3));
    expect(await store.append(stateKey, fence, makeRecords(2, 3, "other"))).toBe(false);
    expect(await store.append(stateKey, fence, makeRecords(3, 5, "other"))).toBe(false);
    expect(await readText(store)).toBe(textOf(makeRecords(1, 3)));
  });

  test("an append that is repeated counts, and adds nothing", async () => {
    const store = await (await start()).open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 4));
    expect(await store.append(stateKey, fence, makeRecords(1, 4))).toBe(true);
    expect(await store.append(stateKey, fence, makeRecords(3, 4))).toBe(true);
    expect(await store.append(stateKey, fence, makeRecords(3, 6))).toBe(true);
    expect(await readText(store)).toBe(textOf(makeRecords(1, 6)));
  });

  test("of two appends of one number at once, one counts", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const appended = await Promise.all([
      store.append(stateKey, fence, makeRecords(1, 3, "one")),
      other.append(stateKey, fence, makeRecords(1, 3, "two")),
    ]);
    expect(appended.toSorted()).toEqual([false, true]);
    const text = appended[0] ? "one" : "two";
    expect(await readText(store)).toBe(textOf(makeRecords(1, 3, text)));
  });

  test("the same append, sent twice at once, counts twice and stands once", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    const records = makeRecords(1, 50);
    const appended = await Promise.all([store, other].map((its) => its.append(stateKey, fence, records)));
    expect(appended).toEqual([true, true]);
    expect(await readText(store)).toBe(textOf(records));
  });

  test("without ever having had the lease, nothing is appended", async () => {
    const store = await (await start()).open();
    expect(await store.append(stateKey, 0, makeRecords(1, 1))).toBe(false);
    expect(await store.append(stateKey, 1, makeRecords(1, 1))).toBe(false);
    const { fence } = await takeSurely(store, taking(1));
    expect(await store.append(stateKey, fence + 1, makeRecords(1, 1))).toBe(false);
    expect((await store.look(stateKey)).head).toEqual(nothingYet);
  });
}

function readTests(start: () => Promise<StoreWorld>): void {
  test("each line is read back byte for byte", async () => {
    const store = await (await start()).open();
    const { fence } = await takeSurely(store, taking(1));
    const texts = [
      ...'\'|"|\\|\\\\"|\'\'|$1|$$|%s|{}|{"a",NULL}|NULL||\t|é|Ωß漢字|🦀👩‍👩‍👧|\u2028\u2029|\u0000\u0001\u001f|\uFEFF|\r\n'.split(
        "|",
      ),
    ];
    const records = texts.map((text, at) => makeRecord(at + 1, text));
    expect(await store.append(stateKey, fence, records)).toBe(true);
    expect(await readText(store)).toBe(textOf(records));
    for (const { seq, hash } of records) expect(await store.hashOf(stateKey, seq)).toBe(hash);
  });

  test("what follows a record is read in bounded pieces of whole lines", async () => {
    const world = await start();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    const long = [1, 2, 3, 4, 5].map((seq) => makeRecord(seq, `é"\\${seq}`.repeat((3 * 1024 * 1024) / 7)));
    const short = makeRecords(6, 1500);
    for (const record of long) expect(await store.append(stateKey, fence, [record])).toBe(true);
    expect(await store.append(stateKey, fence, short)).toBe(true);
    const pieces = await readPieces(await world.open());
    expect(Buffer.concat(pieces).equals(Buffer.from(textOf([...long, ...short])))).toBe(true);
    expect(pieces.every((piece) => piece.at(-1) === 10)).toBe(true);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(8 * 1024 * 1024);
    expect(await readText(store, 1000)).toBe(textOf(short.slice(995)));
    expect(await readText(store, 1500)).toBe("");
    expect(await readText(store, 9999)).toBe("");
  });

  test("a reader that stops early leaves nothing behind", async () => {
    const store = await (await start()).open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 200));
    for await (const piece of store.read(stateKey, 0)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(await store.append(stateKey, fence, makeRecords(201, 201))).toBe(true);
    expect((await store.look(stateKey)).head.seq).toBe(201);
  });
}

function otherTests(start: () => Promise<StoreWorld>): void {
  test("each organisation and owner has a lease and a trail of its own", async () => {
    const store = await (await start()).open();
    const organizations = [stateKey.organization, "0a1b2c3d-aaaa-bbbb-cccc-000000000002"];
    const owners = [
      "default",
      "a.b",
      "a..b",
      "a",
      "A",
      "a.lock",
      ".a",
      "a.",
      "-a",
      "_",
      "a_b",
      "x".repeat(63),
    ];
    const keys = organizations.flatMap((organization) => owners.map((owner) => ({ organization, owner })));
    for (const [at, key] of keys.entries()) {
      const { fence } = await takeSurely(store, taking(at + 1), key);
      expect(await store.append(key, fence, makeRecords(1, 2, `of ${at}`))).toBe(true);
    }
    for (const [at, key] of keys.entries()) {
      const { head, holder } = await store.look(key);
      expect({ head: head.hash, holder }).toEqual({
        head: makeRecord(2, `of ${at}`).hash,
        holder: taking(at + 1).holder,
      });
      expect(await readText(store, 0, key)).toBe(textOf(makeRecords(1, 2, `of ${at}`)));
    }
  });

  test("which organisation an OAuth client belongs to is remembered for every machine", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const client = { environment: "mypurecloud.com", clientId: "client-1" };
    expect(await store.findOrganization(client)).toBeNull();
    await store.rememberOrganization(client, { id: stateKey.organization, name: 'Acme "GmbH" ü' });
    expect(await other.findOrganization(client)).toEqual({
      ...{ id: stateKey.organization, name: 'Acme "GmbH" ü' },
    });
    expect(await other.findOrganization({ ...client, environment: "usw2.pure.cloud" })).toBeNull();
    expect(await other.findOrganization({ ...client, clientId: "client-2" })).toBeNull();
    await other.rememberOrganization(client, { id: stateKey.organization, name: null });
    expect(await store.findOrganization(client)).toEqual({ id: stateKey.organization, name: null });
  });

  test("two machines may remember the same organisation at once", async () => {
    const world = await start();
    const stores = [await world.open(), await world.open()];
    const organization = { id: stateKey.organization, name: "Acme" };
    const client = { environment: "mypurecloud.com", clientId: "client-1" };
    await Promise.all(stores.map((store) => store.rememberOrganization(client, organization)));
    for (const store of stores) expect(await store.findOrganization(client)).toEqual(organization);
  });

  test("a trail is marked as moved by the holder of the lease, and so is the mark taken off", async () => {
    const world = await start();
    const [store, other] = [await world.open(), await world.open()];
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 1));
    await store.markMoved(stateKey, fence, "git: origin, branch reconcile-state");
    expect(await other.look(stateKey)).toMatchObject({
      ...{ movedTo: "git: origin, branch reconcile-state", head: { seq: 1 } },
    });
    await store.release(stateKey, fence);
    await expect(store.markMoved(stateKey, fence - 1, null)).rejects.toMatchObject({
      code: "state/takenOver",
    });
    const next = await takeSurely(other, taking(2));
    expect((await store.look(stateKey)).movedTo).toBe("git: origin, branch reconcile-state");
    await other.markMoved(stateKey, next.fence, null);
    expect((await store.look(stateKey)).movedTo).toBeNull();
  });

  test("the store names itself, and its times keep the order that its promises need", async () => {
    const { name, times } = await (await start()).open();
    expect(name.length).toBeGreaterThan(3);
    const { renewEveryMs, startWithinMs, writeMs, lastsMs, waitMs } = times;
    expect(renewEveryMs).toBeLessThan(startWithinMs);
    expect(startWithinMs + writeMs).toBeLessThan(lastsMs);
    expect(waitMs).toBeGreaterThan(lastsMs);
  });
}
