// The runs of `sync` and `status` in which the state beside the trail matters: the lock, the deadline, the figures.
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";
import { alpha, of, type Scenario } from "./scenario.ts";

export const heldBy = (pid: number): string =>
  `${JSON.stringify({ pid, host: "host", machine: "machine", task: "sync", since: "2026-01-01T00:00:00.000Z", beatMs: Date.UTC(2026, 0, 1) })}\n`;

/** So many groups, each with a webhook. */
export const groups = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );

/** Does this at each write before the platform gets it. */
export const atEachWrite = (action: () => unknown): Pick<WorldOptions, "intercept"> => ({
  intercept: async (request, forward) => {
    if (request.method === "POST" && request.url.endsWith("/webhooks")) await action();
    return forward();
  },
});

/** As after a suspension: another process has followed meanwhile. */
export const takenOver = (world: TestWorld) =>
  atEachWrite(async () => {
    world.files.set(".reconcile/lock.9", heldBy(42));
    await world.clock.sleep(3_000);
  });

export const lockFails = (world: TestWorld) =>
  atEachWrite(async () => {
    refuseWrites(world, "lock.");
    await world.clock.sleep(12_000);
  });

export const slow = (world: TestWorld) => atEachWrite(() => world.clock.sleep(61_000));

export const unreachable: WorldOptions["intercept"] = (request, forward) =>
  request.method === "POST" && request.url.endsWith("/webhooks") ? answer(503) : forward();

/** The disk has no room for what has this in its path. */
export function refuseWrites({ files }: TestWorld, part: string): void {
  files.before = (operation, path) => {
    if (operation === "write" && path.includes(part))
      throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
  };
}

/** A sync is at work, and its write is in flight. */
export async function atWork(): Promise<TestWorld> {
  const from = makeWorld({ argv: "", files: alpha });
  await new Promise<void>((resolve) => {
    void runWorld({
      argv: "",
      from,
      processes: { pid: 42 },
      intercept: (request, forward) => {
        if (request.method === "GET" || request.url.includes("/oauth/")) return forward();
        resolve();
        return new Promise(() => undefined);
      },
    });
  });
  return from;
}

export const oddFigures = { ...alpha, ".reconcile/metrics.json": "{" };

export const syncs: readonly Scenario[] = [
  {
    given: "another pass at work",
    argv: "",
    world: of({ ...alpha, ".reconcile/lock.3": heldBy(42) }),
  },
  {
    given: "a lock that another process takes over",
    argv: "--concurrency 1",
    world: of(groups(3)),
    more: takenOver,
  },
  {
    given: "a lock that cannot be kept",
    argv: "--concurrency 1",
    world: of(groups(3)),
    more: lockFails,
  },
  {
    given: "a state folder that cannot be written",
    argv: "",
    world: of(alpha),
    change: ({ files }) => {
      files.failNext("create", "EROFS");
    },
  },
  {
    given: "a deadline that is over",
    argv: "--deadline 1 --concurrency 1",
    world: of(groups(2)),
    more: slow,
  },
  {
    given: "a platform that is gone",
    argv: "--concurrency 1",
    world: of(groups(6)),
    more: { intercept: unreachable },
  },
  {
    given: "figures that cannot be kept",
    argv: "",
    world: of(alpha),
    change: (world) => {
      refuseWrites(world, "metrics.json");
    },
  },
];

export const status: readonly Scenario[] = [
  { given: "after a sync", argv: "status", world: of(alpha), before: [""] },
  { given: "before any", argv: "status", world: of(alpha) },
  {
    given: "five minutes after a sync",
    argv: "status",
    world: of(alpha),
    before: [""],
    change: ({ clock }) => clock.sleep(5 * 60_000),
  },
  { given: "a sync at work", argv: "status", world: atWork },
  {
    given: "after a sync that failed",
    argv: "status",
    world: of(alpha),
    change: async (from) => {
      await runWorld({ argv: "", from, intercept: () => answer(401, {}) });
    },
  },
  {
    given: "after a rollback",
    argv: "status",
    world: of(alpha),
    before: ["", "rollback --last --allow-deletes"],
  },
  {
    given: "after a rollback that changed nothing",
    argv: "status",
    world: of(alpha),
    before: ["", "rollback --run nosuchrun"],
  },
  { given: "figures that make no sense", argv: "status", world: of(oddFigures) },
];
