// How the place of the state may be: files that are free, held or left, and shared stores that lack something.
import type { StoreChecks } from "../../src/app/store-checks.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { FoundGit } from "../../src/state/git/check-git.ts";
import type { FoundPostgres } from "../../src/state/postgres/check-postgres.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { makeWorld, runWorld, type TestWorld, type WorldOptions } from "../support/world.ts";
import { files, type DoctorCase } from "./doctor-world.ts";

const organization = "3b8a1f0e-6d1c-4a52-9f6e-0c2d7e5a4b19";
const key = { organization, owner: "default" };

const configOf = (store: string, pinned = `organization: ${organization}\n`) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n${pinned}state: { store: ${store} }\n`;

const names = {
  postgres: "PostgreSQL at db.example.com:5432/state, schema reconcile",
  git: "Git at https://git.example.com/state.git, branch reconcile-state",
};

const postgres: FoundPostgres = {
  ...{ isEncrypted: true, server: "15.4", isServerSupported: true, isReadOnly: false, user: "reconcile" },
  ...{ version: 1, expectedVersion: 1, mayRead: true, mayAppend: true, isOwner: false },
};

const git: FoundGit = { publicAddress: null, refusedPush: null, refusesRewrites: null };

/** A machine whose state is in a store of which this is found. */
function beside(checks: StoreChecks, config = configOf(checks.store)) {
  const world = makeWorld({ argv: "", files: { ...files, "reconcile.yaml": config } });
  const store = makeMemoryStore(world.clock, checks.store);
  const options = {
    ...{ from: world, organisation: { id: organization, name: "Acme" } },
    ...{ openStore: () => Promise.resolve(store), checkStore: () => Promise.resolve(checks) },
  } satisfies Partial<WorldOptions>;
  return { world, store, options };
}

const found = (more: Partial<FoundPostgres> = {}): StoreChecks => ({
  ...{ store: "postgres", name: names.postgres, fault: null, found: { ...postgres, ...more } },
});
const foundGit = (more: Partial<FoundGit> = {}): StoreChecks => ({
  ...{ store: "git", name: names.git, fault: null, found: { ...git, ...more } },
});
const holder = { pid: 7, host: "other", task: "sync", since: "2026-01-01T00:00:00.000Z" };

/** A disk on which a run holds the lock. */
async function held(): Promise<TestWorld> {
  const world = makeWorld({ argv: "", files });
  await world.files.create(
    ".reconcile/lock.1",
    JSON.stringify({ ...holder, machine: "other", beatMs: world.clock.now() }),
    {
      mode: 0o600,
    },
  );
  return world;
}

const gone = new ReconcileError("state/unreachable", `${names.postgres} did not answer`, {
  hint: "check the network, and that the server runs",
});

export const storeCases: readonly DoctorCase[] = [
  { given: "files that nobody holds", options: () => ({}), is: { state: "passed", store: "passed" } },
  {
    given: "files that a run holds",
    options: async () => ({ from: await held() }),
    is: { state: "passed", store: "passed" },
  },
  {
    given: "files whose trail was moved",
    options: () => {
      const trails = [{ trail: "audit-logs/subscription_audit.log", movedTo: "postgres" }];
      const mark = JSON.stringify({ formatVersion: 1, trails });
      return { files: { ...files, ".reconcile/moved.json": mark } };
    },
    is: { store: "failed" },
  },
  {
    given: "a database that lacks nothing, and holds a trail",
    options: async () => {
      const { options } = beside(found());
      await runWorld({ argv: "", ...options });
      return options;
    },
    is: { store: "passed", trail: "passed" },
  },
  {
    given: "a database whose lease a run holds",
    options: () => {
      const { store, world, options } = beside(found({ isEncrypted: false }));
      Object.assign(store.of(key), { holder, renewedMs: world.clock.now() });
      return options;
    },
    is: { store: "passed", trail: "passed" },
  },
  {
    given: "a database, and an organisation that is not known yet",
    options: () => beside(found(), configOf("postgres", "")).options,
    is: { store: "passed", trail: "notChecked" },
  },
  {
    given: "a database that does not answer",
    options: () => beside({ store: "postgres", name: names.postgres, fault: gone, found: null }).options,
    is: { store: "failed", trail: "notChecked" },
  },
  {
    given: "no address of the database",
    options: () => ({
      ...beside(found()).options,
      checkStore: () =>
        Promise.reject(
          new ReconcileError("state/addressMissing", "RECONCILE_DATABASE_URL is not set", {
            hint: "set it in the real environment",
          }),
        ),
    }),
    is: { store: "failed", trail: "notChecked" },
  },
  {
    given: "a server that is too old",
    options: () => beside(found({ isServerSupported: false, server: "12.19" })).options,
    is: { store: "failed" },
  },
  ...([0, 2] as const).map((version) => ({
    given: `tables of version ${version}`,
    options: () => beside(found({ version, mayRead: version > 0 })).options,
    is: { store: "failed" } as const,
  })),
  {
    given: "tables that are older than this reconcile",
    options: () => beside(found({ version: 1, expectedVersion: 2 })).options,
    is: { store: "failed" },
  },
  {
    given: "a standby server",
    options: () => beside(found({ isReadOnly: true })).options,
    is: { store: "warning" },
  },
  {
    given: "a role that may only read",
    options: () => beside(found({ user: "reconcile_reader", mayAppend: false })).options,
    is: { store: "warning" },
  },
  {
    given: "the owner of the tables",
    options: () => beside(found({ user: "reconcile_owner", isOwner: true })).options,
    is: { store: "warning" },
  },
  { given: "a Git remote", options: () => beside(foundGit()).options, is: { store: "passed" } },
  {
    given: "a Git remote that refuses to rewrite branches",
    options: () => beside(foundGit({ refusesRewrites: true })).options,
    is: { store: "passed" },
  },
  {
    given: "a Git remote that rewrites branches",
    options: () => beside(foundGit({ refusesRewrites: false })).options,
    is: { store: "warning" },
  },
  {
    given: "a Git remote that anybody can read",
    options: () => beside(foundGit({ publicAddress: "https://git.example.com/state.git" })).options,
    is: { store: "failed" },
  },
  {
    given: "a Git login that may not push",
    options: () => {
      const refusedPush = new ReconcileError("state/refused", "the state was not pushed: forbidden", {
        hint: "give the token the right to write the repository's contents",
      });
      return beside(foundGit({ refusedPush })).options;
    },
    is: { store: "warning" },
  },
];
