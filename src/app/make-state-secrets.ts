// Reads the secrets of a shared store: the database's address, and the token for the remote that keeps the Git store.
import type { Variables } from "../genesys/client/proxy.ts";
import type { Files } from "../lib/files.ts";
import { ReconcileError } from "../model/errors.ts";
import { readSecret } from "./read-secret.ts";

/** Each call reads anew, because a file may hold another secret by the next login. */
export interface StateSecrets {
  /** Throws ReconcileError `secret/…`, and `state/addressMissing` if there is none. */
  readonly readDatabaseUrl: () => Promise<string>;
  /** Null without a token: then Git logs in as it does for the user. Throws ReconcileError `secret/…`. */
  readonly readGitToken: () => Promise<string | null>;
}

/** `variables` are those of `readEnvironment`, which leaves out what does not count in `.env`. */
export function makeStateSecrets(variables: Variables, files: Pick<Files, "read">): StateSecrets {
  return {
    readDatabaseUrl: async () => {
      const address = await readSecret("RECONCILE_DATABASE_URL", variables, files);
      if (address !== undefined) return address;
      throw new ReconcileError("state/addressMissing", "RECONCILE_DATABASE_URL is not set", {
        hint:
          "set it in the real environment, such as postgres://user:password@host:5432/database, or " +
          "RECONCILE_DATABASE_URL_FILE to the path of a file that holds it; neither counts in .env",
      });
    },
    readGitToken: async () => (await readSecret("RECONCILE_GIT_TOKEN", variables, files)) ?? null,
  };
}
