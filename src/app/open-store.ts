// Opens the shared store that the config names. Each store is loaded only where it is used.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { StateConfig } from "../model/config.ts";
import { stateDirectory } from "../state/files/state-directory.ts";
import type { SharedStore } from "../state/shared-store.ts";
import type { StateSecrets } from "./make-state-secrets.ts";

export interface StoreChoice {
  readonly state: StateConfig & { readonly store: "git" | "postgres" };
  readonly secrets: StateSecrets;
}

/** Where Git keeps what it has fetched of the state. */
const gitDirectory = `${stateDirectory}/git-state`;

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
