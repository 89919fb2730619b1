// The state in a shared store, as a run uses it: the copy of the trail, the lease, and a store that goes away.
import { describe, expect, test } from "vitest";
import { genesis, sealRecord } from "../../../src/audit/record.ts";
import type { ReconcileError } from "../../../src/model/errors.ts";
import type { StoredRecord } from "../../../src/state/shared-store.ts";
import { openSharedState } from "../../../src/state/shared/open-shared-state.ts";
import type { HeldLease } from "../../../src/state/state.ts";
import { makeEntry } from "../../audit/samples.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import { makeMemoryFiles } from "../../support/memory-files.ts";
import { away, makeMemoryStore } from "./memory-store.ts";

const key = { organization: "org", owner: "default" };
const paths = {
  trail: "state/trail.log",
  kept: "state/metrics.json",
  head: "state/head.json",
  checkpoint: "state/checkpoint.json",
};
const secondKey = { ...key, owner: "second" };

/** Sealed records whose texts differ by `text`. */
function recordsFrom(first: StoredRecord | null, texts: readonly string[]): StoredRecord[] {
  const records: StoredRecord[] = [];
  let previous = first ?? { ...genesis, line: "" };
  for (const error of texts) {
    const content = {
      ...{ seq: previous.seq + 1, timestamp: "2026-01-01T00:00:00.000Z", runId: "run" },
      ...{ environment: "mypurecloud.com", actor: "me", prevHash: previous.hash },
      ...makeEntry({ error }),
    } as unknown as Parameters<typeof sealRecord>[0];
    const { record, line } = sealRecord(content);
    previous = { seq: record.seq, hash: record.hash, line: line.slice(0, -1) };
    records.push(previous);
  }
  return records;
}

function makeMachines() {
  const clock = makeFakeClock();
  clock.autoAdvance();
  const store = makeMemoryStore(clock);
  const machine = (pid: number) => {
    const files = makeMemoryFiles();
    const processes = { pid, host: `host-${pid}`, machine: `machine-${pid}`, isAlive: () => true };
    return { files, state: openSharedState({ store, key, paths }, { files, clock, processes }) };
  };
  const waits: string[] = [];
  const wish = (interrupted = new AbortController().signal) => ({
    ...{ task: "sync", interrupted },
    onWait: (words: string) => void waits.push(words),
  });
  return { clock, store, one: machine(1), other: machine(2), wish, waits };
}

const textOf = (records: readonly StoredRecord[]) => records.map(({ line }) => `${line}\n`).join("");

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => (error as ReconcileError).code,
  );

describe("the copy of the trail", () => {
  test("has the bytes of the store after each look, and each look fetches what is new alone", async () => {
    const { store, one } = makeMachines();
    await one.state.look();
    expect(one.files.paths()).toEqual([]);
    const first = recordsFrom(null, ["a", "b"]);
    store.of(key).records.push(...first);
    await one.state.look();
    expect(one.files.text(paths.trail)).toBe(textOf(first));
    const more = recordsFrom(first.at(-1) ?? null, ["c"]);
    store.of(key).records.push(...more);
    store.calls.length = 0;
    await one.state.look();
    expect(one.files.text(paths.trail)).toBe(textOf([...first, ...more]));
    await one.state.look();
    expect(store.calls).toEqual(["look", "read", "look"]);
  });

  test.each([
    ["shorter", ["a"]],
    ["another one of the same length", ["a", "x"]],
    ["another, longer one", ["x", "y", "z"]],
    ["empty", []],
  ])("is read anew where the store's trail is now %s", async (_, texts) => {
    const { store, one } = makeMachines();
    const before = recordsFrom(null, ["a", "b"]);
    store.of(key).records.push(...before);
    await one.state.look();
    const now = recordsFrom(null, texts);
    store.of(key).records = now;
    await one.state.look();
    const held = Object.fromEntries(one.files.paths().map((path) => [path, one.files.text(path)]));
    // The store lacks the record with which the copy ended, so this may be the last place that has it.
    const aside = `/${paths.trail}.until-2-${before.at(-1)?.hash.slice(0, 8) ?? ""}`;
    expect(held).toEqual({
      ...(now.length > 0 && { [`/${paths.trail}`]: textOf(now) }),
      [aside]: textOf(before),
    });
  });

  test.each(['{"seq":3,"tor', "\0\0\0"])(
    "goes on after what a run that died left behind: %j",
    async (torn) => {
      const { store, one } = makeMachines();
      const records = recordsFrom(null, ["a", "b", "c"]);
      store.of(key).records.push(...records);
      one.files.set(paths.trail, textOf(records.slice(0, 2)) + torn);
      await one.state.look();
      expect(one.files.text(paths.trail)).toBe(textOf(records));
    },
  );

  test("is read anew on demand, whatever was changed in it", async () => {
    const { store, one } = makeMachines();
    const records = recordsFrom(null, ["a", "b"]);
    store.of(key).records.push(...records);
    one.files.set(paths.trail, textOf(records).replace('"a"', '"A"'));
    await one.state.readAnew();
    expect(one.files.text(paths.trail)).toBe(textOf(records));
  });
});

