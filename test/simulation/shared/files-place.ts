// Files as the store: two processes on one disk, each with a checkout of its own beside the shared state.
import type { Files } from "../../../src/lib/files.ts";
import { makeMemoryFiles, type MemoryFiles } from "../../support/memory-files.ts";
import { trailPath } from "../../support/world.ts";
import { pausingFiles, type Ground, type Place, type PlacePorts } from "./place.ts";

export function makeFilesGround(): Ground {
  return {
    ...{ mostGroups: 2, mostTypes: 5 },
    open: (ports) => Promise.resolve(openPlace(ports, ports.dice.chance(0.5))),
    close: () => Promise.resolve(),
  };
}

/** Of one machine, a process that hangs is followed after a minute; of two containers, after ten seconds of silence. */
function openPlace({ observe }: PlacePorts, isOneMachine: boolean): Place {
  const disk = makeMemoryFiles();
  return {
    ...{ store: "files", lastsMs: isOneMachine ? 70_000 : 11_000, waitMs: 30_000, isOneMachine },
    filesOf: (own, sleeper) =>
      pausingFiles(
        seen(disk, own, () => observe(sleeper)),
        sleeper,
      ),
    openStore: () => Promise.reject(new Error("files are no shared store")),
    read: (after) => {
      const lines = disk.paths().includes(`/${trailPath}`)
        ? disk.text(trailPath).split("\n").slice(0, -1)
        : [];
      return Promise.resolve({ fence: lastLock(disk), lines: lines.slice(after) });
    },
    close: () => Promise.resolve(),
  };
}

/** The number of the lock that was taken last: it only grows. */
function lastLock(disk: MemoryFiles): number {
  const numbers = disk.paths().map((path) => Number(/^\/\.reconcile\/lock\.(\d+)$/.exec(path)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

/** The config and the manifests are those of the checkout; the state is on the disk. */
function seen(disk: MemoryFiles, own: MemoryFiles, onChange: () => Promise<void>): Files {
  const of = (path: string): Files =>
    /^(\.\/|\/)?(reconcile\.yaml|subscriptions(\/|$))/.test(path) ? own : disk;
  const changed = async <T>(act: Promise<T>): Promise<T> => {
    const done = await act;
    await onChange();
    return done;
  };
  return {
    list: (directory) => of(directory).list(directory),
    stat: (path) => of(path).stat(path),
    identify: (path) => of(path).identify(path),
    entryKind: (path) => of(path).entryKind(path),
    realPath: (path) => of(path).realPath(path),
    read: (path, maxBytes) => of(path).read(path, maxBytes),
    readRange: (path, start, end) => of(path).readRange(path, start, end),
    write: (path, text, options) => of(path).write(path, text, options),
    append: (path, text) => of(path).append(path, text),
    create: (path, content, options) => changed(of(path).create(path, content, options)),
    rename: (path, to) => of(path).rename(path, to),
    remove: (path) => of(path).remove(path),
    openAppend: async (path, mode) => {
      const file = await of(path).openAppend(path, mode);
      return { ...file, append: (content) => changed(file.append(content)) };
    },
  };
}
