// What the PostgreSQL store says, and how it goes on, when the server, the network or a right goes away.
import { randomBytes } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openPostgres } from "../../../src/state/postgres/open-postgres.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import type { SharedStore } from "../../../src/state/shared-store.ts";
import { choosePlace, own, serverUser, startServer, type RunningServer } from "../../support/postgres.ts";
import { certificate, certificatePath } from "../../support/proxy.ts";
import { makeRecord, makeRecords, readText, stateKey, taking, takeSurely, textOf } from "../store-suite.ts";
import { startRelay, type Relay } from "./relay.ts";
import {
  makePostgresWorld,
  whyWithoutServer,
  withoutServer,
  type PostgresWorld,
  type WorldOptions,
} from "./world.ts";

let server: RunningServer;
const worlds: PostgresWorld[] = [];
const relays: Relay[] = [];

async function makeWorld(options: WorldOptions = {}): Promise<PostgresWorld> {
  const world = await makePostgresWorld({ server, ...options });
  worlds.push(world);
  return world;
}

async function makeRelay(): Promise<Relay> {
  const relay = await startRelay(server.port);
  relays.push(relay);
  return relay;
}

const unreachable = { code: "state/unreachable", class: "retriable" };

/** Every call of a store, in an order in which each has an effect. */
function callsOf(store: SharedStore, fence: number, seq: number): Record<string, () => Promise<unknown>> {
  const client = { environment: "mypurecloud.com", clientId: "client" };
  return {
    look: () => store.look(stateKey),
    hashOf: () => store.hashOf(stateKey, 1),
    read: () => readText(store),
    renew: () => store.renew(stateKey, fence),
    append: () => store.append(stateKey, fence, [makeRecord(seq)]),
    markMoved: () => store.markMoved(stateKey, fence, null),
    rememberOrganization: () => store.rememberOrganization(client, { id: "o", name: null }),
    findOrganization: () => store.findOrganization(client),
    release: () => store.release(stateKey, fence),
    take: () => store.take(stateKey, taking(1)),
  };
}

async function terminate({ ask }: PostgresWorld): Promise<void> {
  await ask(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('pass', 'keeper', 'reader')",
  );
}

