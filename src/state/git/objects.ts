// Reads Git objects, each checked against its id: the id of a remote's commit then vouches for all that is read, whatever
// somebody put into the folder.
import { createHash } from "node:crypto";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { Damage } from "./damage.ts";

export type ObjectType = "blob" | "commit" | "tree";

export interface ObjectReader {
  /** Rejects with Damage if the object is missing, of another type, or not what its id says. */
  readonly read: (id: string, type: ObjectType) => Promise<Buffer>;
  /** The content of each blob in order; those that are not taken yet are not held in memory. */
  readonly readAll: (blobs: readonly string[]) => AsyncGenerator<Buffer>;
  readonly end: () => Promise<void>;
}

/** `child` is a `git cat-file --batch`. */
export function makeObjectReader(child: ChildProcessWithoutNullStreams): ObjectReader {
  const ended = new Promise<void>((resolve) => {
    child.on("error", () => {
      resolve();
    });
    child.on("close", () => {
      resolve();
    });
  });
  child.stdin.on("error", () => undefined);
  child.stderr.resume();
  const found = parseBatch(child.stdout);
  const take = async (id: string, type: ObjectType): Promise<Buffer> => {
    const { value } = await found.next();
    if (value?.id !== id) throw new Damage(`Git cannot read object ${id}`);
    if (value.type !== type) throw new Damage(`object ${id} is no ${type}`);
    if (idOf(value, id.length) !== id)
      throw new Damage(`object ${id} holds other bytes than its name says`);
    return value.content;
  };
  return {
    read: (id, type) => {
      child.stdin.write(`${id}\n`);
      return take(id, type);
    },
    readAll: async function* (blobs) {
      child.stdin.end(blobs.map((id) => `${id}\n`).join(""));
      for (const id of blobs) yield await take(id, "blob");
    },
    end: async () => {
      child.stdin.end();
      // Git may be in the middle of an answer that nobody takes.
      child.stdout.destroy();
      await ended;
    },
  };
}

interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Buffer;
}

/** Ends at the first object that Git does not have, and at an answer that makes no sense. */
async function* parseBatch(stdout: AsyncIterable<Buffer>): AsyncGenerator<GitObject, undefined> {
  const bytes = makeBytes(stdout);
  for (;;) {
    const header = await bytes.takeLine();
    const [, id = "", type = "", size = ""] = /^([0-9a-f]+) (\w+) (\d+)$/.exec(header ?? "") ?? [];
    const content = id === "" ? null : await bytes.take(Number(size));
    if (!content || !(await bytes.take(1))) return;
    yield { id, type, content };
  }
}

/** A header has an id, a type and a size. */
const mostHeaderBytes = 200;

function makeBytes(stdout: AsyncIterable<Buffer>): {
  readonly takeLine: () => Promise<string | null>;
  readonly take: (size: number) => Promise<Buffer | null>;
} {
  const chunks = stdout[Symbol.asyncIterator]();
  let parts: Buffer[] = [];
  let held = 0;
  const pull = async (): Promise<boolean> => {
    // A stream that was destroyed ends with an error.
    const next = await chunks.next().catch(() => ({ done: true }) as const);
    if (next.done === true) return false;
    parts.push(next.value);
    held += next.value.length;
    return true;
  };
  const join = (): Buffer => {
    const all = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    parts = [all];
    return all;
  };
  const take = async (size: number): Promise<Buffer | null> => {
    while (held < size) if (!(await pull())) return null;
    const all = join();
    parts = [all.subarray(size)];
    held -= size;
    return all.subarray(0, size);
  };
  const takeLine = async (): Promise<string | null> => {
    for (;;) {
      const all = join();
      const end = all.indexOf(10);
      if (end >= 0) return ((await take(end + 1)) ?? all).subarray(0, end).toString("utf8");
      if (held > mostHeaderBytes || !(await pull())) return null;
    }
  };
  return { take, takeLine };
}

/** A repository's ids are either all SHA-1 or all SHA-256. */
function idOf({ type, content }: GitObject, length: number): string {
  const algorithm = length === 40 ? "sha1" : "sha256";
  return createHash(algorithm).update(`${type} ${content.length}\0`).update(content).digest("hex");
}

export interface TreeEntry {
  readonly name: string;
  readonly id: string;
  readonly isFolder: boolean;
}

/** The entries of a tree's bytes. `idBytes` is 20 or 32. */
export function parseTree(bytes: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0) break;
    entries.push({
      name: bytes.toString("utf8", space + 1, end),
      id: bytes.toString("hex", end + 1, end + 1 + idBytes),
      isFolder: bytes.toString("latin1", at, space) === "40000",
    });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** The tree of a commit's bytes; null if they name none. */
export function parseCommit(bytes: Buffer): string | null {
  return /^tree ([0-9a-f]{40,64})\n/.exec(bytes.toString("latin1", 0, 80))?.[1] ?? null;
}
