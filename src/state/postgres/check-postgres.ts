// Looks at everything that a pass needs of the PostgreSQL store, and changes nothing.
import { invariant, ReconcileError } from "../../model/errors.ts";
import { openDatabase, type Ask, type PostgresPlace } from "./database.ts";
import { oldestServer } from "./init-postgres.ts";
import { newestVersion } from "./migrations.ts";
import { quoteName } from "./quote.ts";

export interface PostgresChecks {
  /** Names the store for people; null if its address is refused. */
  readonly name: string | null;
  /** Why nothing else is known; null if the database answered. */
  readonly fault: ReconcileError | null;
  readonly found: FoundPostgres | null;
}

export interface FoundPostgres {
  /** True if the connection has TLS. */
  readonly isEncrypted: boolean;
  /** Such as `15.4 (Debian 15.4-1)`. */
  readonly server: string;
  readonly isServerSupported: boolean;
  /** True if the server takes no writes, as a standby. */
  readonly isReadOnly: boolean;
  /** The role that passes log in as. */
  readonly user: string;
  /** The version of the tables; 0 if there are none, or if this role may not read them. */
  readonly version: number;
  /** The version that this program works with. */
  readonly expectedVersion: number;
  readonly mayRead: boolean;
  /** True if the role may take a lease and append records. */
  readonly mayAppend: boolean;
  /** True if only the trigger protects the trail from this role. */
  readonly isOwner: boolean;
}

/** Never rejects with ReconcileError. */
export async function checkPostgres(place: PostgresPlace): Promise<PostgresChecks> {
  let name: string | null = null;
  try {
    const database = await openDatabase(place, async () => Promise.resolve());
    name = database.name;
    try {
      const found = await look(database.ask, place.schema);
      return { name, fault: null, found: { ...found, isEncrypted: database.isEncrypted } };
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof ReconcileError) return { name, fault: error, found: null };
    throw error;
  }
}

interface ServerRow {
  readonly server: string;
  readonly number: number;
  readonly is_read_only: boolean;
  readonly user: string;
  readonly may_enter: boolean | null;
}

interface RightsRow {
  readonly may_read: boolean;
  readonly may_append: boolean;
  readonly is_owner: boolean;
}

const noRights: RightsRow = { may_read: false, may_append: false, is_owner: false };

async function look(ask: Ask, schema: string): Promise<Omit<FoundPostgres, "isEncrypted">> {
  const name = quoteName(schema);
  const [server] = await ask<ServerRow>(
    `select current_setting('server_version') as server, current_setting('server_version_num')::int as number,
       current_setting('transaction_read_only')::bool as is_read_only, current_user::text as user,
       (select has_schema_privilege(oid, 'usage') from pg_catalog.pg_namespace where nspname = $1) as may_enter`,
    [schema],
  );
  invariant(server, "a query without a table returned no row");
  const [rights = noRights] = server.may_enter ? await ask<RightsRow>(rightsText, [name]) : [];
  const [tables] = rights.may_read
    ? await ask<{ version: number | null }>(`select max(version) as version from ${name}.migrations`)
    : [];
  return {
    server: server.server,
    isServerSupported: server.number >= oldestServer,
    isReadOnly: server.is_read_only,
    user: server.user,
    version: tables?.version ?? 0,
    expectedVersion: newestVersion,
    mayRead: rights.may_read,
    mayAppend: rights.may_append,
    isOwner: rights.is_owner,
  };
}

/** Of a table that is not there, every right is null. */
const rightsText = `
select coalesce(has_table_privilege(migrations, 'select') and has_table_privilege(records, 'select')
    and has_table_privilege(leases, 'select') and has_table_privilege(organizations, 'select'), false) as may_read,
  coalesce(has_table_privilege(records, 'insert') and has_table_privilege(leases, 'insert')
    and has_any_column_privilege(leases, 'update'), false) as may_append,
  coalesce((select pg_has_role(relowner, 'member') from pg_catalog.pg_class where oid = records), false) as is_owner
from (select to_regclass($1 || '.migrations') as migrations, to_regclass($1 || '.records') as records,
  to_regclass($1 || '.leases') as leases, to_regclass($1 || '.organizations') as organizations) as tables`;
