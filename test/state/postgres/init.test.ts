// `reconcile state init` over PostgreSQL: the tables, their rights, and what is refused.
import { afterEach, describe, expect, test } from "vitest";
import { initPostgres } from "../../../src/state/postgres/init-postgres.ts";
import { quoteName } from "../../../src/state/postgres/quote.ts";
import { makeRecords, readText, stateKey, taking, takeSurely, textOf } from "../store-suite.ts";
import {
  makePostgresWorld,
  whyWithoutServer,
  withoutServer,
  type PostgresWorld,
  type WorldOptions,
} from "./world.ts";

const noGrants = { grant: [], grantRead: [] };
const worlds: PostgresWorld[] = [];

async function makeWorld(options?: WorldOptions): Promise<PostgresWorld> {
  const world = await makePostgresWorld(options);
  worlds.push(world);
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

describe.skipIf(withoutServer)(`state init over PostgreSQL${whyWithoutServer}`, () => {
  test("makes the tables once, however often it runs", async () => {
    const { placeFor, ask, schema } = await makeWorld({ isInitialised: false });
    const first = await initPostgres(placeFor("keeper"), noGrants);
    expect(first.applied).toEqual([1]);
    expect(first.name).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+\/test_\d+, schema test_\d+$/);
    expect((await initPostgres(placeFor("keeper"), noGrants)).applied).toEqual([]);
    expect(await ask(`select version from ${schema}.migrations`)).toEqual([{ version: 1 }]);
  });

  test("two that run at once follow each other", async () => {
    const { placeFor } = await makeWorld({ isInitialised: false });
    const inits = [1, 2, 3].map(() => initPostgres(placeFor("keeper"), { grant: ["pass"], grantRead: [] }));
    const applied = (await Promise.all(inits)).map((its) => its.applied);
    expect(applied.toSorted((a, b) => a.length - b.length)).toEqual([[], [], [1]]);
  });

  test("grants a role that passes use, and a role that reads, what they need and no more", async () => {
    const { ask, schema } = await makeWorld();
    const granted = await ask<{ role: string; name: string; rights: string }>(
      `select grantee as role, table_name as name, string_agg(distinct lower(privilege_type), ' ') as rights
         from information_schema.role_table_grants
         where table_schema = $1 and grantee in ('pass', 'reader') and table_name <> 'fake_time'
         group by 1, 2 order by 1, 2`,
      [schema],
    );
    expect(granted.map(({ role, name, rights }) => `${role} ${name}: ${rights}`)).toEqual([
      "pass leases: insert select",
      "pass migrations: select",
      "pass organizations: insert select",
      "pass records: insert select",
      "reader leases: select",
      "reader migrations: select",
      "reader organizations: select",
      "reader records: select",
    ]);
    const columns = await ask<{ role: string; name: string; columns: string }>(
      `select grantee as role, table_name as name, string_agg(column_name, ' ' order by column_name) as columns
         from information_schema.column_privileges
         where table_schema = $1 and privilege_type = 'UPDATE' and grantee in ('pass', 'reader')
         group by 1, 2 order by 1, 2`,
      [schema],
    );
    expect(columns).toEqual([
      { role: "pass", name: "leases", columns: "expires_at fence holder moved_to taker" },
      { role: "pass", name: "organizations", columns: "id name" },
    ]);
  });

  test("the trail refuses every change, whoever asks for it", async () => {
    const { ask, open, schema } = await makeWorld();
    const store = await open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 3));
    for (const role of ["pass", "keeper", "postgres"])
      for (const setting of ["origin", "replica"])
        for (const change of [
          `update ${schema}.records set line = '{}'`,
          `update ${schema}.records set line = '{}' where false`,
          `delete from ${schema}.records`,
          `truncate ${schema}.records`,
          `truncate ${schema}.records cascade`,
          `insert into ${schema}.records select * from ${schema}.records
             on conflict (organization, owner, seq) do update set line = '{}'`,
        ])
          await expect(
            ask(
              `begin; set local session_replication_role = ${setting}; set local role ${role}; ${change}; commit`,
            ).finally(() => ask("rollback")),
          ).rejects.toMatchObject({ code: "42501" });
    expect(await readText(store)).toBe(textOf(makeRecords(1, 3)));
  });

  test("a role that may only read, reads, and is refused what it may not", async () => {
    const { open } = await makeWorld();
    const store = await open();
    const { fence } = await takeSurely(store, taking(1));
    await store.append(stateKey, fence, makeRecords(1, 2));
    const reader = await open("reader");
    expect((await reader.look(stateKey)).head.seq).toBe(2);
    expect(await reader.hashOf(stateKey, 1)).toBe(makeRecords(1, 1)[0]?.hash);
    expect(await readText(reader)).toBe(textOf(makeRecords(1, 2)));
    const client = { environment: "mypurecloud.com", clientId: "c" };
    expect(await reader.findOrganization(client)).toBeNull();
    for (const ask of [
      () => reader.take(stateKey, taking(2)),
      () => reader.renew(stateKey, fence),
      () => reader.append(stateKey, fence, makeRecords(3, 3)),
      () => reader.rememberOrganization(client, { id: "o", name: null }),
    ])
      await expect(ask()).rejects.toMatchObject({
        code: "state/refused",
        hint: "as the schema's owner run: reconcile state init --grant ROLE",
      });
  });

  test("a pass as the tables' owner is warned of it, one as a granted role is not", async () => {
    const { open } = await makeWorld();
    const [pass, keeper] = [await open("pass"), await open("keeper")];
    expect(keeper.warnings()).toEqual([]);
    for (const store of [pass, keeper]) await store.look(stateKey);
    expect(pass.warnings()).toEqual([]);
    expect(keeper.warnings()).toMatchObject([{ code: "state/ownsTables" }]);
  });

  test.each([`Odd "schema" $x$ \\ 'é;`, "x".repeat(63), "records"])(
    "the schema may be %s",
    async (schema) => {
      const world = await makeWorld({ schema });
      const role = `odd "role" \\ '${world.schema.length}`;
      await world.ask(`create role ${quoteName(role)}`);
      await initPostgres(world.placeFor("keeper"), { grant: [role], grantRead: [role] });
      const store = await world.open();
      const { fence } = await takeSurely(store, taking(1));
      expect(await store.append(stateKey, fence, makeRecords(1, 3))).toBe(true);
      expect(await readText(store)).toBe(textOf(makeRecords(1, 3)));
      expect(store.name).toContain(schema);
      const [rights] = await world.ask<{ may: boolean }>(
        "select has_table_privilege($1, format('%I.records', $2::text), 'insert') as may",
        [role, schema],
      );
      expect(rights).toEqual({ may: true });
      await world.ask(`drop schema ${quoteName(schema)} cascade`);
      await world.ask(`drop role ${quoteName(role)}`);
    },
  );

  test.each(["", "x".repeat(64), "é".repeat(32), "a\0b", "pg_mine"])(
    "a schema of the name %j is refused",
    async (schema) => {
      const { placeFor } = await makeWorld({ isInitialised: false });
      await expect(initPostgres({ ...placeFor("keeper"), schema }, noGrants)).rejects.toMatchObject({
        code: "state/refused",
      });
    },
  );

  test("a role that is not there is refused, and nothing is made", async () => {
    const { placeFor, ask, schema } = await makeWorld({ isInitialised: false });
    await expect(
      initPostgres(placeFor("keeper"), { grant: ["nobody_of_that_name"], grantRead: [] }),
    ).rejects.toMatchObject({ code: "state/refused", hint: "create the role first: CREATE ROLE … LOGIN" });
    expect(await ask("select from pg_namespace where nspname = $1", [schema])).toEqual([]);
  });

  test("a role that may make no schema is refused", async () => {
    const { placeFor } = await makeWorld({ isInitialised: false });
    await expect(initPostgres(placeFor("pass"), noGrants)).rejects.toMatchObject({ code: "state/refused" });
  });

  test("a schema that a DBA made for its owner is used", async () => {
    const { placeFor, ask, schema } = await makeWorld({ isInitialised: false });
    await ask(`create schema ${schema} authorization pass`);
    expect((await initPostgres(placeFor("pass"), noGrants)).applied).toEqual([1]);
  });

  test("a database whose encoding cannot keep every record is refused", async () => {
    const { ask, placeFor, database } = await makeWorld({ isInitialised: false });
    const latin = `${database}_latin`;
    await ask(`create database ${latin} owner keeper encoding 'LATIN1' template template0 locale 'C'`);
    const { address, schema } = placeFor("keeper");
    await expect(
      initPostgres({ address: address.replace(database, latin), schema }, noGrants),
    ).rejects.toMatchObject({
      code: "state/refused",
      message: expect.stringContaining("LATIN1") as unknown,
    });
  });

  test("without the tables each call says how to make them", async () => {
    const { open, ask, schema } = await makeWorld({ isInitialised: false });
    const expected = {
      code: "state/notInitialised",
      hint: "as the schema's owner run: reconcile state init",
    };
    await expect((await open()).look(stateKey)).rejects.toMatchObject(expected);
    await ask(`create schema ${schema}; grant usage on schema ${schema} to pass`);
    await expect((await open()).take(stateKey, taking(1))).rejects.toMatchObject(expected);
  });

  test("tables that a newer reconcile made are left alone by this one", async () => {
    const { open, ask, schema, placeFor } = await makeWorld();
    const before = await open();
    const { fence } = await takeSurely(before, taking(1));
    await ask(`insert into ${schema}.migrations values (2, now())`);
    const expected = { code: "state/newer", message: expect.stringContaining("version 2") as unknown };
    const store = await open();
    await expect(store.look(stateKey)).rejects.toMatchObject(expected);
    await expect(store.append(stateKey, fence, makeRecords(1, 1))).rejects.toMatchObject(expected);
    await expect(initPostgres(placeFor("keeper"), noGrants)).rejects.toMatchObject(expected);
    await ask(`delete from ${schema}.migrations`);
    await expect(store.look(stateKey)).rejects.toMatchObject({ code: "state/notInitialised" });
  });
});
