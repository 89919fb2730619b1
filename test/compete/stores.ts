// Where the machines of an arena keep their state: on one disk, in one repository, in one database, or each on its own.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { initPostgres } from "../../src/state/postgres/init-postgres.ts";
import { git } from "../state/git/git-world.ts";
import { connectSurely } from "../state/postgres/tables.ts";
import { choosePlace, startServer } from "../support/postgres.ts";

export const storeNames = ["files", "git", "postgres", "apart"] as const;
export type StoreName = (typeof storeNames)[number];

export interface Store {
  readonly name: StoreName;
  /** Makes the place of one arena's state, as lines for the config, variables, and the remote `origin`. */
  makePlace(arena: string, folder: string): Promise<StorePlace>;
  close(): Promise<void>;
}

export interface StorePlace {
  readonly config: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly remote: string | null;
  /** The machines work in one folder. */
  readonly isOneDisk: boolean;
}

const none = { config: "", variables: {}, remote: null, isOneDisk: false };

export async function openStore(name: StoreName): Promise<Store> {
  if (name === "postgres") return openPostgresServer();
  return {
    name,
    makePlace: (_arena, folder) => {
      if (name === "files") return Promise.resolve({ ...none, isOneDisk: true });
      if (name === "apart") return Promise.resolve(none);
      const remote = join(folder, "remote.git");
      mkdirSync(remote);
      git(remote, "init", "--quiet", "--bare");
      return Promise.resolve({ ...none, config: "state: { store: git }\n", remote });
    },
    close: () => Promise.resolve(),
  };
}

/** One server; each arena has a schema of its own, whose owner runs the passes. */
async function openPostgresServer(): Promise<Store> {
  const place = await choosePlace();
  const server = await startServer(place);
  // It listens before it takes a login.
  await (await connectSurely(place, "postgres")).end();
  const password = encodeURIComponent(place.superPassword);
  const address = `postgres://postgres:${password}@127.0.0.1:${place.port}/postgres?sslmode=disable`;
  return {
    name: "postgres",
    makePlace: async (arena) => {
      await initPostgres({ address, schema: arena }, { grant: [], grantRead: [] });
      return {
        ...none,
        config: `state: { store: postgres, postgres: { schema: ${arena} } }\n`,
        variables: { RECONCILE_DATABASE_URL: address },
      };
    },
    close: () => server.remove(),
  };
}
