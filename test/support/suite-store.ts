// The store of a whole suite: `SUITE_STORE` has the suites that name none keep their state in a shared store in memory, of
// which each push costs as much as Git's (`git`) or each record goes on its own (`postgres`).
import type { World } from "../../src/app/world.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { MemoryFiles } from "./memory-files.ts";

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
  const kind = storeOfSuite();
  if (kind === undefined) return files;
  const config = files["reconcile.yaml"] ?? "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
  return { ...files, "reconcile.yaml": `${config}state: { store: ${kind} }\n` };
}

/** The path of this machine's copy of the trail in the suite's store; undefined where the suite has none. */
export function findCopyOfSuite(files: MemoryFiles): string | undefined {
  if (storeOfSuite() === undefined) return undefined;
  return files
    .paths()
    .find((path) => path.startsWith("/.reconcile/state/") && path.endsWith("/subscription_audit.log"))
    ?.slice(1);
}
