// A daemon whose state is in a shared store: it opens it once, for its lease and for every pass, and closes it at the end.
import { expect, test } from "vitest";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
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
