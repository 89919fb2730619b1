// The store of a whole suite: `SUITE_STORE` has the suites that name none keep their state in a shared store in memory, of
// which each push costs as much as Git's (`git`) or each record goes on its own (`postgres`).
import type { World } from "../../src/app/world.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import type { FakeClock } from "./fake-clock.ts";
import { makeMemoryFiles, type MemoryFiles } from "./memory-files.ts";

const kinds = ["git", "postgres"] as const;

function storeOfSuite(): (typeof kinds)[number] | undefined {
  return kinds.find((kind) => kind === process.env["SUITE_STORE"]);
}

export function openStoreOfSuite(clock: FakeClock): World["openStore"] {
  const kind = storeOfSuite();
  if (kind === undefined) return () => Promise.reject(new Error("this world has no shared store"));
  const store = makeMemoryStore(clock, kind);
  store.gathers = kind === "git";
  return () => Promise.resolve(store);
}

/** Adds the suite's store to the config. */
export function filesOfSuite(
  files: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  if (storeOfSuite() === undefined) return files;
  return { ...files, "reconcile.yaml": configOfSuite(files["reconcile.yaml"]) };
}

/** Returns a config with the suite's store. */
export function configOfSuite(
  config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n",
): string {
  const kind = storeOfSuite();
  return kind === undefined ? config : `${config}state: { store: ${kind} }\n`;
}

/** The path of this machine's copy of the trail in the suite's store; undefined where the suite has none. */
export function findCopyOfSuite(files: MemoryFiles): string | undefined {
  if (storeOfSuite() === undefined) return undefined;
  return files
    .paths()
    .find((path) => path.startsWith("/.reconcile/state/") && path.endsWith("/subscription_audit.log"))
    ?.slice(1);
}

/** The disk of a process on another machine: where the suite has a shared store, they share that store alone. */
export function diskOfAnotherMachine(files: MemoryFiles): MemoryFiles {
  if (storeOfSuite() === undefined) return files;
  const shared = files.paths().filter((path) => !path.startsWith("/.reconcile/"));
  return makeMemoryFiles(Object.fromEntries(shared.map((path) => [path, files.text(path)])));
}

/** Whether a second process has taken the lease, by what it keeps on its disk. */
export function isFollowed(files: MemoryFiles): boolean {
  const paths = files.paths();
  if (storeOfSuite() === undefined) return paths.includes("/.reconcile/lock.2");
  return paths.some((path) => /^\/\.reconcile\/state\/.*\/fence$/.test(path) && files.text(path) === "2\n");
}
