// Holds the connections to the database: two at most, without anything that a session would have to remember, so that
// PgBouncer may give each statement another server connection.
import type { ClientBase, Pool, PoolConfig, QueryConfig, QueryResultRow } from "pg";
import { isCode, ReconcileError } from "../../model/errors.ts";
import { readAddress } from "./address.ts";
import { isShutdown, tellFailure } from "./failure.ts";
import { quoteName } from "./quote.ts";

export interface PostgresPlace {
  /** The value of RECONCILE_DATABASE_URL. */
  readonly address: string;
  readonly schema: string;
}

/** Sends one statement and waits for its rows. */
export type Ask = <Row extends QueryResultRow>(
  text: string,
  values?: readonly unknown[],
  withinMs?: number,
) => Promise<Row[]>;

export interface Database {
  /** Names the database for people, without its password. */
  readonly name: string;
  readonly isEncrypted: boolean;
  /**
   * Rejects with ReconcileError. After `state/unreachable` every connection is given up, and the next call makes a new
   * one. A statement is sent a second time if its connection was an old one and proved to be cut, so it must have the same
   * effect then.
   */
  readonly ask: Ask;
  /** The same for a statement that must not be sent a second time. */
  readonly askOnce: Ask;
  /** Runs `work` on one connection, for a transaction. */
  readonly onOneConnection: <Result>(work: (ask: Ask) => Promise<Result>) => Promise<Result>;
  readonly close: () => Promise<void>;
}

/** A renewal that waits runs beside a long read. */
const mostConnections = 2;
const connectWithinMs = 5_000;
const answerWithinMs = 10_000;
/** A firewall forgets a silent connection without a word; one that is needed all the time is never silent for so long. */
const idleMs = 30_000;

/**
 * `check` runs once on each new connection before anything else, and may reject.
 * Rejects with ReconcileError `state/malformedAddress` and `state/insecure`; it does not connect yet.
 */
export async function openDatabase(
  place: PostgresPlace,
  check: (ask: Ask) => Promise<void>,
): Promise<Database> {
  const { default: pg } = await import("pg");
  const address = readAddress(place.address, (connectionString) => new pg.Client({ connectionString }));
  const { isEncrypted, hide } = address;
  quoteName(place.schema);
  const name = `PostgreSQL at ${address.place}, schema ${place.schema}`;
  const settings: PoolConfig = {
    ...{ connectionString: address.text, fallback_application_name: "reconcile", max: mostConnections },
    ...{ connectionTimeoutMillis: connectWithinMs, idleTimeoutMillis: idleMs, keepAlive: true },
    allowExitOnIdle: true,
  };
  const connections = makeConnections(() => new pg.Pool(settings), check);
  let isClosed = false;

  const run = async <Result>(work: Work<Result>, isRepeatable: boolean): Promise<Result> => {
    if (isClosed) throw new ReconcileError("state/unreachable", `${name} was closed`);
    try {
      return await connections.lend(work, isRepeatable);
    } catch (error) {
      const failure = tellFailure(error, { name, hide });
      if (isCode(failure, "state/unreachable")) connections.giveUp();
      throw failure;
    }
  };
  return {
    ...{ name, isEncrypted },
    ask: (text, values, withinMs) => run((ask) => ask(text, values, withinMs), true),
    askOnce: (text, values, withinMs) => run((ask) => ask(text, values, withinMs), false),
    onOneConnection: (work) => run(work, false),
    close: async () => {
      isClosed = true;
      await connections.close();
    },
  };
}

type Work<Result> = (ask: Ask) => Promise<Result>;

interface Connections {
  readonly lend: <Result>(work: Work<Result>, isRepeatable: boolean) => Promise<Result>;
  /** Ends every connection once it is not in use any more; the next call makes a new one. */
  readonly giveUp: () => void;
  readonly close: () => Promise<void>;
}

function makeConnections(makePool: () => Pool, check: (ask: Ask) => Promise<void>): Connections {
  const checked = new WeakSet<ClientBase>();
  const cut = new WeakSet<ClientBase>();
  let pool: Pool | null = null;
  const present = (): Pool => {
    if (pool) return pool;
    const made = makePool();
    // The pool drops a connection that broke while it was idle; one that breaks in use fails its statement. Without
    // listeners these errors would end the process.
    made.on("error", ignore);
    made.on("connect", (client) => client.on("error", () => cut.add(client)));
    pool = made;
    return made;
  };
  const close = async (): Promise<void> => {
    const ended = pool;
    pool = null;
    await ended?.end();
  };
  const giveUp = (): void => {
    close().catch(ignore);
  };
  const lend: Connections["lend"] = async (work, isRepeatable) => {
    const client = await present().connect();
    const isOld = checked.has(client);
    const ask = askOf(client);
    try {
      if (!isOld) await check(ask);
      checked.add(client);
      const result = await work(ask);
      client.release();
      return result;
    } catch (error) {
      // It may be in the midst of a statement or of a transaction.
      client.release(true);
      const isCut = cut.has(client) || isShutdown(error);
      if (!isRepeatable || !isOld || !isCut) throw error;
      // The other connections are as old; on a new one, nothing is repeated again.
      giveUp();
      return lend(work, false);
    }
  };
  return { lend, giveUp, close };
}

function askOf(client: ClientBase): Ask {
  return async <Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    withinMs = answerWithinMs,
  ) => {
    const query: QueryConfig & { query_timeout: number } = {
      ...{ text, values: [...values], query_timeout: withinMs },
    };
    return (await client.query<Row>(query)).rows;
  };
}

function ignore(): void {
  // The call that needed the connection tells its error.
}
