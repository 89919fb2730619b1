// What `doctor` learns of the PostgreSQL store.
import { afterEach, describe, expect, test } from "vitest";
import { checkPostgres, type FoundPostgres } from "../../../src/state/postgres/check-postgres.ts";
import {
  makePostgresWorld,
  whyWithoutServer,
  withoutServer,
  type PostgresWorld,
  type WorldOptions,
} from "./world.ts";

const worlds: PostgresWorld[] = [];

async function makeWorld(options?: WorldOptions): Promise<PostgresWorld> {
  const world = await makePostgresWorld(options);
  worlds.push(world);
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const found: FoundPostgres = {
  isEncrypted: false,
  server: expect.stringMatching(/^\d/) as string,
  isServerSupported: true,
  isReadOnly: false,
  user: "pass",
  version: 1,
  expectedVersion: 1,
  mayRead: true,
  mayAppend: true,
  isOwner: false,
};

describe.skipIf(withoutServer)(`a look at PostgreSQL${whyWithoutServer}`, () => {
  test.each([
    ["pass", {}],
    ["reader", { user: "reader", mayAppend: false }],
    ["keeper", { user: "keeper", isOwner: true }],
  ] as const)("as the role %s", async (role, differs) => {
    const { placeFor, schema } = await makeWorld();
    const { name, ...checks } = await checkPostgres(placeFor(role));
    expect(name).toContain(`schema ${schema}`);
    expect(checks).toEqual({ fault: null, found: { ...found, ...differs } });
  });

  test("without the tables, and without a right to see them", async () => {
    const { placeFor, ask, schema } = await makeWorld({ isInitialised: false });
    const none = { ...found, version: 0, mayRead: false, mayAppend: false };
    expect((await checkPostgres(placeFor("pass"))).found).toEqual(none);
    await ask(`create schema ${schema} authorization pass`);
    expect((await checkPostgres(placeFor("pass"))).found).toEqual(none);
    const { ask: askThere, schema: hidden, placeFor: placeOf } = await makeWorld();
    await askThere(`revoke usage on schema ${hidden} from pass`);
    expect((await checkPostgres(placeOf("pass"))).found).toEqual(none);
  });

  test("with tables of another version", async () => {
    const { placeFor, ask, schema } = await makeWorld();
    await ask(`insert into ${schema}.migrations values (7, now())`);
    expect((await checkPostgres(placeFor("pass"))).found).toEqual({ ...found, version: 7 });
  });

  test("a database that does not answer, and an address that is refused", async () => {
    const schema = "reconcile";
    const there = await checkPostgres({ address: "postgres://u:s3cret@127.0.0.1:1/state", schema });
    expect(there).toMatchObject({
      ...{ name: "PostgreSQL at 127.0.0.1:1/state, schema reconcile", found: null },
      fault: { code: "state/unreachable" },
    });
    const refused = await checkPostgres({ address: "postgres://u:s3cret@db.example.com/state", schema });
    expect(refused).toMatchObject({ name: null, found: null, fault: { code: "state/insecure" } });
  });
});