describe("the lease", () => {
  const held = async (machines: ReturnType<typeof makeMachines>): Promise<HeldLease> => {
    await machines.one.state.look();
    return machines.one.state.take(machines.wish());
  };

  test("a write may start once a record has confirmed the lease, and not after 15 s of silence", async () => {
    const machines = makeMachines();
    const lease = await held(machines);
    expect([lease.isNext, lease.mayStart(), lease.writeMs]).toEqual([true, false, 10_000]);
    await lease.append?.(recordsFrom(null, ["a"]));
    expect(lease.mayStart()).toBe(true);
    machines.store.before = away;
    await machines.clock.sleep(4_000);
    expect(lease.mayStart()).toBe(true);
    // The first renewal that fails ends all further writes.
    await machines.clock.sleep(2_000);
    expect([lease.mayStart(), (lease.lost.reason as ReconcileError).code]).toEqual([
      false,
      "state/unreachable",
    ]);
  });

  test("it is renewed for as long as it is held, and another machine waits for it and names its holder", async () => {
    const machines = makeMachines();
    const lease = await held(machines);
    expect(await failureOf(machines.other.state.take(machines.wish()))).toBe("state/locked");
    expect(machines.clock.monotonic()).toBe(90_000);
    expect(machines.waits).toEqual([
      "waiting for another pass on the store in memory (sync, process 1 on host-1, since 2026-01-01T00:00:00.000Z)",
    ]);
    expect([await lease.confirm(), lease.mayStart()]).toEqual([true, true]);
    await lease.release();
    await machines.other.state.look();
    expect((await machines.other.state.take(machines.wish())).isNext).toBe(true);
  });

  test("a holder that was suspended is followed, and records nothing more", async () => {
    const machines = makeMachines();
    const lease = await held(machines);
    machines.store.of(key).renewedMs = -Infinity;
    const next = await machines.other.state.take(machines.wish());
    await next.append?.(recordsFrom(null, ["of the other"]));
    expect(await failureOf(Promise.resolve(lease.append?.(recordsFrom(null, ["late"]))))).toBe(
      "state/takenOver",
    );
    expect([lease.mayStart(), await lease.confirm(), lease.lost.aborted]).toEqual([false, false, true]);
    expect(machines.store.of(key).records).toEqual(recordsFrom(null, ["of the other"]));
    await lease.release();
    expect(await next.confirm()).toBe(true);
  });

  test("a lease that another machine held since the look is not the next one", async () => {
    const machines = makeMachines();
    await machines.one.state.look();
    const lease = await machines.other.state.take(machines.wish());
    await lease.release();
    expect((await machines.one.state.take(machines.wish())).isNext).toBe(false);
  });

  test("the fence is above every one that this machine has seen, whatever the store says", async () => {
    const machines = makeMachines();
    await (await held(machines)).release();
    await (await held(machines)).release();
    machines.store.of(key).fence = 0;
    await held(machines);
    expect(machines.store.of(key).fence).toBe(3);
  });

  test("a trail that was moved takes no lease, and says where it is", async () => {
    const machines = makeMachines();
    machines.store.of(key).movedTo = "git";
    await machines.one.state.look();
    await expect(machines.one.state.take(machines.wish())).rejects.toMatchObject({
      code: "state/moved",
      message: "the trail in the store in memory was moved to git",
    });
    expect(machines.store.of(secondKey).fence).toBe(0);
  });
});

describe("a store that goes away in a run", () => {
  const begin = async () => {
    const machines = makeMachines();
    await machines.one.state.look();
    const lease = await machines.one.state.take(machines.wish());
    const [first, ...more] = recordsFrom(null, ["started", "intended", "applied"]);
    await lease.append?.(first ? [first] : []);
    return { machines, lease, more };
  };

  test("is tried again while the lease surely lasts; a record is on disk once, also if only its answer was lost", async () => {
    const { machines, lease, more } = await begin();
    let answers = 0;
    machines.store.after = (call) => {
      if (call === "append" && (answers += 1) < 4) away();
    };
    await lease.append?.(more);
    expect(machines.store.of(key).records).toHaveLength(3);
    expect([lease.mayStart(), await lease.confirm()]).toEqual([false, true]);
  });

  test("is given up once another machine might hold the lease", async () => {
    const { machines, lease, more } = await begin();
    machines.store.before = away;
    expect(await failureOf(Promise.resolve(lease.append?.(more)))).toBe("state/unreachable");
    const waitedMs = machines.clock.monotonic();
    expect([waitedMs > 20_000, waitedMs < 30_000]).toEqual([true, true]);
  });

  test("that refuses is not asked again", async () => {
    const { machines, lease, more } = await begin();
    machines.store.before = () => {
      throw Object.assign(new Error("full"), { code: "state/refused" });
    };
    machines.store.calls.length = 0;
    await failureOf(Promise.resolve(lease.append?.(more)));
    expect(machines.store.calls).toEqual(["append"]);
  });
});
