// The disk of one pass: memory files that fail when they are told to, seen through a process that may die.
import type { AppendFile, Files } from "../../src/lib/files.ts";
import type { MemoryFiles } from "../support/memory-files.ts";
import type { Dice } from "./dice.ts";
import type { DiskFault, DiskWrite, Weather } from "./faults.ts";
import { tell, type Journal, type Pass } from "./journal.ts";
import type { Mortal } from "./mortal.ts";
import type { Timeline } from "./timeline.ts";
import { trailPath } from "../support/world.ts";
import type { TrailView } from "./trail-view.ts";

export interface DiskPorts {
  readonly files: MemoryFiles;
  readonly trail: TrailView;
  readonly journal: Journal;
  readonly timeline: Timeline;
  readonly pass: Pass;
  readonly mortal: Mortal;
  readonly weather: Weather;
  /** Changes what is appended to the trail, for those who want to see a check fail. */
  readonly forge: ((text: string) => string) | null;
}

export function makeDisk(ports: DiskPorts): Files {
  const { files, mortal } = ports;
  const call = <T>(what: string, act: () => Promise<T>): Promise<T> => mortal.call(what, act);
  return {
    list: (directory) => call("list", () => files.list(directory)),
    stat: (path) => call("stat", () => files.stat(path)),
    identify: (path) => call("identify", () => files.identify(path)),
    entryKind: (path) => call("entryKind", () => files.entryKind(path)),
    realPath: (path) => call("realPath", () => files.realPath(path)),
    read: (path, maxBytes) => call("read", () => files.read(path, maxBytes)),
    readRange: (path, start, end) => call("readRange", () => files.readRange(path, start, end)),
    write: (path, text, options) =>
      call(`write of ${path}`, async () => {
        fail(meet("write", path, ports));
        await files.write(path, text, options);
      }),
    append: (path, text) => call(`append to ${path}`, () => files.append(path, text)),
    create: (path, content, options) =>
      call(`create of ${path}`, async () => {
        fail(meet("create", path, ports));
        await files.create(path, content, options);
      }),
    rename: (path, to) => call(`rename of ${path}`, () => files.rename(path, to)),
    remove: (path) => call(`remove of ${path}`, () => files.remove(path)),
    openAppend: (path, mode) =>
      call(`openAppend of ${path}`, async () => {
        fail(meet("openAppend", path, ports));
        return wrap(await files.openAppend(path, mode), path, ports);
      }),
  };
}

function wrap(file: AppendFile, path: string, ports: DiskPorts): AppendFile {
  const { mortal, trail, forge } = ports;
  const isTrail = path === trailPath;
  const call = <T>(what: string, act: () => Promise<T>): Promise<T> =>
    mortal.call(`${what} of ${path}`, act);
  return {
    sizeBytes: () => call("size", () => file.sizeBytes()),
    identify: () => call("identify", () => file.identify()),
    readRange: (start, end) => call("readRange", () => file.readRange(start, end)),
    setMode: (mode) => call("setMode", () => file.setMode(mode)),
    truncate: (sizeBytes) =>
      call("truncate", async () => {
        await file.truncate(sizeBytes);
        if (isTrail) trail.reread();
      }),
    append: (given) =>
      call("append", async () => {
        const content = isTrail && forge && typeof given === "string" ? forge(given) : given;
        const fault = meet("append", path, ports);
        const written = fault ? content.slice(0, Math.floor(fault.part * content.length)) : content;
        await file.append(written);
        if (isTrail) trail.appended(String(written));
        fail(fault);
      }),
    sync: () =>
      call("sync", async () => {
        fail(meet("sync", path, ports));
        await file.sync();
        if (isTrail) trail.synced();
      }),
    close: () => call("close", () => file.close()),
  };
}

function meet(operation: DiskWrite, path: string, ports: DiskPorts): DiskFault | null {
  const { weather, journal, timeline, pass } = ports;
  const fault = weather.nextDiskFault(operation);
  if (!fault) return null;
  journal.totals.diskFaults += 1;
  pass.disturbances += 1;
  pass.diskFaults += 1;
  tell(journal, timeline.now(), () => `  disk: ${operation} of ${path}: ${fault.code}`);
  return fault;
}

function fail(fault: DiskFault | null): void {
  if (fault) throw Object.assign(new Error(`${fault.code}: the disk fails`), { code: fault.code });
}

/** What was not synced is lost, but for a beginning of it that may have reached the disk. */
export function cutPower(files: MemoryFiles, dice: Dice): void {
  const before = files.paths().map((path) => ({ path, text: files.text(path), mode: files.mode(path) }));
  files.cutPower();
  for (const { path, text, mode } of before) {
    const left = files.text(path);
    // A lock is made without a sync: of a new one only the name may be there.
    if (path.startsWith("/.reconcile/lock.") && dice.chance(0.2)) files.set(path, "", mode);
    const lost = text.length - left.length;
    if (lost <= 0 || !text.startsWith(left) || dice.chance(0.5)) continue;
    files.set(path, text.slice(0, left.length + dice.between(0, lost)), mode);
  }
}
