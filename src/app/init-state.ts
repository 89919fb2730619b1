// Makes the tables of the config's store, if it needs any.
import type { Config } from "../model/config.ts";
import type { InitOptions } from "../state/postgres/init-postgres.ts";
import type { StoreKind } from "../state/state.ts";
import { readEnvironment } from "./environment.ts";
import { findState } from "./find-state.ts";
import { makeStateSecrets } from "./make-state-secrets.ts";
import type { World } from "./world.ts";

export type InitOutcome =
  | { readonly store: Exclude<StoreKind, "postgres"> }
  | {
      readonly store: "postgres";
      readonly name: string;
      /** The versions that were made now. */
      readonly applied: readonly number[];
      readonly version: number;
    };

/** Throws ReconcileError as `initPostgres` does, and `state/addressMissing`, `secret/…`. */
export async function initState(config: Config, options: InitOptions, world: World): Promise<InitOutcome> {
  const { store, postgres } = await findState(config, world);
  if (store !== "postgres") return { store };
  const { variables } = await readEnvironment(world.environment, world.files);
  const address = await makeStateSecrets(variables, world.files).readDatabaseUrl();
  const { initPostgres } = await import("../state/postgres/init-postgres.ts");
  const { newestVersion } = await import("../state/postgres/migrations.ts");
  const made = await initPostgres({ address, schema: postgres.schema }, options);
  return { store, ...made, version: newestVersion };
}
