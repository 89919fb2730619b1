// Makes or migrates the tables, as the owner of the schema, and grants roles what they need.
import { ReconcileError } from "../../model/errors.ts";
import { isNewer } from "./check-version.ts";
import { openDatabase, type Ask, type PostgresPlace } from "./database.ts";
import { migrationsAfter, newestVersion } from "./migrations.ts";
import { quoteName } from "./quote.ts";

export interface InitOptions {
  /** The roles that passes log in as. */
  readonly grant: readonly string[];
  /** The roles that may only read. */
  readonly grantRead: readonly string[];
}

export interface InitResult {
  /** Names the database for people. */
  readonly name: string;
  /** The versions that were made now; none if the tables were up to date. */
  readonly applied: readonly number[];
}

/** PostgreSQL 12 ended in 2024, and nothing here is tested with it. */
export const oldestServer = 130_000;
/** A migration waits this long at most for passes that use the tables. */
const lockWithinMs = 10_000;
const migrateWithinMs = 120_000;

/**
 * One transaction: either everything is made and granted, or nothing is. It may be repeated.
 * Rejects with ReconcileError `state/newer`, `state/refused`, `state/unreachable`, and as `openDatabase` does.
 */
export async function initPostgres(place: PostgresPlace, options: InitOptions): Promise<InitResult> {
  const database = await openDatabase(place, async () => Promise.resolve());
  try {
    const applied = await database.onOneConnection(async (ask) => {
      await requireServer(ask);
      await ask("begin");
      await ask(`set local lock_timeout = ${lockWithinMs}`);
      const made = await migrate(ask, place.schema);
      for (const sql of grantsOf(place.schema, options)) await ask(sql);
      await ask("commit");
      return made;
    });
    return { name: database.name, applied };
  } finally {
    await database.close();
  }
}

async function requireServer(ask: Ask): Promise<void> {
  const [server] = await ask<{ number: number; version: string; encoding: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
       current_setting('server_encoding') as encoding`,
  );
  if (server && server.number < oldestServer)
    throw new ReconcileError("state/refused", `the server is PostgreSQL ${server.version}`, {
      hint: "use PostgreSQL 13 or newer",
    });
  if (server && server.encoding !== "UTF8")
    throw new ReconcileError("state/refused", `the database has the encoding ${server.encoding}`, {
      hint: "create the database with ENCODING 'UTF8', so that every record is kept as it is",
    });
}

/** Two that migrate at once follow each other, because the second waits for the first one's transaction. */
async function migrate(ask: Ask, schema: string): Promise<number[]> {
  const name = quoteName(schema);
  await ask("select pg_advisory_xact_lock(hashtextextended('reconcile state ' || $1, 0))", [schema]);
  // `create schema if not exists` asks for a right on the database even if a DBA made the schema already.
  const [found] = await ask<{ has_schema: boolean; has_tables: boolean }>(
    `select to_regnamespace($1) is not null as has_schema, to_regclass($1 || '.migrations') is not null as has_tables`,
    [name],
  );
  if (!found?.has_schema) await ask(`create schema ${name}`);
  const [present] = found?.has_tables
    ? await ask<{ version: number | null }>(`select max(version) as version from ${name}.migrations`)
    : [];
  const from = present?.version ?? 0;
  if (from > newestVersion) throw isNewer(schema, from);
  const migrations = migrationsAfter(from, schema);
  for (const { version, sql } of migrations) {
    await ask(sql, [], migrateWithinMs);
    await ask(`insert into ${name}.migrations values ($1, ${name}.present_time())`, [version]);
  }
  return migrations.map(({ version }) => version);
}

function grantsOf(schema: string, { grant, grantRead }: InitOptions): string[] {
  const name = quoteName(schema);
  const toRead = (role: string): string[] => [
    `grant usage on schema ${name} to ${role}`,
    `grant select on ${name}.migrations, ${name}.records, ${name}.leases, ${name}.organizations to ${role}`,
    `grant execute on function ${name}.present_time() to ${role}`,
  ];
  const toWrite = (role: string): string[] => [
    ...toRead(role),
    `grant insert on ${name}.records, ${name}.leases, ${name}.organizations to ${role}`,
    `grant update (fence, holder, taker, expires_at, moved_to) on ${name}.leases to ${role}`,
    `grant update (id, name) on ${name}.organizations to ${role}`,
    `grant execute on all functions in schema ${name} to ${role}`,
  ];
  return [
    ...grantRead.flatMap((role) => toRead(quoteName(role))),
    ...grant.flatMap((role) => toWrite(quoteName(role))),
  ];
}
