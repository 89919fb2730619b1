// The place of a store in a simulation: where machines open it, and what it holds in truth.
import type { Files } from "../../../src/lib/files.ts";
import type { SharedStore, StateKey } from "../../../src/state/shared-store.ts";
import type { StoreKind } from "../../../src/state/state.ts";
import type { MemoryFiles } from "../../support/memory-files.ts";
import type { Dice } from "../dice.ts";
import type { Timeline } from "../timeline.ts";
import type { RealCalls, RealWork } from "./real-work.ts";
import type { Sleeper } from "./sleeper.ts";

/** What becomes of one call to the store. */
export interface Fate {
  /** Until the store gets it, ms. */
  readonly upMs: number;
  /** Until its answer is back, ms. */
  readonly downMs: number;
  /** `lost`: it took effect, and its answer is lost. `unreached`: it never arrives. */
  readonly ends: "well" | "lost" | "unreached" | "refused";
}

export interface PlacePorts {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly real: RealWork;
  readonly key: StateKey;
  readonly fateOf: (sleeper: Sleeper, what: string) => Fate;
  /** What a test makes of the store that was opened. */
  readonly spoil: (store: SharedStore) => SharedStore;
  /** Called after each call that may have changed something in the store, before its answer leaves. */
  readonly observe: (sleeper: Sleeper) => Promise<void>;
}

export interface Place {
  readonly store: StoreKind;
  /** From how long after its last sign of life on a holder may be followed, ms. */
  readonly lastsMs: number;
  /** How long a pass waits for another one, ms. */
  readonly waitMs: number;
  /** Whether the processes can see each other's numbers. */
  readonly isOneMachine: boolean;
  /** The disk of one process; `own` is its machine's. */
  readonly filesOf: (own: MemoryFiles, sleeper: Sleeper) => Files;
  /** Opens the store as one process of a machine does. */
  readonly openStore: (machine: number, sleeper: Sleeper) => Promise<SharedStore>;
  /** What the store holds: the number of the lease that was taken last, and the lines behind record `after`. */
  readonly read: (after: number) => Promise<{ readonly fence: number; readonly lines: readonly string[] }>;
  readonly close: () => Promise<void>;
}

/** Opens places of one store, one after the other. */
export interface Ground {
  /** The size of a story, so that many fit into a minute. */
  readonly mostGroups: number;
  readonly mostTypes: number;
  readonly open: (ports: PlacePorts) => Promise<Place>;
  readonly close: () => Promise<void>;
}

/** Each call to the disk is an await, at which the process may be held. */
export function pausingFiles(files: Files, sleeper: Sleeper): Files {
  const call = <T>(what: string, act: () => Promise<T>): Promise<T> => sleeper.call(what, act);
  return {
    list: (directory) => call(`list of ${directory}`, () => files.list(directory)),
    stat: (path) => call(`stat of ${path}`, () => files.stat(path)),
    identify: (path) => call(`identity of ${path}`, () => files.identify(path)),
    entryKind: (path) => call(`kind of ${path}`, () => files.entryKind(path)),
    realPath: (path) => call(`path of ${path}`, () => files.realPath(path)),
    read: (path, maxBytes) => call(`read of ${path}`, () => files.read(path, maxBytes)),
    readRange: (path, start, end) => call(`read of ${path}`, () => files.readRange(path, start, end)),
    write: (path, text, options) => call(`write of ${path}`, () => files.write(path, text, options)),
    append: (path, text) => call(`append to ${path}`, () => files.append(path, text)),
    create: (path, content, options) =>
      call(`create of ${path}`, () => files.create(path, content, options)),
    rename: (path, to) => call(`rename of ${path}`, () => files.rename(path, to)),
    remove: (path) => call(`remove of ${path}`, () => files.remove(path)),
    openAppend: (path, mode) =>
      call(`open of ${path}`, async () => {
        const file = await files.openAppend(path, mode);
        const its = <T>(what: string, act: () => Promise<T>): Promise<T> => call(`${what} ${path}`, act);
        return {
          sizeBytes: () => its("size of", () => file.sizeBytes()),
          readRange: (start, end) => its("read of", () => file.readRange(start, end)),
          identify: () => its("identity of", () => file.identify()),
          setMode: (fileMode) => its("mode of", () => file.setMode(fileMode)),
          truncate: (sizeBytes) => its("truncate", () => file.truncate(sizeBytes)),
          append: (content) => its("append to", () => file.append(content)),
          sync: () => its("sync of", () => file.sync()),
          close: () => its("close of", () => file.close()),
        };
      }),
  };
}

/** Each call is an await before it and after it, and takes real time in between. */
export function pausingStore(
  opened: SharedStore,
  sleeper: Sleeper,
  { calls, spoil }: Pick<PlacePorts, "spoil"> & { readonly calls: RealCalls },
): SharedStore {
  const store = spoil(opened);
  const call = <T>(what: string, act: () => Promise<T>): Promise<T> =>
    sleeper.call(`${what} of the store`, () => calls.during(act));
  return {
    ...store,
    findOrganization: (client) => call("findOrganization", () => store.findOrganization(client)),
    rememberOrganization: (client, organization) =>
      call("rememberOrganization", () => store.rememberOrganization(client, organization)),
    look: (key) => call("look", () => store.look(key)),
    hashOf: (key, seq) => call("hashOf", () => store.hashOf(key, seq)),
    read: async function* (key, after) {
      const pieces = store.read(key, after)[Symbol.asyncIterator]();
      for (;;) {
        const next = await call("read", () => pieces.next());
        if (next.done === true) return;
        yield next.value;
      }
    },
    take: (key, options) => call("take", () => store.take(key, options)),
    renew: (key, fence) => call("renew", () => store.renew(key, fence)),
    release: (key, fence) => call("release", () => store.release(key, fence)),
    append: (key, fence, records) => call("append", () => store.append(key, fence, records)),
    markMoved: (key, fence, movedTo) => call("markMoved", () => store.markMoved(key, fence, movedTo)),
    close: () => calls.during(() => store.close()),
  };
}
