// The lock: one holder at a time, the dead are followed, and no race makes two.
import { expect, test } from "vitest";
import { acquireLock, findHolder, type Lock, type LockOptions } from "../../src/lib/lock.ts";
import { makeFakeClock } from "../support/fake-clock.ts";
import { makeMemoryFiles } from "../support/memory-files.ts";

function makePlace() {
  const files = makeMemoryFiles();
  const clock = makeFakeClock();
  clock.autoAdvance();
  const alive = new Set([1, 2, 3, 4, 5]);
  const options = (pid: number, more: Partial<LockOptions> & { machine?: string } = {}): LockOptions => ({
    files,
    clock,
    // One name for all of them, as of containers that were made from one image.
    processes: {
      pid,
      host: "host",
      machine: more.machine ?? "here",
      isAlive: (other) => alive.has(other),
    },
    directory: ".reconcile",
    name: "lock",
    task: `task ${pid}`,
    waitMs: 30_000,
    ...more,
  });
  return { files, clock, alive, options };
}

async function take(options: LockOptions): Promise<Lock> {
  const locked = await acquireLock(options);
  if (!locked.ok) throw new Error(`held by ${JSON.stringify(locked.holder)}`);
  return locked.lock;
}

test("the second waits until the first releases", async () => {
  const { clock, options } = makePlace();
  const first = await take(options(1));
  const order: string[] = [];
  const second = take(options(2)).then((lock) => {
    order.push("second has it");
    return lock;
  });
  await clock.sleep(5_000);
  order.push("first releases");
  await first.release();
  await (await second).release();
  expect(order).toEqual(["first releases", "second has it"]);
});

test("after the wait the second is told who holds it", async () => {
  const { clock, options } = makePlace();
  await take(options(1));
  const startedMs = clock.monotonic();
  expect(await acquireLock(options(2))).toEqual({
    ok: false,
    holder: expect.objectContaining({
      pid: 1,
      host: "host",
      task: "task 1",
      since: "2026-01-01T00:00:00.000Z",
    }) as unknown,
  });
  expect(clock.monotonic() - startedMs).toBeGreaterThanOrEqual(30_000);
  expect(clock.monotonic() - startedMs).toBeLessThan(31_000);
});

test("a dead process of this machine is followed at once", async () => {
  const { clock, alive, options } = makePlace();
  await take(options(1));
  alive.delete(1);
  const startedMs = clock.monotonic();
  expect(await findHolder(options(2))).toBeNull();
  await take(options(2));
  expect(clock.monotonic()).toBe(startedMs);
});

test("whoever had this process's own number is dead", async () => {
  const { options, files } = makePlace();
  await take(options(1));
  await take(options(1));
  expect(files.paths()).toEqual(["/.reconcile/lock.2"]);
});

test("a holder on another machine counts as dead after 10 s of silence, not before", async () => {
  const { clock, options } = makePlace();
  const silent = { ...clock, repeat: () => () => undefined };
  await take(options(1, { machine: "there", clock: silent }));
  const startedMs = clock.monotonic();
  await take(options(2));
  expect(clock.monotonic() - startedMs).toBeGreaterThanOrEqual(10_000);
  expect(clock.monotonic() - startedMs).toBeLessThan(11_000);
});

test("a holder in another container is not taken for dead because its number is nobody's here", async () => {
  const { clock, alive, options } = makePlace();
  await take(options(7, { machine: "another container" }));
  alive.delete(7);
  // Nor where the number is this process's own.
  for (const pid of [2, 7]) {
    expect(await acquireLock(options(pid, { waitMs: 15_000 }))).toMatchObject({
      ok: false,
      holder: { pid: 7 },
    });
  }
  expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000);
});

test("a lock file that does not tell its machine is another one's", async () => {
  const { files, clock, options } = makePlace();
  const holder = { pid: 9, host: "host", task: "sync", since: "2026-01-01T00:00:00.000Z", beatMs: 0 };
  files.set(".reconcile/lock.1", JSON.stringify(holder));
  expect(await findHolder(options(1))).toEqual(holder);
  await take(options(1));
  expect(clock.monotonic()).toBeGreaterThanOrEqual(10_000);
});

test("a holder on another machine that says it is alive is waited for", async () => {
  const { options } = makePlace();
  await take(options(1, { machine: "there" }));
  expect(await acquireLock(options(2))).toMatchObject({ ok: false, holder: { pid: 1, host: "host" } });
});

test("a process of this machine that has not been heard of for a minute has only the number of the holder", async () => {
  const { clock, options } = makePlace();
  await take(options(1, { clock: { ...clock, repeat: () => () => undefined } }));
  await clock.sleep(61_000);
  await take(options(2));
});

