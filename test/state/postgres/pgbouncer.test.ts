// The PostgreSQL store keeps the same promises through PgBouncer, which gives each transaction another connection.
import { afterAll, describe, expect, test } from "vitest";
import { initPostgres } from "../../../src/state/postgres/init-postgres.ts";
import { hasPgBouncer, startPgBouncer, type RunningBouncer } from "../../support/pgbouncer.ts";
import { describeStore, stateKey } from "../store-suite.ts";
import { makePostgresWorld, roles, sharedServer, withoutServer, type PostgresWorld } from "./world.ts";

const isRequired = process.env["REQUIRE_PGBOUNCER"] === "1";
const skip = withoutServer || (!hasPgBouncer() && !isRequired);
const why = skip ? " – skipped, PostgreSQL or PgBouncer is not installed" : "";

let starting: Promise<RunningBouncer> | undefined;

async function bouncerPort(): Promise<number> {
  if (!hasPgBouncer()) throw new Error("REQUIRE_PGBOUNCER=1, but PgBouncer is not installed");
  starting ??= startPgBouncer(sharedServer(), roles);
  return (await starting).port;
}

afterAll(async () => {
  await (await starting)?.stop();
});

async function makeWorld(): Promise<PostgresWorld> {
  const port = await bouncerPort();
  const world = await makePostgresWorld();
  return { ...world, open: async (role) => world.open(role, port) };
}

describeStore(`the PostgreSQL store through PgBouncer${why}`, makeWorld, { skip });

describe.skipIf(skip)(`state init through PgBouncer${why}`, () => {
  test("makes the tables", async () => {
    const port = await bouncerPort();
    const world = await makePostgresWorld({ isInitialised: false });
    const place = world.placeFor("keeper", port);
    expect((await initPostgres(place, { grant: ["pass"], grantRead: [] })).applied).toEqual([1]);
    expect((await (await world.open("pass", port)).look(stateKey)).fence).toBe(0);
    await world.close();
  });
});
