// The real PostgreSQL store on a real server, whose clock is the simulated one. Each statement passes a relay, where it may
// be slow, be refused, never arrive, or lose its answer.
import type { Between } from "../../state/postgres/between.ts";
import type { Client } from "pg";
import { initPostgres } from "../../../src/state/postgres/init-postgres.ts";
import { openPostgres } from "../../../src/state/postgres/open-postgres.ts";
import type { ServerPlace } from "../../support/postgres.ts";
import { addressOf, connectSurely, fakeTime, makeDatabase } from "../../state/postgres/tables.ts";
import { pausingFiles, pausingStore, type Ground, type Place, type PlacePorts } from "./place.ts";
import type { RealCalls } from "./real-work.ts";
import type { Sleeper } from "./sleeper.ts";
import { startStatements } from "./statements.ts";

const schema = "simulation";
/** As many as the store has. */
const connections = 2;

/** `server` may still be starting. */
export async function openPostgresGround(server: ServerPlace): Promise<Ground> {
  const database = `simulation_${process.pid}`;
  await makeDatabase(server, database);
  const admin = await connectSurely(server, database);
  const keeper = { address: addressOf({ server, database }, "keeper"), schema };
  await initPostgres(keeper, { grant: ["pass"], grantRead: [] });
  await fakeTime(async (sql, values) => admin.query(sql, values && [...values]), schema, 0);
  // A machine that dies leaves connections open, which a database of its own lets nobody else feel.
  return {
    ...{ mostGroups: 2, mostTypes: 5 },
    open: (ports) => Promise.resolve(openPlace(ports, { admin, server, database })),
    close: () => admin.end(),
  };
}

interface Grounds {
  readonly admin: Client;
  readonly server: ServerPlace;
  readonly database: string;
}

interface Row {
  readonly fence: string | null;
  readonly line: string | null;
}

function openPlace(ports: PlacePorts, { admin, server, database }: Grounds): Place {
  const { timeline, key, real } = ports;
  let setMs = -1;
  const setTime = async (): Promise<void> => {
    const nowMs = timeline.now();
    if (nowMs === setMs) return;
    setMs = nowMs;
    await admin.query(`update ${schema}.fake_time set moment = to_timestamp($1)`, [nowMs / 1000]);
  };
  const relays: Between[] = [];
  return {
    ...{ store: "postgres", lastsMs: 30_000, waitMs: 90_000, isOneMachine: false },
    filesOf: pausingFiles,
    openStore: async (_machine: number, sleeper: Sleeper) => {
      const calls = real.open(connections);
      const store = await calls.during(async () => {
        const relay = await startStatements(server.port, sleeper, { ...ports, calls, setTime });
        relays.push(relay);
        const clock = { ...sleeper.clock, sleep: sleepAside(sleeper, calls) };
        const random = { next: () => 0.5, id: () => sleeper.name };
        const address = addressOf({ server: { ...server, port: relay.port }, database }, "pass");
        return openPostgres({ address, schema }, { clock, random });
      });
      return pausingStore(store, sleeper, { ...ports, calls });
    },
    read: async (after) => {
      const { rows } = await admin.query<Row>(
        `select lease.fence, record.line from (select) as one
           left join (select fence from ${schema}.leases where organization = $1 and owner = $2) as lease on true
           left join (select seq, line from ${schema}.records where organization = $1 and owner = $2 and seq > $3)
             as record on true order by record.seq`,
        [key.organization, key.owner, after],
      );
      return { fence: Number(rows[0]?.fence ?? 0), lines: rows.flatMap(({ line }) => line ?? []) };
    },
    close: async () => {
      for (const relay of relays) await relay.close();
    },
  };
}

function sleepAside(sleeper: Sleeper, { aside }: RealCalls): Sleeper["clock"]["sleep"] {
  return (delayMs, signal) => aside(() => sleeper.clock.sleep(delayMs, signal));
}