test("a process number that was used again locks no longer if the clock was set back meanwhile", async () => {
  for (const backMs of [1_000, 3_600_000, 40 * 24 * 3_600_000]) {
    const { files, clock, options } = makePlace();
    const before = { ...clock, now: () => clock.now() + backMs, repeat: () => () => undefined };
    await take(options(1, { clock: before }));
    const startedMs = clock.monotonic();
    // Each try waits for half a minute only, so no try may have to see the whole silence.
    let tries = 0;
    while (!(await acquireLock(options(2))).ok) expect((tries += 1)).toBeLessThan(4);
    expect(clock.monotonic() - startedMs).toBeLessThan(90_000);
    expect(files.paths()).toEqual(["/.reconcile/lock.2"]);
  }
});

test("a live holder keeps its lock, whichever way its clock is set", async () => {
  for (const byMs of [-3_600_000, 3_600_000]) {
    const { clock, options } = makePlace();
    let offsetMs = 0;
    const here = { ...clock, now: () => clock.now() + offsetMs };
    await take(options(1, { clock: here }));
    const waiting = acquireLock(options(2, { clock: here }));
    await clock.sleep(5_000);
    offsetMs = byMs;
    expect(await waiting).toMatchObject({ ok: false, holder: { pid: 1 } });
  }
});

test("a process that does not wait still watches a silent holder for long enough to follow it", async () => {
  const { clock, options } = makePlace();
  await take(options(1, { machine: "there", clock: { ...clock, repeat: () => () => undefined } }));
  const startedMs = clock.monotonic();
  await take(options(2, { waitMs: 0 }));
  expect(clock.monotonic() - startedMs).toBeLessThan(11_000);
});

test("a process that does not wait is told of a live holder within two signs of life", async () => {
  const { clock, options } = makePlace();
  await take(options(1, { machine: "there" }));
  const startedMs = clock.monotonic();
  expect(await acquireLock(options(2, { waitMs: 0 }))).toMatchObject({ ok: false, holder: { pid: 1 } });
  expect(clock.monotonic() - startedMs).toBeLessThan(5_000);
});

test("a suspended holder learns that it was followed, and leaves the new one's lock alone", async () => {
  const { clock, alive, options, files } = makePlace();
  const first = await take(options(1));
  alive.delete(1);
  const second = await take(options(2));
  await clock.advance(4_000);
  expect([first.lost.aborted, first.lost.reason]).toEqual([true, "followed"]);
  await first.release();
  expect(second.lost.aborted).toBe(false);
  expect(files.paths()).toEqual(["/.reconcile/lock.2"]);
  expect(await findHolder(options(3))).toMatchObject({ pid: 2 });
  await second.release();
  expect(await findHolder(options(3))).toBeNull();
});

test("a holder that cannot say that it is alive gives up before others may follow it", async () => {
  const { clock, files, options } = makePlace();
  const lock = await take(options(1));
  files.before = (operation) => {
    if (operation === "write") throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
  };
  await clock.advance(6_000);
  expect(lock.lost.aborted).toBe(false);
  await clock.advance(4_000);
  expect(lock.lost.aborted).toBe(true);
  expect(lock.lost.reason).toMatchObject({ code: "ENOSPC" });
});

test.each(["", "not json", "{}", '{"pid":"1"}'])(
  "a lock file that makes no sense (%j) is followed after 10 s of silence",
  async (text) => {
    const { files, clock, options } = makePlace();
    files.set(".reconcile/lock.7", text);
    const startedMs = clock.monotonic();
    await take(options(1));
    expect(files.paths()).toEqual(["/.reconcile/lock.8"]);
    expect(clock.monotonic() - startedMs).toBeLessThan(11_000);
  },
);

/** Makes something that is no file of a lock. */
type MakeOdd = (files: ReturnType<typeof makePlace>["files"], path: string) => void;

const oddities: readonly (readonly [string, MakeOdd])[] = [
  [
    "a folder",
    (files, path) => {
      files.makeDirectory(path);
    },
  ],
  [
    "a link to nowhere",
    (files, path) => {
      files.link(path, "nowhere");
    },
  ],
  [
    "a link to a file",
    (files, path) => {
      files.set("x", "{}");
      files.link(path, "../x");
    },
  ],
  [
    "a pipe",
    (files, path) => {
      files.makeOther(path);
    },
  ],
  [
    "a giant file",
    (files, path) => {
      files.set(path, " ".repeat(64 * 1024 + 1));
    },
  ],
];

const refusal = {
  code: "ENOTALOCK",
  message: expect.stringContaining(
    ".reconcile/lock.7 has the name of a lock, and is none: it is ",
  ) as unknown,
};

