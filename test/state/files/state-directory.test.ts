// The locks of a pass: one of its state directory, one of its trail.
import { expect, test } from "vitest";
import {
  openFileState,
  requireStateDirectory,
  withLease,
} from "../../../src/state/files/state-directory.ts";
import type { HeldLease } from "../../../src/state/state.ts";
import { underLease } from "../../../src/state/under-lease.ts";
import type { Files } from "../../../src/lib/files.ts";
import type { ReconcileError } from "../../../src/model/errors.ts";
import { makeWorld, type TestWorld } from "../../support/world.ts";

/** A pass in a working directory of its own, on the disk and the machine of `world`. */
function placeOf(world: TestWorld, folder: string, pid: number) {
  const below = (path: string): string => (path.startsWith("/") ? path : `${folder}/${path}`);
  const files = Object.fromEntries(
    Object.entries(world.files).map(([name, call]) => [
      name,
      (path: string, ...more: readonly unknown[]) =>
        (call as (...given: readonly unknown[]) => unknown)(below(path), ...more),
    ]),
  ) as unknown as Files;
  const processes = { ...world.processes, pid, isAlive: () => true };
  return { ...world, files, processes, stderr: world.stderr };
}

const trail = "/shared/trail.log";

interface Wish {
  readonly task: string;
  readonly trail: string;
}

type Place = ReturnType<typeof placeOf>;

/** The state that a pass at that place reads and writes. */
function stateOf({ trail }: Pick<Wish, "trail">, place: Place) {
  return openFileState(
    {
      trail,
      kept: ".reconcile/metrics.json",
      head: ".reconcile/head.json",
      checkpoint: ".reconcile/checkpoint.json",
    },
    place,
  );
}

function withLock<T>(
  { task, trail }: Wish,
  place: Place,
  action: (held: HeldLease) => Promise<T>,
): Promise<T> {
  const { interrupted, stderr } = place;
  const onWait = (words: string) => {
    stderr.write(`${words}\n`);
  };
  return underLease(stateOf({ trail }, place), { task, interrupted, onWait }, action);
}
const inUse = (what: string) => ({
  code: "state/locked",
  message: expect.stringMatching(
    new RegExp(`^another pass works on ${what} \\(sync, process 1 on .*\\); waited 30 s for it$`),
  ) as unknown,
});

test("two state directories that share a trail exclude each other: the second waits, and names the holder", async () => {
  const world = makeWorld({ argv: "" });
  const [one, other] = [placeOf(world, "/one", 1), placeOf(world, "/other", 2)];
  await withLock({ task: "sync", trail }, one, async () => {
    const startedMs = world.clock.monotonic();
    const second = withLock({ task: "apply", trail }, other, () => Promise.resolve("in"));
    await expect(second).rejects.toMatchObject(inUse("/shared/trail.log"));
    const waitedMs = world.clock.monotonic() - startedMs;
    expect([waitedMs >= 30_000, waitedMs < 31_000]).toEqual([true, true]);
    expect(world.err()).toContain("waiting for another pass on /shared/trail.log (sync, process 1 on ");
    // The directory's own lock was given back.
    expect(await withLock({ task: "apply", trail: "/other.log" }, other, () => Promise.resolve("in"))).toBe(
      "in",
    );
  });
  expect(await withLock({ task: "apply", trail }, other, () => Promise.resolve("in"))).toBe("in");
});

test("both waits together last no longer than one", async () => {
  const world = makeWorld({ argv: "" });
  const [one, other] = [placeOf(world, "/one", 1), placeOf(world, "/other", 2)];
  const third = placeOf(world, "/other", 3);
  await withLock({ task: "sync", trail }, one, async () => {
    const until = world.clock.sleep(20_000);
    const held = withLock({ task: "sync", trail: "/x.log" }, third, () => until);
    await world.clock.sleep(100);
    const startedMs = world.clock.monotonic();
    await expect(withLock({ task: "apply", trail }, other, () => until)).rejects.toMatchObject(
      inUse("/shared/trail.log"),
    );
    expect(world.clock.monotonic() - startedMs).toBeLessThan(31_000);
    await held;
  });
});

