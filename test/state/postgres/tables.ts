// A database on a server of the tests, its roles, and the clock of its schema, which a test moves.
import { Client } from "pg";
import { setTimeout as delay } from "node:timers/promises";
import { quoteText } from "../../../src/state/postgres/quote.ts";
import type { ServerPlace } from "../../support/postgres.ts";

/** The passwords have what an address must percent-encode. */
export const roles = {
  keeper: "keeper:p@ss/w#rd?%",
  pass: "pass:p@ss/w#rd?%",
  reader: "reader:p@ss/w#rd?%",
} as const;
export type Role = keyof typeof roles;

export function addressOf(
  { server, database }: { readonly server: Pick<ServerPlace, "port">; readonly database: string },
  role: Role,
): string {
  return `postgres://${role}:${encodeURIComponent(roles[role])}@127.0.0.1:${server.port}/${database}`;
}

/** The databases that this process has made, and the servers that have the roles. */
const ready = new Set<string>();

/** Makes it with the roles, unless this process did already. */
export async function makeDatabase(server: ServerPlace, database: string): Promise<void> {
  const place = `${server.port}/${database}`;
  if (ready.has(place)) return;
  const client = await connectSurely(server, "postgres");
  for (const [role, password] of Object.entries(roles)) await makeRole(client, role, password);
  await client.query(`create database ${database} owner keeper`);
  await client.end();
  ready.add(place);
}

/** The server may still be starting. */
export async function connectSurely(
  { port, superPassword }: ServerPlace,
  database: string,
): Promise<Client> {
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

/** Replaces the one function that tells the schema's time. */
export async function fakeTime(
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
