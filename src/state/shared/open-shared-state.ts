// The state of one (organisation, owner) in a shared store, with this machine's copy of the trail.
import type { Clock } from "../../lib/clock.ts";
import type { Files } from "../../lib/files.ts";
import type { LockHolder } from "../../lib/lock-file.ts";
import type { Processes } from "../../lib/lock.ts";
import { ReconcileError } from "../../model/errors.ts";
import { refuseArchive } from "../archive-key.ts";
import type { SharedStore, StateKey, StoreTip, TrailHead } from "../shared-store.ts";
import { describeHolder } from "../describe-holder.ts";
import type { Growth, HeldLease, LeaseWish, State, StatePaths, StoreKind } from "../state.ts";
import { wasMoved } from "../was-moved.ts";
import { readAnew, updateCopy } from "./copy.ts";
import { holdLease } from "./hold-lease.ts";
import { keepFence, readFence } from "./kept-fence.ts";

export interface SharedPorts {
  readonly files: Files;
  readonly clock: Clock;
  readonly processes: Processes;
}

export interface SharedPlace {
  readonly store: SharedStore;
  readonly key: StateKey;
  readonly paths: StatePaths;
  /** Default: the store's. */
  readonly waitMs?: number | undefined;
}

export function openSharedState(place: SharedPlace, ports: SharedPorts): State {
  const { store, key } = place;
  const paths = { ...place.paths, copyOf: store.name };
  const copying = { store, key, files: ports.files, path: paths.trail };
  let seen: StoreTip | null = null;
  let isHeld = false;
  let growth: Growth | null = null;
  return {
    store: store.kind,
    paths,
    look: async () => {
      seen = await store.look(key);
      // It may have been moved between an earlier look and the moment at which this run got the lease.
      if (isHeld) refuseMoved(seen, store);
      growth = joinGrowth(growth, await updateCopy(seen.head, copying));
    },
    findHolder: async () => (await store.look(key)).holder,
    readAnew: async () => {
      const { head } = await store.look(key);
      await readAnew(head, copying);
    },
    growth: () => growth,
    requireHere: () => {
      if (seen) refuseMoved(seen, store);
    },
    findMovedTo: async () => asKind((await store.look(key)).movedTo),
    take: async (wish) => {
      const held = await take(wish, seen, { place, ports });
      isHeld = !wish.takesMoved;
      return held;
    },
  };
}

/** A run that begins again looks twice, and may append twice before it proves what it appended. */
function joinGrowth(first: Growth | null, second: Growth | null): Growth | null {
  return first && second?.from === first.to ? { from: first.from, to: second.to } : (second ?? first);
}

async function take(
  wish: LeaseWish,
  seen: StoreTip | null,
  { place, ports }: { readonly place: SharedPlace; readonly ports: SharedPorts },
): Promise<HeldLease> {
  const { store, key, paths, waitMs = store.times.waitMs } = place;
  const { clock, processes, files } = ports;
  if (!wish.takesMoved) refuseArchive(key);
  if (seen && !wish.takesMoved) refuseMoved(seen, store);
  const holder = {
    ...{ pid: processes.pid, host: processes.host, task: wish.task },
    since: new Date(clock.now()).toISOString(),
  };
  const taken = await store
    .take(key, {
      ...{ holder, waitMs, interrupted: wish.interrupted },
      above: await readFence(paths, files),
      onWait: (other) => {
        wish.onWait(`waiting for another pass on ${store.name} (${describeHolder(other)})`);
      },
    })
    .catch((cause: unknown) => {
      if (!wish.interrupted.aborted) throw cause;
      throw new ReconcileError("run/interrupted", "interrupted while waiting for another pass");
    });
  if (!taken.ok) throw lockedBy(store, { holder: taken.holder, waitMs });
  const held = holdLease({ store, key, clock, fence: taken.fence });
  await keepFence(taken.fence, paths, files);
  return { ...held, isNext: seen !== null && isUnchanged(seen, taken) };
}

function asKind(movedTo: string | null): StoreKind | null {
  return movedTo === "files" || movedTo === "git" || movedTo === "postgres" ? movedTo : null;
}

function isUnchanged(
  { head, fence, holder }: StoreTip,
  taken: { readonly head: TrailHead; readonly followed: number },
): boolean {
  return holder === null && taken.followed === fence && taken.head.hash === head.hash;
}

function lockedBy(
  { name, times }: SharedStore,
  { holder, waitMs }: { readonly holder: LockHolder | null; readonly waitMs: number },
): ReconcileError {
  const message = `another pass holds the lease in ${name} (${describeHolder(holder)}); waited ${waitMs / 1000} s for it`;
  return new ReconcileError("state/locked", message, {
    hint: `try again when that pass has ended; if its process died, its lease ends ${times.lastsMs / 1000} s after its last sign of life`,
  });
}

function refuseMoved({ movedTo }: StoreTip, { name }: SharedStore): void {
  if (movedTo !== null) throw wasMoved(`the trail in ${name}`, movedTo);
}
