// Reads a state's commit: its tip, and its trail by segments.
import { makeObjectReader, parseCommit, parseTree, type ObjectReader, type TreeEntry } from "./objects.ts";
import { Damage } from "./damage.ts";
import type { OwnRepository } from "./own-repository.ts";
import { hashesFile, parseSegmentName, trailFolder, type Segment } from "./segments.ts";
import { emptyTip, notOurs, parseTip, tipFile, type Tip } from "./tip.ts";

/** What a ref of the remote held at one moment. */
export interface State {
  /** Null if the remote has no such ref. */
  readonly commit: string | null;
  readonly tip: Tip;
}

export interface SegmentName {
  readonly first: number;
  readonly blob: string;
}

/** Runs `use` with a reader of the repository's objects. */
export async function withObjects<T>(
  repository: OwnRepository,
  use: (objects: ObjectReader) => Promise<T>,
): Promise<T> {
  const objects = makeObjectReader(repository.start(["cat-file", "--batch"]));
  try {
    return await use(objects);
  } finally {
    await objects.end();
  }
}

/** Throws ReconcileError `state/refused` if the commit is none of this store's. */
export async function readState(
  repository: OwnRepository,
  { ref, commit }: { readonly ref: string; readonly commit: string | null },
): Promise<State> {
  if (commit === null) return { commit, tip: emptyTip };
  return withObjects(repository, async (objects) => {
    const file = (await readRoot(objects, commit)).find(
      ({ name, isFolder }) => name === tipFile && !isFolder,
    );
    if (!file) throw notOurs(ref, `it has no ${tipFile}`);
    return { commit, tip: parseTip((await objects.read(file.id, "blob")).toString("utf8"), ref) };
  });
}

/** The last segment of a commit's trail; null if it has none. */
export async function readLastSegment(objects: ObjectReader, commit: string): Promise<Segment | null> {
  const folders = await readTrailFolders(objects, commit);
  for (const folder of folders.toReversed()) {
    const last = (await readFolder(objects, folder)).at(-1);
    if (last) return { first: last.first, lines: await objects.read(last.blob, "blob") };
  }
  return null;
}

/** The segments that hold record `seq` and those after it, in order. */
export async function listSegments(
  objects: ObjectReader,
  commit: string,
  seq: number,
): Promise<SegmentName[]> {
  const folders = await readTrailFolders(objects, commit);
  const lists = await Promise.all(folders.map((folder) => readFolder(objects, folder)));
  const all = lists.flat();
  const after = all.findIndex(({ first }) => first > seq);
  if (after < 0) return all.slice(-1);
  return all.slice(Math.max(0, after - 1));
}

/** The hashes that no line names, by their records' numbers. */
export async function readHashes(
  objects: ObjectReader,
  commit: string,
): Promise<Readonly<Record<string, string>>> {
  const file = (await readRoot(objects, commit)).find(({ name }) => name === hashesFile);
  if (!file) return {};
  const text = (await objects.read(file.id, "blob")).toString("utf8");
  return parseHashes(text);
}

/** A file that a person broke names no hash. */
function parseHashes(text: string): Readonly<Record<string, string>> {
  try {
    const hashes = Object.entries(JSON.parse(text) as object).filter(
      ([, hash]) => typeof hash === "string",
    );
    return Object.fromEntries(hashes);
  } catch {
    return {};
  }
}

export async function readRoot(objects: ObjectReader, commit: string): Promise<TreeEntry[]> {
  const tree = parseCommit(await objects.read(commit, "commit"));
  if (tree === null) throw new Damage(`commit ${commit} names no tree`);
  return readTree(objects, tree);
}

async function readTree(objects: ObjectReader, id: string): Promise<TreeEntry[]> {
  return parseTree(await objects.read(id, "tree"), id.length / 2);
}

async function readTrailFolders(objects: ObjectReader, commit: string): Promise<TreeEntry[]> {
  const trail = (await readRoot(objects, commit)).find(({ name }) => name === trailFolder);
  if (!trail?.isFolder) return [];
  const folders = (await readTree(objects, trail.id)).filter(({ isFolder }) => isFolder);
  return folders.sort((a, b) => Number(a.name) - Number(b.name));
}

async function readFolder(objects: ObjectReader, folder: TreeEntry): Promise<SegmentName[]> {
  const entries = await readTree(objects, folder.id);
  const names = entries.flatMap(({ name, id }) => {
    const first = parseSegmentName(name);
    return first === null ? [] : [{ first, blob: id }];
  });
  return names.sort((a, b) => a.first - b.first);
}
