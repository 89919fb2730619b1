// The store's own repository, apart from the user's: its objects are kept from one process to the next, everything else is
// made anew by each process, so a Git that was killed leaves no lock that anybody meets.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { runGitApart, type GitApartOptions } from "../../git/run-git-apart.ts";
import { startGit } from "../../git/run-git.ts";
import { sha256Hex } from "../../lib/hash.ts";
import { prepareFolder, refuseUnwritable } from "./own-folder.ts";

export interface OwnRepository {
  /** Runs Git there, without a transport unless the variables allow one. Rejects with Git's own message. */
  readonly git: (words: readonly string[], options?: GitApartOptions) => Promise<Buffer>;
  readonly start: (words: readonly string[]) => ChildProcessWithoutNullStreams;
  /** A folder that this process alone uses. */
  readonly folder: () => string;
  /** The ref of this repository in which that ref of the remote is kept. */
  readonly localRef: (ref: string) => string;
  /** The commit that a fetch has just put there; null if it put none. */
  readonly fetched: (ref: string) => Promise<string | null>;
  /** The commit of that ref that was kept last; null without one. */
  readonly kept: (ref: string) => string | null;
  /** Remembers what was fetched or pushed, so that the next process fetches what is new alone. */
  readonly keep: (ref: string, commit: string | null) => Promise<void>;
  /** Forgets everything and begins with an empty repository. */
  readonly rebuild: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Place {
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly limit: Limit;
}

/** Makes a signal that fires after that time. */
export type Limit = (limitMs: number) => AbortSignal;

/** For what Git does without a remote. */
const localLimitMs = 60_000;

/**
 * `objects` is shared by the processes of this machine, because Git adds an object without a lock. `commits` holds one
 * commit a ref, and may be old or gone.
 */
const [objectsName, commitsName] = ["objects", "commits.json"];

/** Rejects with ReconcileError `state/refused` if the folder cannot be used. */
export async function openOwnRepository(place: Place): Promise<OwnRepository> {
  const directory = resolve(place.directory);
  const writable = <T>(write: () => Promise<T>): Promise<T> => refuseUnwritable(directory, write);
  const begin = (): Promise<Begun> => writable(() => beginUse(directory, place));
  let { folder, commits } = await begin();
  const variables = (): Readonly<Record<string, string>> => ({
    GIT_DIR: folder,
    GIT_COMMON_DIR: folder,
    GIT_OBJECT_DIRECTORY: join(directory, objectsName),
  });
  return {
    git: (words, options = {}) =>
      runGitApart(words, {
        abort: place.limit(localLimitMs),
        ...options,
        settings: [...settings, ...(options.settings ?? [])],
        variables: { ...variables(), ...options.variables },
      }),
    start: (words) => startGit(words, { settings, variables: variables() }),
    folder: () => folder,
    localRef,
    fetched: async (ref) => {
      const content = await readFile(join(folder, localRef(ref)), "utf8").catch(() => "");
      return isId(content.trim()) ? content.trim() : null;
    },
    kept: (ref) => commits.get(localRef(ref)) ?? null,
    keep: async (ref, commit) => {
      const name = localRef(ref);
      if ((commits.get(name) ?? null) === commit) return;
      if (commit === null) commits.delete(name);
      else commits.set(name, commit);
      await writable(() => writeCommits(directory, commits, place.random.id()));
    },
    rebuild: () =>
      writable(async () => {
        for (const name of [objectsName, commitsName])
          await rm(join(directory, name), { recursive: true, force: true });
        await rm(folder, { recursive: true, force: true });
        ({ folder, commits } = await begin());
      }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Nothing in the folder is worth a flush, since all of it can be fetched again. The search for similar segments takes nine
 * tenths of the time of a large push, and makes it one hundredth smaller.
 */
const settings = ["core.fsync=none", "gc.auto=0", "maintenance.auto=false", "pack.window=0"];

function localRef(ref: string): string {
  return `refs/reconcile/${sha256Hex(ref).slice(0, 40)}`;
}

interface Begun {
  readonly folder: string;
  readonly commits: Map<string, string>;
}

/** Makes the folder of one process, which Git takes for a repository. */
async function beginUse(directory: string, { clock, random }: Place): Promise<Begun> {
  await prepareFolder(directory, { nowMs: clock.now(), kept: [objectsName, commitsName] });
  const commits = await readCommits(directory);
  const folder = join(directory, `use-${random.id()}`);
  await mkdir(join(directory, objectsName), { recursive: true });
  await mkdir(join(folder, "refs", "reconcile"), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "HEAD"), "ref: refs/heads/none\n");
  await writeFile(
    join(folder, "config"),
    "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tlogAllRefUpdates = false\n",
  );
  for (const [name, commit] of commits) await writeFile(join(folder, name), `${commit}\n`);
  // The folder has these commits without those before them.
  if (commits.size > 0)
    await writeFile(
      join(folder, "shallow"),
      [...new Set(commits.values())].map((id) => `${id}\n`).join(""),
    );
  return { folder, commits };
}

async function readCommits(directory: string): Promise<Map<string, string>> {
  try {
    const kept = JSON.parse(await readFile(join(directory, commitsName), "utf8")) as object;
    const sound = Object.entries(kept).filter(
      ([name, commit]) => /^refs\/reconcile\/[0-9a-f]{40}$/.test(name) && isId(commit),
    );
    return new Map(sound as [string, string][]);
  } catch {
    return new Map();
  }
}

function isId(value: unknown): boolean {
  return typeof value === "string" && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}

async function writeCommits(
  directory: string,
  commits: ReadonlyMap<string, string>,
  id: string,
): Promise<void> {
  const fresh = join(directory, `${commitsName}.${id}`);
  await writeFile(fresh, `${JSON.stringify(Object.fromEntries(commits))}\n`, { flag: "wx" });
  await rename(fresh, join(directory, commitsName));
}
