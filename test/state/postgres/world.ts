// A database of its own for a test, with the tables, their roles, and a clock that the test moves.
import { Client } from "pg";
import { setTimeout as delay } from "node:timers/promises";
import { inject } from "vitest";
import { initPostgres } from "../../../src/state/postgres/init-postgres.ts";
import { openPostgres, type PostgresStore } from "../../../src/state/postgres/open-postgres.ts";
import { quoteName, quoteText } from "../../../src/state/postgres/quote.ts";
import type { PostgresPlace } from "../../../src/state/postgres/database.ts";
import { makeFakeClock } from "../../support/fake-clock.ts";
import type { ServerPlace } from "../../support/postgres.ts";
import type { StoreWorld } from "../store-suite.ts";

const isRequired = process.env["REQUIRE_POSTGRES"] === "1";

/** Whether the tests that need a server are skipped, and what their names say about it. */
export const withoutServer = inject("postgres") === null && !isRequired;
export const whyWithoutServer = withoutServer ? " – skipped, PostgreSQL is not installed" : "";

/** The passwords have what an address must percent-encode. */
export const roles = {
  keeper: "keeper:p@ss/w#rd?%",
  pass: "pass:p@ss/w#rd?%",
  reader: "reader:p@ss/w#rd?%",
} as const;
export type Role = keyof typeof roles;

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
/** The databases that this process has made, and the servers that have the roles. */
const ready = new Set<string>();

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
    `postgres://${role}:${encodeURIComponent(roles[role])}@127.0.0.1:${port}/${database}`;
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

/** Makes it with the roles, unless this process did already. */
async function makeDatabase(server: ServerPlace, database: string): Promise<void> {
  const place = `${server.port}/${database}`;
  if (ready.has(place)) return;
  const client = await connectSurely(server, "postgres");
  for (const [role, password] of Object.entries(roles)) await makeRole(client, role, password);
  await client.query(`create database ${database} owner keeper`);
  await client.end();
  ready.add(place);
}

/** The server may still be starting. */
async function connectSurely({ port, superPassword }: ServerPlace, database: string): Promise<Client> {
  for (let tries = 1; ; tries += 1) {
    const client = new Client({
      ...{ host: "127.0.0.1", port, user: "postgres", password: superPassword, database },
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (tries === 200) throw error;
      await delay(50);
    }
  }
}

/** Several processes may make a role at once. */
async function makeRole(client: Client, role: string, password: string): Promise<void> {
  const { rows } = await client.query("select from pg_roles where rolname = $1", [role]);
  if (rows.length > 0) return;
  await client.query(`create role ${role} login password '${password}'`).catch((error: unknown) => {
    const isThere =
      error instanceof Error && "code" in error && ["42710", "23505"].includes(String(error.code));
    if (!isThere) throw error;
  });
}

async function fakeTime(
  ask: (sql: string, values?: readonly unknown[]) => Promise<unknown>,
  schema: string,
  nowMs: number,
): Promise<void> {
  await ask(`create table ${schema}.fake_time (moment timestamptz not null)`);
  await ask(`insert into ${schema}.fake_time values (to_timestamp($1))`, [nowMs / 1000]);
  await ask(`grant select on ${schema}.fake_time to public`);
  await ask(`create or replace function ${schema}.present_time() returns timestamptz language sql volatile as
    ${quoteText(`select moment from ${schema}.fake_time`)}`);
}