test.each(oddities)("%s with the name of a lock is said at once, and left as it is", async (_, make) => {
  const { files, clock, options } = makePlace();
  make(files, ".reconcile/lock.7");
  const before = files.paths();
  const startedMs = clock.monotonic();
  await expect(acquireLock(options(1, { waitMs: Infinity }))).rejects.toMatchObject(refusal);
  await expect(findHolder(options(1))).rejects.toMatchObject(refusal);
  expect([clock.monotonic(), files.paths()]).toEqual([startedMs, before]);
});

test.each(oddities.slice(0, -1))("%s beside a real lock is said, too", async (_, make) => {
  const { files, options } = makePlace();
  files.set(".reconcile/lock.9", '{"released":true}\n');
  make(files, ".reconcile/lock.7");
  await expect(acquireLock(options(1, { waitMs: Infinity }))).rejects.toMatchObject(refusal);
  expect(files.paths()).not.toContain("/.reconcile/lock.10");
});

test("a number beyond any count is said at once", async () => {
  const { files, options } = makePlace();
  files.set(".reconcile/lock.999999999999999", '{"released":true}\n');
  await expect(acquireLock(options(1, { waitMs: Infinity }))).rejects.toMatchObject({ code: "ENOTALOCK" });
});

test.each(["lock.0", "lock.007", "lock.1.tmp"])("%s is no number of a lock", async (name) => {
  const { files, options } = makePlace();
  files.makeDirectory(`.reconcile/${name}`);
  await take(options(1));
  expect(files.paths()).toEqual(["/.reconcile/lock.1"]);
});

test("a holder that wakes up looks before it says that the lock is still its own", async () => {
  const { clock, alive, options } = makePlace();
  // Suspended: its timers do not run.
  const first = await take(options(1, { clock: { ...clock, repeat: () => () => undefined } }));
  expect(await first.isHeld()).toBe(true);
  alive.delete(1);
  await take(options(2));
  await clock.sleep(10_000);
  expect(await first.isHeld()).toBe(false);
});

test("a clock that is set forward is nobody's death", async () => {
  const { clock, options } = makePlace();
  await take(options(1));
  const later = { ...clock, now: () => clock.now() + 3_600_000 };
  expect(await acquireLock(options(2, { clock: later }))).toMatchObject({ ok: false, holder: { pid: 1 } });
});

test("an interrupt ends the wait", async () => {
  const { clock, options } = makePlace();
  await take(options(1));
  const interrupt = new AbortController();
  const waiting = acquireLock(options(2, { interrupted: interrupt.signal }));
  void clock.sleep(1_000).then(() => {
    interrupt.abort();
  });
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

test("a directory that cannot be written is an error", async () => {
  const { files, options } = makePlace();
  files.failNext("create", "EROFS");
  await expect(acquireLock(options(1))).rejects.toMatchObject({ code: "EROFS" });
});

test.each([
  ["its sign of life", "write"],
  ["the file of the holder before it", "remove"],
] as const)(
  "a holder that was suspended while it wrote %s is not sure of a lock that was followed meanwhile",
  async (_what, operation) => {
    const { clock, files, options } = makePlace();
    await (await take(options(3))).release();
    const held: number[] = [];
    files.before = async (its) => {
      const isDue = its === operation && held.length === 0;
      if (isDue) held.push(clock.monotonic());
      await clock.sleep(isDue ? 20_000 : 20);
    };
    const first = take(options(1, { machine: "elsewhere" }));
    while (held.length === 0) await clock.sleep(1);
    const [heldAtMs = 0] = held;
    await take(options(2));
    expect(clock.monotonic() - heldAtMs).toBeLessThan(20_000);
    const lock = await first;
    if (clock.monotonic() < heldAtMs + 20_010) await clock.sleep(heldAtMs + 20_010 - clock.monotonic());
    expect(lock.isSure()).toBe(false);
    expect(await lock.isHeld()).toBe(false);
  },
);

test("however their steps interleave, never do two hold it", async () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const { files, clock, alive, options } = makePlace();
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    // Each disk operation takes its time, so that they overtake each other.
    files.before = () => clock.sleep(random(400));
    let holders = 0;
    const live = async (pid: number): Promise<void> => {
      await clock.sleep(random(2_000));
      const locked = await acquireLock(options(pid, { waitMs: 120_000 }));
      expect(locked.ok).toBe(true);
      if (!locked.ok) return;
      expect((holders += 1)).toBe(1);
      await clock.sleep(random(3_000));
      holders -= 1;
      if (random(3) === 0) alive.delete(pid);
      else await locked.lock.release();
    };
    await Promise.all([1, 2, 3, 4, 5].map(live));
    expect(files.paths().length).toBeLessThanOrEqual(2);
  }
});
