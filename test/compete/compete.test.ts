// A few rounds of what `npm run compete` plays at length: two real processes sync different commits at once.
import { expect, test } from "vitest";
import { integrations, triggers, webhooks, type TestKind } from "../support/kinds.ts";
import { whyWithoutServer, withoutServer } from "../state/postgres/world.ts";
import { openArena } from "./arena.ts";
import { openStore, type StoreName } from "./stores.ts";

async function play(storeName: StoreName, kind: TestKind, rounds: number) {
  const store = await openStore(storeName);
  const arena = await openArena("arena", kind, store);
  for (let round = 1; round <= rounds; round += 1) await arena.playRound(false);
  await arena.verify();
  await arena.close();
  await store.close();
  return arena.outcome;
}

const nothingWrong = {
  ...{ kills: 0, midway: 0, refused: 0, gaps: 0, duplicates: 0 },
  ...{ claims: 0, interleaved: 0, unsettled: 0, faults: [] },
};
const timeout = 180_000;

test("over one disk", { timeout }, async () => {
  expect(await play("files", webhooks, 2)).toEqual({ ...nothingWrong, rounds: 2 });
});

test("over Git", { timeout }, async () => {
  expect(await play("git", triggers, 1)).toEqual({ ...nothingWrong, rounds: 1 });
});

test.skipIf(withoutServer)(`over PostgreSQL${whyWithoutServer}`, { timeout }, async () => {
  expect(await play("postgres", integrations, 1)).toEqual({ ...nothingWrong, rounds: 1 });
});
