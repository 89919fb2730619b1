// The store of a daemon: opened once, and anew only with other settings, another secret, or after it was refused.
import { expect, test } from "vitest";
import { makeStoreKeeper } from "../../src/app/keep-store.ts";
import type { StoreChoice } from "../../src/app/store-choice.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { makeFakeClock } from "../support/fake-clock.ts";

function begin() {
  let address: string | null = "postgres://one";
  const [opened, closed]: [string[], string[]] = [[], []];
  const secrets = {
    readDatabaseUrl: () =>
      address === null
        ? Promise.reject(new ReconcileError("state/addressMissing", "no address"))
        : Promise.resolve(address),
    readGitToken: () => Promise.resolve(null),
  };
  const git = { remote: "origin", branch: "state" };
  const choice: StoreChoice = {
    state: { store: "postgres", git, postgres: { schema: "reconcile" } },
    secrets,
  };
  const keeper = makeStoreKeeper(async () => {
    const own = await secrets.readDatabaseUrl();
    opened.push(own);
    return { ...makeMemoryStore(makeFakeClock()), close: () => Promise.resolve(void closed.push(own)) };
  });
  const use = (next: string | null) => {
    address = next;
  };
  return { keeper, choice, opened, closed, use };
}

test("passes one after the other have one store, which is closed at the end", async () => {
  const { keeper, choice, opened, closed } = begin();
  for (let pass = 0; pass < 3; pass += 1) await (await keeper.openStore(choice)).close();
  expect([opened, closed]).toEqual([["postgres://one"], []]);
  await keeper.close();
  await keeper.close();
  expect(closed).toEqual(["postgres://one"]);
});

test("with another secret another one is opened, and the one before is closed once nobody has it open", async () => {
  const { keeper, choice, opened, closed, use } = begin();
  const lease = await keeper.openStore(choice);
  use("postgres://two");
  const pass = await keeper.openStore(choice);
  expect([opened, closed]).toEqual([["postgres://one", "postgres://two"], []]);
  await lease.close();
  await lease.close();
  expect(closed).toEqual(["postgres://one"]);
  await pass.close();
  await keeper.close();
  expect(closed).toEqual(["postgres://one", "postgres://two"]);
});

test("a store that was refused is opened again by the next pass", async () => {
  const { keeper, choice, opened, use } = begin();
  use(null);
  await expect(keeper.openStore(choice)).rejects.toMatchObject({ code: "state/addressMissing" });
  use("postgres://one");
  await (await keeper.openStore(choice)).close();
  expect(opened).toEqual(["postgres://one"]);
});
