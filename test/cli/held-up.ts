// Syncs that are held up: by another process, a slow or silent platform, or a disk without room.
import {
  answer,
  makeWorld,
  manifest,
  runWorld,
  type Intercept,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

export const heldBy = (pid: number): string =>
  `${JSON.stringify({ pid, host: "host", machine: "machine", task: "sync", since: "2026-01-01T00:00:00.000Z", beatMs: Date.UTC(2026, 0, 1) })}\n`;

/** So many groups, each with a webhook. */
export const groups = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`subscriptions/g${index}.yaml`, manifest(`g${index}`)]),
  );

/** Does this at each write before the platform gets it. */
const atEachWrite = (action: () => unknown): Pick<WorldOptions, "intercept"> => ({
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

export const unreachable: Intercept = (request, forward) =>
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
  const from = makeWorld({ argv: "", files: { "subscriptions/alpha.yaml": manifest("alpha") } });
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
