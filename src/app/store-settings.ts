// The settings of a pass that are about its store.
import type { Config } from "../model/config.ts";
import { findStore } from "./open-store.ts";
import { findQueryRefusal } from "./state-remote.ts";
import type { StoreChoice } from "./store-choice.ts";
import type { World } from "./world.ts";

export interface StoreSettings {
  /** Null if the state is in files, as the sandbox's always is. */
  readonly store: StoreChoice | null;
  /** Whether no endpoint with a query string may get into the trail. */
  readonly refusesQueries: boolean;
}

/** Throws ReconcileError as `findStore` does. */
export async function findStoreSettings(
  config: Config,
  variables: Parameters<typeof findStore>[1],
  world: World,
): Promise<StoreSettings> {
  const store = await findStore(config, variables, world);
  return { store, refusesQueries: store !== null && (await findQueryRefusal(store.state, world)) };
}
