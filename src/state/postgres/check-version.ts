// Checks, on each new connection, that the tables are those that this program knows.
import { ReconcileError } from "../../model/errors.ts";
import type { Ask } from "./database.ts";
import { sqlStateOf } from "./failure.ts";
import { newestVersion } from "./migrations.ts";
import { quoteName } from "./quote.ts";

const initHint = "as the schema's owner run: reconcile state init";

/** Rejects with `state/newer` and `state/notInitialised`. Returns whether the pass connects as the schema's owner. */
export async function checkVersion(ask: Ask, schema: string): Promise<{ isOwner: boolean }> {
  const name = quoteName(schema);
  const [found] = await ask<{ version: number | null; is_owner: boolean }>(
    `select max(version) as version,
       (select pg_has_role(t.relowner, 'member') from pg_catalog.pg_class as t
         where t.oid = '${name.replaceAll("'", "''")}.records'::regclass) as is_owner
     from ${name}.migrations`,
  ).catch((error: unknown) => {
    if (["42P01", "3F000"].includes(sqlStateOf(error) ?? "")) throw notInitialised(schema);
    throw error;
  });
  const version = found?.version ?? 0;
  if (version > newestVersion) throw isNewer(schema, version);
  if (version < newestVersion) throw notInitialised(schema, version);
  return { isOwner: found?.is_owner ?? false };
}

export function isNewer(schema: string, version: number): ReconcileError {
  return new ReconcileError(
    "state/newer",
    `the tables in the schema ${schema} are of version ${version}, and this reconcile knows up to ${newestVersion}`,
    { hint: "update reconcile on this machine" },
  );
}

function notInitialised(schema: string, version = 0): ReconcileError {
  const message =
    version === 0
      ? `the database has no tables of reconcile in the schema ${schema}`
      : `the tables in the schema ${schema} are of version ${version}, and this reconcile needs ${newestVersion}`;
  return new ReconcileError("state/notInitialised", message, { hint: initHint });
}
