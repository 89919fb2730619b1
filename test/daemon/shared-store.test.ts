// A daemon whose state is in a shared store: it opens it once, for its lease and for every pass, and closes it at the end.
import { expect, test } from "vitest";
import { away, makeMemoryStore } from "../state/shared/memory-store.ts";
import { makeWorld, manifest } from "../support/world.ts";
import { startDaemon } from "./daemon.ts";

const config = (actors: string) =>
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: team\n" +
  `state: { store: postgres }\naudit: { actors: ${actors} }\n`;
const environmentOf = (secret: string) => ({
  ...{ GENESYS_CLIENT_ID: "client-of-tests", GENESYS_CLIENT_SECRET: "the-secret-of-tests" },
  RECONCILE_DATABASE_URL_FILE: secret,
});

test("passes open no store anew, until the secret changes; the end closes it", async () => {
  const files = {
    ...{ "reconcile.yaml": config("none"), "subscriptions/a.yaml": manifest("alpha") },
    "run/address": "postgres://reconcile:one@localhost/state",
  };
  const from = makeWorld({ argv: "", files });
  const store = makeMemoryStore(from.clock);
  let [opened, closed] = [0, 0];
  const daemon = await startDaemon({
    ...{ argv: "watch", from, environment: environmentOf("run/address") },
    openStore: () => {
      opened += 1;
      return Promise.resolve({ ...store, close: () => Promise.resolve(void (closed += 1)) });
    },
  });
  expect((await daemon.pass(0)).result?.ok).toBe(true);
  for (let pass = 0; pass < 3; pass += 1) await daemon.pass(60_000);
  expect((await daemon.status()).passes).toBeGreaterThan(3);
  expect([opened, closed]).toEqual([1, 0]);
  daemon.world.files.set("run/address", "postgres://reconcile:two@localhost/state");
  expect((await daemon.pass(60_000)).result?.ok).toBe(true);
  expect([opened, closed]).toEqual([2, 0]);
  expect(await daemon.stop()).toBe(0);
  expect([opened, closed]).toEqual([2, 2]);
});

test("while the store does not answer, StateReachable is False and the daemon is not ready, not even as a standby", async () => {
  const files = {
    ...{ "reconcile.yaml": config("full"), "subscriptions/a.yaml": manifest("alpha") },
    "run/address": "postgres://reconcile:one@localhost/state",
  };
  const from = makeWorld({ argv: "", files });
  const store = makeMemoryStore(from.clock);
  const daemon = await startDaemon({
    ...{ argv: "watch", from, environment: environmentOf("run/address") },
    openStore: () => Promise.resolve(store),
  });
  const look = async (): Promise<readonly unknown[]> => {
    const { phase, holder, conditions } = await daemon.status();
    const state = conditions.find(({ type }) => type === "StateReachable");
    const answers = [await daemon.get("/readyz"), await daemon.get("/readyz?standby=ok")];
    return [
      phase,
      holder?.pid ?? null,
      state?.status,
      state?.reason,
      ...answers.map(({ status }) => status),
    ];
  };
  await daemon.pass(0);
  const pid = daemon.world.processes.pid;
  expect(await look()).toEqual(["waiting", pid, "True", "StateAnswers", 200, 200]);

  store.before = away;
  for (let seconds = 0; seconds < 60; seconds += 5) await daemon.pass(5_000);
  expect(await look()).toEqual(["standby", null, "False", "StateUnreachable", 503, 503]);
  expect(await (await daemon.get("/readyz")).text()).toBe(
    "not ready: StateUnreachable: the store in memory does not answer\n",
  );
  expect(daemon.world.logged.filter((line) => line.includes("stand"))).toEqual([
    "warn: the lease was lost; on standby again",
  ]);
  expect(daemon.world.logged.filter((line) => line.includes("waiting"))).toEqual([
    "warn: waiting for the store of the state: the store in memory does not answer",
  ]);

  store.before = () => undefined;
  for (let seconds = 0; seconds < 60; seconds += 5) await daemon.pass(5_000);
  expect(await look()).toEqual(["waiting", pid, "True", "StateAnswers", 200, 200]);
  await daemon.stop();
});
