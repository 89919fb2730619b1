// The shared store that a config names, and the secrets that open it.
import type { StateConfig } from "../model/config.ts";
import type { StateSecrets } from "./make-state-secrets.ts";

export interface StoreChoice {
  readonly state: StateConfig & { readonly store: "git" | "postgres" };
  readonly secrets: StateSecrets;
}
