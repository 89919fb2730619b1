// Faults of the disk: each call of a pass fails in turn, once or from then on; then the disk is whole again.
import type { TestKind } from "../support/kinds.ts";
import type { DiskOperation, MemoryFiles } from "../support/memory-files.ts";
import { checkAfterwards } from "./afterwards.ts";
import { makeFamily, playAll, type Played, type Row } from "./family.ts";
import { attack, unexcused } from "./observe.ts";
import { copyOf, kindsOf, pass, positionsOf, stageOf } from "./stage.ts";

interface DiskRow extends Row {
  /** The calls that fail; absent for all. */
  readonly on?: readonly DiskOperation[];
  readonly code: string;
  /** Whether all calls fail from then on, as on a disk that is full. */
  readonly isLasting?: boolean;
  /** The bytes of an append that reach the disk all the same. */
  readonly bytesBefore?: number;
  /** Whether the power fails, too: what was not synced is gone. */
  readonly cutsPower?: boolean;
}

const writing: readonly DiskOperation[] = ["append", "write", "create", "openAppend", "truncate"];
const reading: readonly DiskOperation[] = ["read", "list", "stat", "realPath", "readRange", "sizeBytes"];

export const diskRows: readonly DiskRow[] = [
  { name: "ENOSPC at a write", on: writing, code: "ENOSPC" },
  { name: "ENOSPC from a write on", on: writing, code: "ENOSPC", isLasting: true },
  { name: "EDQUOT from a write on", on: writing, code: "EDQUOT", isLasting: true },
  { name: "EROFS from a write on", on: [...writing, "remove"], code: "EROFS", isLasting: true },
  { name: "EACCES at a write", on: writing, code: "EACCES" },
  { name: "EIO at a write", on: writing, code: "EIO" },
  { name: "EIO at a read", on: reading, code: "EIO" },
  { name: "EACCES at a read", on: reading, code: "EACCES" },
  { name: "ENOENT at a read", on: reading, code: "ENOENT" },
  { name: "EISDIR at a read", on: reading, code: "EISDIR" },
  { name: "ELOOP at a read", on: reading, code: "ELOOP" },
  { name: "ESTALE at any call", code: "ESTALE" },
  { name: "EMFILE at any call", code: "EMFILE" },
  { name: "EMFILE from any call on", code: "EMFILE", isLasting: true },
  { name: "ENOTDIR at any call", code: "ENOTDIR" },
  { name: "a code that nobody knows, at any call", code: "EWHAT" },
  { name: "EIO at a sync", on: ["sync"], code: "EIO" },
  { name: "EIO at a sync, and the power fails", on: ["sync"], code: "EIO", cutsPower: true },
  { name: "EIO from a sync on", on: ["sync"], code: "EIO", isLasting: true },
  { name: "EIO at a close", on: ["close"], code: "EIO" },
  { name: "EPERM at a remove", on: ["remove"], code: "EPERM" },
  { name: "an append of no byte", on: ["append"], code: "ENOSPC", bytesBefore: 0 },
  { name: "an append of one byte", on: ["append"], code: "ENOSPC", bytesBefore: 1 },
  { name: "an append of 300 bytes", on: ["append"], code: "ENOSPC", bytesBefore: 300 },
  {
    name: "an append of 300 bytes, and the power fails",
    on: ["append"],
    code: "EIO",
    bytesBefore: 300,
    cutsPower: true,
  },
  { name: "an append that is whole, and fails", on: ["append"], code: "EIO", bytesBefore: 1_000_000 },
];

/** So many positions are tried in short, spread over those that a pass has. */
const positionsInShort = 3;

export const diskFaults = makeFamily("disk-faults", diskRows, (row, extent) =>
  playAll(
    kindsOf(row, extent).map((kind) => async () => {
      const positions = positionsOf(await countCalls(row, kind), positionsInShort, extent);
      return playAll(positions.map((at) => () => playFault(row, kind, at)));
    }),
  ),
);

/** How many calls of an honest pass the fault could meet. */
async function countCalls(row: DiskRow, kind: TestKind): Promise<number> {
  const from = copyOf((await stageOf(kind)).world);
  const met = plant(row, from.files, Infinity);
  await attack({ argv: pass, from });
  return met();
}

async function playFault(row: DiskRow, kind: TestKind, at: number): Promise<Played> {
  const from = copyOf((await stageOf(kind)).world);
  plant(row, from.files, at);
  const attacked = await attack({ argv: pass, from });
  from.files.before = () => undefined;
  if (row.cutsPower) from.files.cutPower();
  // A disk that fails may leave a lock behind, which is dead as soon as its process is.
  const next = {
    ...from,
    processes: { ...from.processes, pid: 101, isAlive: (pid: number) => pid === 101 },
  };
  const faults = [...unexcused(attacked), ...(await checkAfterwards(next, kind))];
  const where = `${kind.nouns}, call ${at} (exit ${String(attacked.status)})`;
  return { attacks: 1, faults: faults.map((fault) => `${where}: ${fault}`) };
}

/** Makes the call of this number fail; returns how many calls it could have been. */
function plant(
  { on, code, isLasting, bytesBefore }: DiskRow,
  files: MemoryFiles,
  at: number,
): () => number {
  let met = 0;
  files.before = (operation, path) => {
    if (on && !on.includes(operation)) return;
    met += 1;
    if (met !== at && !(isLasting && met > at)) return;
    if (bytesBefore !== undefined) files.failNext("append", code, bytesBefore);
    else throw Object.assign(new Error(`${code}: '${path}'`), { code, path });
  };
  return () => met;
}
