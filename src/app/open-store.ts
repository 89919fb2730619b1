// Opens the shared store that the config names. Each store is loaded only where it is used.
import type { Clock } from "../lib/clock.ts";
import type { Files } from "../lib/files.ts";
import type { Random } from "../lib/random.ts";
import type { Config } from "../model/config.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { SharedStore } from "../state/shared-store.ts";
import { findState } from "./find-state.ts";
import { makeStateSecrets } from "./make-state-secrets.ts";
import type { StoreChoice } from "./store-choice.ts";

/** Null if the state is in files. Throws ReconcileError as `findState` does. */
export async function findStore(
  config: Config,
  variables: Parameters<typeof makeStateSecrets>[0],
  world: Parameters<typeof findState>[1] & { readonly files: Pick<Files, "read"> },
): Promise<StoreChoice | null> {
  const state = await findState(config, world);
  const { store } = state;
  if (store === "files") return null;
  return { state: { ...state, store }, secrets: makeStateSecrets(variables, world.files) };
}

/** Where Git keeps what it has fetched of the state. */
export const gitDirectory = `${stateDirectory}/git-state`;

/** Throws ReconcileError `state/…`, `secret/…`. */
export async function openStore(
  { state, secrets }: StoreChoice,
  ports: { readonly clock: Clock; readonly random: Random },
): Promise<SharedStore> {
  if (state.store === "postgres") {
    const { openPostgres } = await import("../state/postgres/open-postgres.ts");
    const address = await secrets.readDatabaseUrl();
    return openPostgres({ address, schema: state.postgres.schema }, ports);
  }
  const { openGitStore } = await import("../state/git/git-store.ts");
  const token = await secrets.readGitToken();
  return openGitStore({ ...state.git, token, directory: gitDirectory, ...ports });
}