test.each([
  [".reconcile/lock.", "/one/.reconcile/lock.2"],
  ["the trail's", "/shared/trail.log.lock.2"],
])("a pass that lost %s lock writes no more, and says what was taken over", async (_, path) => {
  const world = makeWorld({ argv: "" });
  await withLock(
    { task: "sync", trail },
    placeOf(world, "/one", 1),
    async ({ confirm, mayStart, lost }) => {
      expect([await confirm(), mayStart()]).toEqual([true, true]);
      world.files.set(path, "{}");
      await world.clock.sleep(10_000);
      expect([await confirm(), mayStart()]).toEqual([false, false]);
      expect((lost.reason as ReconcileError).message).toBe(
        `another process took over ${path.startsWith("/one") ? ".reconcile/" : trail}`,
      );
    },
  );
});

test("a trail's lock that is none is said with the way out", async () => {
  const world = makeWorld({ argv: "" });
  world.files.makeOther("/shared/trail.log.lock.3");
  const run = withLock({ task: "sync", trail }, placeOf(world, "/one", 1), () => Promise.resolve());
  await expect(run).rejects.toMatchObject({
    code: "state/notALock",
    message:
      "/shared/trail.log.lock.3 has the name of a lock, and is none: it is neither a file nor a folder",
    hint: "make sure that no pass runs here, and remove it",
  });
});

test("a daemon, too, stops at what only has the name of its lease", async () => {
  const world = makeWorld({ argv: "" });
  world.files.makeOther(".reconcile/lease.3");
  const run = withLease(
    world,
    () => undefined,
    () => Promise.resolve(),
  );
  await expect(run).rejects.toMatchObject({ code: "state/notALock" });
});

test.each(["/elsewhere", "../../etc", "/one-more", "/nowhere"])(
  "a state directory that is a link to %s is not used",
  async (target) => {
    const world = makeWorld({ argv: "" });
    for (const folder of ["/elsewhere", "/etc", "/one-more"]) world.files.makeDirectory(folder);
    world.files.makeDirectory("/one");
    world.files.link("/one/.reconcile", target);
    const place = placeOf(world, "/one", 1);
    const refused = { code: "state/outside" };
    await expect(withLock({ task: "sync", trail }, place, () => Promise.resolve())).rejects.toMatchObject(
      refused,
    );
    await expect(
      withLease(
        place,
        () => undefined,
        () => Promise.resolve(),
      ),
    ).rejects.toMatchObject(refused);
    expect(world.files.paths()).toEqual([]);
  },
);

test("a state directory that is a link within the working directory, and none at all, are fine", async () => {
  const world = makeWorld({ argv: "" });
  const place = placeOf(world, "/one", 1);
  await requireStateDirectory(place.files);
  world.files.makeDirectory("/one/state");
  world.files.link("/one/.reconcile", "state");
  await requireStateDirectory(place.files);
});

test("a lease is the next one only if no other run held it since the look, or during it", async () => {
  const world = makeWorld({ argv: "" });
  const [one, other] = [placeOf(world, "/one", 1), placeOf(world, "/one", 2)];
  const state = stateOf({ trail }, one);
  const wish = { task: "sync", interrupted: world.interrupted, onWait: () => undefined };
  const isNext = () => underLease(state, wish, (held) => Promise.resolve(held.isNext));
  await state.look();
  expect(await isNext()).toBe(true);
  await state.look();
  await withLock({ task: "apply", trail }, other, () => Promise.resolve());
  expect(await isNext()).toBe(false);
  // The trail alone is shared: a run on another state directory counts as well.
  await state.look();
  await withLock({ task: "apply", trail }, placeOf(world, "/other", 3), () => Promise.resolve());
  expect(await isNext()).toBe(false);
  await withLock({ task: "apply", trail }, other, () => state.look());
  expect(await isNext()).toBe(false);
});

test("a holder that was suspended may start no write until it has shown that it still holds the lease", async () => {
  const world = makeWorld({ argv: "", manualClock: true });
  let sleptMs = 0;
  const clock = { ...world.clock, now: () => world.clock.now() + sleptMs };
  const place = { ...placeOf(world, "/one", 1), clock };
  await withLock({ task: "sync", trail }, place, async ({ mayStart, confirm }) => {
    expect(mayStart()).toBe(true);
    // The machine slept: the wall clock moved on, and no timer ran.
    sleptMs = 7_000;
    expect(mayStart()).toBe(false);
    expect([await confirm(), mayStart()]).toEqual([true, true]);
    sleptMs = 14_000;
    world.files.set("/one/.reconcile/lock.2", "{}");
    expect([mayStart(), await confirm(), mayStart()]).toEqual([false, false, false]);
  });
});
