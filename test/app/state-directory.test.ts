// The locks of a pass: one of its state directory, one of its trail.
import { expect, test } from "vitest";
import { requireStateDirectory, withLease, withLock } from "../../src/app/state-directory.ts";
import type { Files } from "../../src/lib/files.ts";
import type { ReconcileError } from "../../src/model/errors.ts";
import { makeWorld, type TestWorld } from "../support/world.ts";

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
  await withLock({ task: "sync", trail }, placeOf(world, "/one", 1), async ({ mayWrite, interrupted }) => {
    expect(await mayWrite()).toBe(true);
    world.files.set(path, "{}");
    await world.clock.sleep(10_000);
    expect(await mayWrite()).toBe(false);
    expect((interrupted.reason as ReconcileError).message).toBe(
      `another process took over ${path.startsWith("/one") ? ".reconcile/" : trail}`,
    );
  });
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
