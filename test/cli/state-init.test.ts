// `state init`: makes the tables of the PostgreSQL store, and says where there is nothing to make.
import { describe, expect, test } from "vitest";
import { initPostgres } from "../../src/state/postgres/init-postgres.ts";
import { makePostgresWorld, whyWithoutServer, withoutServer } from "../state/postgres/world.ts";
import { runWorld } from "../support/world.ts";

const configOf = (state: string) =>
  `apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\nstate: ${state}\n`;

test.each([
  ["files", "files"],
  ["git", "Git"],
])("of %s says that there is nothing to make", async (store, word) => {
  const files = { "reconcile.yaml": configOf(`{ store: ${store} }`) };
  const { status, out } = await runWorld({ argv: "state init", files });
  expect([status, out]).toEqual([0, `the state is kept in ${word}, which needs no init\n`]);
});

test("of postgres needs the database's address", async () => {
  const files = { "reconcile.yaml": configOf("{ store: postgres }") };
  const { status, err } = await runWorld({ argv: "state init", files });
  expect([status, err]).toEqual([1, expect.stringContaining("RECONCILE_DATABASE_URL is not set")]);
});

describe.skipIf(withoutServer)(`with a server${whyWithoutServer}`, () => {
  test("makes the tables, grants, and may be repeated", async () => {
    const postgres = await makePostgresWorld({ isInitialised: false });
    const { schema, addressFor } = postgres;
    const files = { "reconcile.yaml": configOf(`{ store: postgres, postgres: { schema: ${schema} } }`) };
    const environment = { RECONCILE_DATABASE_URL: addressFor("keeper") };
    const argv = "state init --grant pass --grant-read reader";
    const first = await runWorld({ argv, files, environment });
    expect([first.status, first.err]).toEqual([0, ""]);
    expect(first.out).toMatch(/the tables were made, version \d+\ngranted what passes need to pass\n/);
    expect(first.out).toContain("granted what reading needs to reader\n");
    expect(first.out).not.toContain("p@ss");
    const again = await runWorld({ argv, files, environment });
    expect([again.status, again.out]).toEqual([0, expect.stringContaining("already")]);
    const made = await initPostgres(postgres.placeFor("keeper"), { grant: [], grantRead: [] });
    expect(made.applied).toEqual([]);
    const store = await postgres.open("pass");
    const key = { organization: "o", owner: "team" };
    expect((await store.look(key)).head.seq).toBe(0);
    await postgres.close();
  });
});
