// Looks at the shared store that a config names, for `doctor`. Each store is loaded only where it is used.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { StateKey } from "../state/shared-store.ts";
import { gitDirectory } from "./open-store.ts";
import type { StoreChecks } from "./store-checks.ts";
import type { StoreChoice } from "./store-choice.ts";

/** `key` is null where the organisation is not known. Throws ReconcileError `secret/…`, `state/addressMissing`. */
export async function checkStore(
  { state, secrets }: StoreChoice,
  key: StateKey | null,
  ports: { readonly clock: Clock; readonly random: Random },
): Promise<StoreChecks> {
  if (state.store === "postgres") {
    const { checkPostgres } = await import("../state/postgres/check-postgres.ts");
    const address = await secrets.readDatabaseUrl();
    return { store: "postgres", ...(await checkPostgres({ address, schema: state.postgres.schema })) };
  }
  const { checkGit } = await import("../state/git/check-git.ts");
  const token = await secrets.readGitToken();
  const options = { ...state.git, token, directory: gitDirectory, ...ports };
  return { store: "git", ...(await checkGit(options, key)) };
}
