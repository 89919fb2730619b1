// What `doctor` learns of the shared store that a config names.
import type { GitChecks } from "../state/git/check-git.ts";
import type { PostgresChecks } from "../state/postgres/check-postgres.ts";

export type StoreChecks =
  ({ readonly store: "git" } & GitChecks) | ({ readonly store: "postgres" } & PostgresChecks);
