// The files of a lock, `<name>.<n>` in a directory: which there are, and what they say.
import type { EntryKind, Files } from "./files.ts";

/** More than there can be passes; a person must have made a file with such a number. */
const lastNumber = 999_999_999_999_999;
/** A lock's file has a few hundred bytes. */
const maxLockBytes = 64 * 1024;

export interface LockPlace {
  readonly files: Pick<Files, "list" | "read" | "create" | "write" | "remove">;
  readonly directory: string;
  /** The name of the lock; a directory may have several. */
  readonly name: string;
}

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly task: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** The code of the error that `acquireLock` and `findHolder` reject with if something has the name of a lock's file. */
export const notALock = "ENOTALOCK";

/** The highest number in use; 0 without any. */
export async function findTop(place: LockPlace): Promise<number> {
  return Math.max(0, ...(await listNumbers(place)));
}

export async function listNumbers({ files, directory, name }: LockPlace): Promise<number[]> {
  try {
    const entries = (await files.list(directory)).filter((entry) => isNumbered(entry.name, name));
    const odd = entries.find(({ kind }) => kind !== "file");
    if (odd) throw isNoLock(`${directory}/${odd.name}`, `it is ${oddKinds[odd.kind]}`);
    const numbers = entries.map((entry) => Number(entry.name.slice(name.length + 1)));
    if (numbers.includes(lastNumber))
      throw isNoLock(`${directory}/${name}.${lastNumber}`, "no lock has such a number");
    return numbers;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

function isNumbered(entry: string, name: string): boolean {
  return entry.startsWith(`${name}.`) && /^[1-9]\d{0,14}$/.test(entry.slice(name.length + 1));
}

const oddKinds = {
  file: "a file",
  directory: "a folder",
  link: "a link",
  other: "neither a file nor a folder",
} satisfies Record<EntryKind, string>;

function isNoLock(path: string, why: string): Error {
  return Object.assign(new Error(`${path} has the name of a lock, and is none: ${why}`), {
    code: notALock,
  });
}

export interface LockFile {
  readonly text: string;
  /** Empty if the file does not name it. */
  readonly machine: string;
  /** Null if the file cannot be parsed. */
  readonly holder: (LockHolder & { readonly beatMs: number }) | null;
}

export async function readLock(place: LockPlace, number: number): Promise<LockFile | "released" | "gone"> {
  const path = pathOf(place, number);
  try {
    const text = new TextDecoder().decode(await place.files.read(path, maxLockBytes));
    if (text === released) return "released";
    return { text, ...parseHolder(text) };
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT") return "gone";
    if (code === "EFBIG") throw isNoLock(path, `it is larger than ${maxLockBytes / 1024} KiB`);
    throw error;
  }
}

function parseHolder(text: string): Omit<LockFile, "text"> {
  const unparsed = { machine: "", holder: null };
  try {
    const { pid, host, machine, task, since, beatMs: beat } = JSON.parse(text) as Record<string, unknown>;
    const isHolder = Number.isSafeInteger(pid) && typeof host === "string" && typeof task === "string";
    if (!isHolder || typeof since !== "string" || typeof beat !== "number") return unparsed;
    const holder = { pid: pid as number, host, task, since, beatMs: beat };
    return { machine: typeof machine === "string" ? machine : "", holder };
  } catch {
    return unparsed;
  }
}

/** The text of a lock that its holder gave back. */
export const released = '{"released":true}\n';

export function pathOf({ directory, name }: LockPlace, number: number): string {
  return `${directory}/${name}.${number}`;
}

export function errnoOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
