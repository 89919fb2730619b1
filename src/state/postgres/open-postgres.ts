// The PostgreSQL store: leases by the database's clock, and a trail that only grows.
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { ReconcileError } from "../../model/errors.ts";
import type { LeaseTimes, SharedStore, StoredOrganization, StoreWarning } from "../shared-store.ts";
import { checkVersion } from "./check-version.ts";
import { openDatabase, type Database, type PostgresPlace } from "./database.ts";
import { readLines } from "./read-lines.ts";
import { makeStatements, type Statements } from "./statements.ts";
import { makeTake } from "./take-lease.ts";
import { tipOf, valuesOf, type TipRow } from "./tip.ts";

export type PostgresStore = SharedStore & Required<Pick<SharedStore, "warnings">>;

const times: LeaseTimes = {
  renewEveryMs: 5_000,
  startWithinMs: 15_000,
  writeMs: 10_000,
  lastsMs: 30_000,
  waitMs: 90_000,
};
/** So that two of them fit into the time within which a write may still start. */
const renewWithinMs = 5_000;
/**
 * It connects with the first call, and checks the tables' version with each new connection, so any call may reject with
 * `state/newer` and `state/notInitialised` too.
 * Rejects with ReconcileError `state/malformedAddress` and `state/insecure`.
 */
export async function openPostgres(
  place: PostgresPlace,
  { clock, random }: { clock: Clock; random: Random },
): Promise<PostgresStore> {
  let isOwner = false;
  const database = await openDatabase(place, async (ask) => {
    ({ isOwner } = await checkVersion(ask, place.schema));
  });
  const statements = makeStatements(place.schema);
  const { askOnce, name } = database;
  return {
    ...{ kind: "postgres", name, times, gathers: false },
    ...trailOf(database, statements),
    ...leaseOf(database, statements),
    ...memoryOf(database, statements),
    take: makeTake(askOnce, {
      statement: statements.take,
      lastsMs: times.lastsMs,
      clock,
      taker: random.id(),
    }),
    warnings: () => (isOwner ? [ownsTables(name)] : []),
    close: database.close,
  };
}

function ownsTables(name: string): StoreWarning {
  return {
    code: "state/ownsTables",
    message: `${name}: this role owns the tables, so only the trigger protects the trail from it`,
    hint: "let passes log in as a role that `reconcile state init --grant ROLE` was run for",
  };
}

function trailOf(
  { ask }: Database,
  statements: Statements,
): Pick<SharedStore, "look" | "hashOf" | "read" | "append"> {
  return {
    look: async (key) => {
      const [row] = await ask<TipRow>(statements.look, valuesOf(key));
      return tipOf(row);
    },
    hashOf: async (key, seq) => {
      const [row] = await ask<{ hash: string }>(statements.hashOf, [...valuesOf(key), seq]);
      return row?.hash ?? null;
    },
    read: (key, after) => readLines(ask, [statements.read, valuesOf(key)], after),
    append: async (key, fence, records) => {
      const first = records[0]?.seq ?? 1;
      if (records.some(({ seq }, at) => seq !== first + at)) return false;
      const hashes = records.map(({ hash }) => hash).join("\n");
      const lines = records.map(({ line }) => line).join("\n");
      const values = [...valuesOf(key), fence, times.lastsMs, first, hashes, lines];
      const [row] = await ask<{ is_appended: boolean }>(statements.append, values);
      return row?.is_appended ?? false;
    },
  };
}

function leaseOf(
  { ask, name }: Database,
  statements: Statements,
): Pick<SharedStore, "renew" | "release" | "markMoved"> {
  return {
    renew: async (key, fence) => {
      const values = [...valuesOf(key), fence, times.lastsMs];
      return (await ask(statements.renew, values, renewWithinMs)).length > 0;
    },
    release: async (key, fence) => {
      await ask(statements.release, [...valuesOf(key), fence]);
    },
    markMoved: async (key, fence, movedTo) => {
      const marked = await ask(statements.markMoved, [...valuesOf(key), fence, movedTo]);
      if (marked.length > 0) return;
      throw new ReconcileError("state/takenOver", `${name}: another process holds the lease now`);
    },
  };
}

function memoryOf(
  { ask }: Database,
  statements: Statements,
): Pick<SharedStore, "findOrganization" | "rememberOrganization"> {
  return {
    findOrganization: async ({ environment, clientId }) => {
      const values = [environment, clientId];
      const [row] = await ask<{ id: string; name: string | null }>(statements.findOrganization, values);
      return row ? ({ id: row.id, name: row.name } satisfies StoredOrganization) : null;
    },
    rememberOrganization: async ({ environment, clientId }, { id, name }) => {
      await ask(statements.rememberOrganization, [environment, clientId, id, name]);
    },
  };
}
