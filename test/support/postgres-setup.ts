// Starts one PostgreSQL server for all tests, beside the first of them, and ends it after the last.
import type { TestProject } from "vitest/node";
import { choosePlace, findPostgres, startServer, type ServerPlace } from "./postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Null if PostgreSQL is not installed. The server may not listen yet. */
    postgres: ServerPlace | null;
  }
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  if (findPostgres() === null) {
    provide("postgres", null);
    return async () => Promise.resolve();
  }
  const place = await choosePlace();
  provide("postgres", place);
  const starting = startServer(place);
  // A test that needs the server fails without it.
  starting.catch(() => undefined);
  return async () => {
    await starting.then(
      async (server) => server.remove(),
      () => undefined,
    );
  };
}
