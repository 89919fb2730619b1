// A database of its own for a test, with the tables, their roles, and a clock that the test moves.
import { inject } from "vitest";
import { initPostgres } from "../../../src/state/postgres/init-postgres.ts";
import { openPostgres, type PostgresStore } from "../../../src/state/postgres/open-postgres.ts";
import { quoteName } from "../../../src/state/postgres/quote.ts";
import type { PostgresPlace } from "../../../src/state/postgres/database.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import type { ServerPlace } from "../../support/postgres.ts";
import type { StoreWorld } from "../store-suite.ts";
import { addressOf, connectSurely, fakeTime, makeDatabase, type Role } from "./tables.ts";

export { roles, type Role } from "./tables.ts";

const isRequired = process.env["REQUIRE_POSTGRES"] === "1";

/** Whether the tests that need a server are skipped, and what their names say about it. */
export const withoutServer = inject("postgres") === null && !isRequired;
export const whyWithoutServer = withoutServer ? " – skipped, PostgreSQL is not installed" : "";

export function sharedServer(): ServerPlace {
  const place = inject("postgres");
  if (place === null) throw new Error("REQUIRE_POSTGRES=1, but PostgreSQL is not installed");
  return place;
}

export interface PostgresWorld extends StoreWorld {
  readonly database: string;
  readonly schema: string;
  /** The address of the database for a role; `port` of something before the server. */
  readonly addressFor: (role: Role, port?: number) => string;
  readonly placeFor: (role: Role, port?: number) => PostgresPlace;
  readonly open: (role?: Role, port?: number) => Promise<PostgresStore>;
  /** Sends SQL as the superuser. */
  readonly ask: <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;
}

let made = 0;

export interface WorldOptions {
  readonly server?: ServerPlace;
  /** A schema of its own by default, which is quicker than a database of its own. */
  readonly schema?: string;
  readonly database?: string;
  /** False for a database without the tables. */
  readonly isInitialised?: boolean;
  /** False for the database's own clock. */
  readonly isClockFake?: boolean;
}

export async function makePostgresWorld(options: WorldOptions = {}): Promise<PostgresWorld> {
  made += 1;
  const { server = sharedServer(), schema = `test_${made}` } = options;
  const { database = `test_${process.pid}`, isInitialised = true, isClockFake = true } = options;
  await makeDatabase(server, database);
  const admin = await connectSurely(server, database);
  const clock = makeFakeClock();
  const opened: PostgresStore[] = [];
  const addressFor = (role: Role, port = server.port): string =>
    addressOf({ server: { ...server, port }, database }, role);
  const placeFor = (role: Role, port?: number): PostgresPlace => ({
    address: addressFor(role, port),
    schema,
  });
  const ask = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await admin.query<Row>(sql, [...values])).rows;
  if (isInitialised) await initPostgres(placeFor("keeper"), { grant: ["pass"], grantRead: ["reader"] });
  if (isInitialised && isClockFake) await fakeTime(ask, quoteName(schema), clock.now());
  let stores = 0;
  return {
    ...{ clock, database, schema, addressFor, placeFor, ask },
    open: async (role = "pass", port) => {
      stores += 1;
      const id = `store ${stores}`;
      const random = { next: () => 0.5, id: () => id };
      const store = await openPostgres(placeFor(role, port), { clock, random });
      opened.push(store);
      return store;
    },
    pass: async (deltaMs) => {
      if (isClockFake)
        await ask(`update ${quoteName(schema)}.fake_time set moment = moment + $1 * interval '1 ms'`, [
          deltaMs,
        ]);
      await clock.advance(deltaMs);
    },
    close: async () => {
      for (const store of opened) await store.close();
      await admin.end();
    },
  };
}