describe.skipIf(withoutServer)(`the PostgreSQL store in trouble${whyWithoutServer}`, () => {
  beforeAll(async () => {
    const key = readFileSync(join(import.meta.dirname, "../../fixtures/tls-key.pem"), "utf8");
    server = await startServer(await choosePlace(), { tls: { certificate, key } });
  }, 60_000);

  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.close();
    for (const relay of relays.splice(0)) await relay.close();
  });

  afterAll(async () => {
    await server.remove();
  }, 30_000);

  test("a server that goes away and comes back costs each call one answer, and no record", async () => {
    const world = await makeWorld();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    for (const [name, call] of Object.entries(callsOf(store, fence, 1))) {
      await store.look(stateKey);
      await server.stop();
      await expect(call(), name).rejects.toMatchObject(unreachable);
      await expect(store.look(stateKey), name).rejects.toMatchObject(unreachable);
      await server.start();
      await untilAnswering(store);
      await call();
    }
    const other = await world.open();
    expect(await readText(other)).toBe(textOf([makeRecord(1)]));
    expect((await other.look(stateKey)).fence).toBeGreaterThan(fence);
  }, 120_000);

  test("a connection that was cut while it was idle is replaced, and no call notices", async () => {
    const world = await makeWorld();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    for (let seq = 1; seq < 6; seq += 1) {
      await Promise.all([store.look(stateKey), store.look(stateKey)]);
      await terminate(world);
      expect(await store.append(stateKey, fence, [makeRecord(seq)])).toBe(true);
    }
    expect(await readText(store)).toBe(textOf(makeRecords(1, 5)));
  });

  test("an append whose connection is cut in its midst is sent again, once", async () => {
    const world = await makeWorld();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    const cut: number[] = [];
    const cutInMidst = async (): Promise<void> => {
      for (;;) {
        // A transaction sees the sessions that there were when it first looked.
        await world.ask("select pg_stat_clear_snapshot()");
        const [waiting] = await world.ask<{ pid: number }>(
          "select pid from pg_stat_activity where wait_event_type = 'Lock' and usename = 'pass' and pid <> all($1)",
          [cut],
        );
        if (waiting) {
          cut.push(waiting.pid);
          await world.ask("select pg_terminate_backend($1)", [waiting.pid]);
          return;
        }
        await delay(5);
      }
    };
    await world.ask(`begin; select from ${world.schema}.leases for update`);
    const refused = expect(store.append(stateKey, fence, makeRecords(1, 3))).rejects.toMatchObject(
      unreachable,
    );
    await cutInMidst();
    await cutInMidst();
    await refused;
    await world.ask("rollback");
    expect((await store.look(stateKey)).head.seq).toBe(0);
    await world.ask(`begin; select from ${world.schema}.leases for update`);
    const append = store.append(stateKey, fence, makeRecords(1, 3));
    await cutInMidst();
    await world.ask("rollback");
    expect(await append).toBe(true);
    expect(await readText(store)).toBe(textOf(makeRecords(1, 3)));
  });

  test("an append that waits while another takes the lease over is refused", async () => {
    const world = await makeWorld();
    const store = await world.open();
    const { fence } = await takeSurely(store, taking(1));
    await world.ask(`begin; update ${world.schema}.leases set fence = fence + 1`);
    const append = store.append(stateKey, fence, makeRecords(1, 3));
    await untilWaiting(world);
    await world.ask("commit");
    expect(await append).toBe(false);
  });

  test("an append whose answer is lost after the commit counts when it is sent again", async () => {
    const world = await makeWorld();
    const relay = await makeRelay();
    const store = await world.open("pass", relay.port);
    const { fence } = await takeSurely(store, taking(1));
    relay.does = "lose";
    await expect(store.append(stateKey, fence, makeRecords(1, 3))).rejects.toMatchObject(unreachable);
    await expect(store.append(stateKey, fence, makeRecords(1, 3))).rejects.toMatchObject(unreachable);
    relay.does = "pass";
    expect((await store.look(stateKey)).head.seq).toBe(3);
    expect(await store.append(stateKey, fence, makeRecords(1, 3))).toBe(true);
    expect(await store.append(stateKey, fence, makeRecords(2, 5))).toBe(true);
    expect(await readText(store)).toBe(textOf(makeRecords(1, 5)));
  });

  test("a take whose answer is lost is made again at once by its own store, and by no other", async () => {
    const world = await makeWorld();
    const relay = await makeRelay();
    const [store, other] = [await world.open("pass", relay.port), await world.open()];
    await store.look(stateKey);
    relay.does = "lose";
    await expect(store.take(stateKey, taking(1))).rejects.toMatchObject(unreachable);
    relay.does = "pass";
    const { fence } = await other.look(stateKey);
    expect(fence).toBeGreaterThan(0);
    expect((await other.take(stateKey, taking(2))).ok).toBe(false);
    const taken = await takeSurely(store, taking(1));
    expect([taken.followed, taken.fence > fence]).toEqual([fence, true]);
    expect((await store.take(stateKey, taking(1))).ok).toBe(false);
  });

  test("a server that does not answer is given up", async () => {
    const world = await makeWorld();
    const relay = await makeRelay();
    const store = await world.open("pass", relay.port);
    const { fence } = await takeSurely(store, taking(1));
    relay.does = "hold";
    await expect(store.renew(stateKey, fence)).rejects.toMatchObject(unreachable);
    await expect(store.look(stateKey)).rejects.toMatchObject(unreachable);
    relay.does = "pass";
    expect(await store.renew(stateKey, fence)).toBe(true);
  });

  test("a right that was revoked is refused with the way out, and given again it works", async () => {
    const { ask, open, schema } = await makeWorld();
    const store = await open();
    const { fence } = await takeSurely(store, taking(1));
    await ask(`revoke insert on ${schema}.records from pass`);
    await expect(store.append(stateKey, fence, makeRecords(1, 2))).rejects.toMatchObject({
      ...{ code: "state/refused", hint: "as the schema's owner run: reconcile state init --grant ROLE" },
    });
    expect(await store.renew(stateKey, fence)).toBe(true);
    await ask(`grant insert on ${schema}.records to pass`);
    expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
  });

  test.each([
    ["08006", "state/unreachable"],
    ["40001", "state/unreachable"],
    ["40P01", "state/unreachable"],
    ["53200", "state/unreachable"],
    ["53300", "state/unreachable"],
    ["55P03", "state/unreachable"],
    ["57014", "state/unreachable"],
    ["57P01", "state/unreachable"],
    ["25006", "state/refused"],
    ["42501", "state/refused"],
    ["53100", "state/refused"],
    ["58030", "state/refused"],
    ["XX000", "state/refused"],
    ["42P01", "state/notInitialised"],
  ])("the server's error %s is %s, and nothing of the append stands", async (state, code) => {
    const { ask, open, schema } = await makeWorld();
    const store = await open();
    const { fence } = await takeSurely(store, taking(1));
    await ask(`create function ${schema}.fail() returns trigger language plpgsql as
      $$ begin raise exception 'as the test wants it' using errcode = '${state}'; end $$;
      create trigger fail after insert on ${schema}.records execute function ${schema}.fail()`);
    await expect(store.append(stateKey, fence, makeRecords(1, 2))).rejects.toMatchObject({
      ...{ code, message: `${store.name}: as the test wants it (${state})` },
    });
    await ask(`drop trigger fail on ${schema}.records`);
    expect(await store.append(stateKey, fence, makeRecords(1, 2))).toBe(true);
  });

  test("a disk that is full is refused with the way out, and what stands there is still read", async (context) => {
    const folder = join(server.folder, "small");
    mkdirSync(folder);
    const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "none", folder]).status === 0;
    if (!isMounted) context.skip("this user may not mount a small disk");
    own(folder, serverUser());
    const { ask, open, schema } = await makeWorld();
    try {
      await ask(`create tablespace small location '${folder}'`);
      await ask(`alter table ${schema}.records set tablespace small`);
      const store = await open();
      const { fence } = await takeSurely(store, taking(1));
      const records = [1, 2, 3, 4].map((seq) => makeRecord(seq, randomBytes(1_000_000).toString("base64")));
      let stands = 0;
      const fill = async (): Promise<void> => {
        for (const record of records) {
          await store.append(stateKey, fence, [record]);
          stands += 1;
        }
      };
      await expect(fill()).rejects.toMatchObject({
        ...{ code: "state/refused", hint: "free space on the database server's disk" },
      });
      expect(stands).toBeGreaterThan(0);
      expect(await readText(store)).toBe(textOf(records.slice(0, stands)));
      expect(await store.renew(stateKey, fence)).toBe(true);
      await ask(`alter table ${schema}.records set tablespace pg_default`);
      expect(await store.append(stateKey, fence, records)).toBe(true);
    } finally {
      await ask(`drop schema if exists ${schema} cascade; `);
      await ask(`drop tablespace if exists small`);
      execFileSync("umount", [folder]);
    }
  });

  test("an append waits for the disk even where the server's setting does not", async () => {
    const { ask, open, schema } = await makeWorld();
    const store = await open();
    const { fence } = await takeSurely(store, taking(1));
    await ask(`create table ${schema}.seen (setting text); grant insert on ${schema}.seen to pass;
      create function ${schema}.see() returns trigger language plpgsql as
        $$ begin insert into ${schema}.seen values (current_setting('synchronous_commit')); return null; end $$;
      create constraint trigger see after insert on ${schema}.records initially deferred
        for each row execute function ${schema}.see()`);
    for (const setting of ["off", "local", "on"]) {
      await ask(`alter role pass set synchronous_commit = ${setting}`);
      await terminate({ ask } as PostgresWorld);
      const fresh = await open();
      expect(
        await fresh.append(stateKey, fence, [makeRecord((await fresh.look(stateKey)).head.seq + 1)]),
      ).toBe(true);
    }
    await ask("alter role pass reset synchronous_commit");
    expect(await ask(`select setting from ${schema}.seen`)).toEqual([
      ...["on", "local", "on"].map((setting) => ({ setting })),
    ]);
  });

  test.each([
    [
      "a password that is wrong",
      (text: string) => text.replace(/pass:[^@]*@/, "pass:s3cret@"),
      "state/refused",
    ],
    ["no password", (text: string) => text.replace(/pass:[^@]*@/, "pass@"), "state/refused"],
    ["a role that is unknown", (text: string) => text.replace(/pass:/, "unknown:"), "state/refused"],
    ["a database that is unknown", (text: string) => text.replace(/[^/]*$/, "unknown"), "state/refused"],
    ["a certificate of nobody", (text: string) => `${text}?sslmode=verify-full`, "state/refused"],
    ["a port where nothing listens", (text: string) => text.replace(/:\d+\//, ":1/"), "state/unreachable"],
  ])("%s", async (_what, change, code) => {
    const world = await makeWorld();
    const { address, schema } = world.placeFor("pass");
    const store = await openPostgres(
      { address: change(address), schema },
      { clock: world.clock, random: systemRandom },
    );
    const error: unknown = await store.look(stateKey).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code, hint: expect.any(String) as unknown });
    const told =
      JSON.stringify([error, Object.getOwnPropertyNames(error)]) +
      String(error) +
      String((error as Error).cause);
    expect(told).not.toMatch(/s3cret|p@ss|p%40ss/);
    await store.close();
  });

  test("TLS that a certificate authority of one's own vouches for is taken", async () => {
    const world = await makeWorld();
    const { address, schema } = world.placeFor("pass");
    const store = await openPostgres(
      { address: `${address}?sslmode=verify-full&sslrootcert=${certificatePath}`, schema },
      { clock: world.clock, random: systemRandom },
    );
    await takeSurely(store, taking(1));
    const [link] = await world.ask(
      "select bool_and(ssl) as ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'pass'",
    );
    expect(link).toEqual({ ssl: true });
    await store.close();
  });

  test("a server that takes no writes is named", async () => {
    const { ask, open } = await makeWorld();
    await ask("alter role pass set default_transaction_read_only = on");
    await expect((await open()).take(stateKey, taking(1))).rejects.toMatchObject({
      ...{ code: "state/refused", hint: expect.stringContaining("primary") as unknown },
    });
    await ask("alter role pass reset default_transaction_read_only");
  });

  test("a server without a free connection is asked again later", async () => {
    const { ask, open } = await makeWorld();
    await ask("alter role pass connection limit 0");
    const store = await open();
    await expect(store.look(stateKey)).rejects.toMatchObject(unreachable);
    await ask("alter role pass connection limit -1");
    expect((await store.look(stateKey)).fence).toBe(0);
  });
});

/** A server that has just started refuses connections while it reads its log. */
async function untilAnswering(store: SharedStore): Promise<void> {
  const look = (): Promise<boolean> =>
    store.look(stateKey).then(
      () => true,
      () => false,
    );
  while (!(await look())) await delay(20);
}

async function untilWaiting({ ask }: PostgresWorld): Promise<void> {
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock' and usename = 'pass'";
  while ((await ask(waiting)).length === 0) await delay(5);
}
