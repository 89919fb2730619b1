// How often a daemon asks which organisation its client belongs to.
import { expect, test } from "vitest";
import { makeMemoryStore } from "../state/shared/memory-store.ts";
import { makeWorld, manifest } from "../support/world.ts";
import { startDaemon } from "./daemon.ts";

const files = { "subscriptions/a.yaml": manifest("alpha") };
const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
const question = "GET /api/v2/tokens/me";

/** How often it asks in its first pass and in the next two. */
async function countQuestions(argv: string, config = head): Promise<readonly number[]> {
  const from = makeWorld({ argv: "", files: { ...files, "reconcile.yaml": config } });
  const store = makeMemoryStore(from.clock);
  const daemon = await startDaemon({ argv, from, openStore: () => Promise.resolve(store) });
  const asked = () => daemon.world.requests.filter((request) => request === question).length;
  await daemon.pass(0);
  const counts = [asked()];
  for (let pass = 2; pass <= 3; pass += 1) {
    await daemon.pass(60_000);
    counts.push(asked());
  }
  expect((await daemon.status()).passes).toBe(3);
  await daemon.stop();
  return counts;
}

test.each(["files", "postgres"])(
  "a dry-run daemon, whose memory in %s stays as it is, asks once",
  async (store) => {
    expect(await countQuestions("watch --dry-run", `${head}state: { store: ${store} }\n`)).toEqual([
      1, 1, 1,
    ]);
  },
);

test("a daemon that writes asks again only before it writes", async () => {
  expect(await countQuestions("watch")).toEqual([1, 1, 1]);
});

test("where the organisation is pinned, each pass asks", async () => {
  const { organisation } = makeWorld({ argv: "" });
  const pinned = `${head}organization: ${organisation.id}\n`;
  expect(await countQuestions("watch --dry-run", pinned)).toEqual([1, 2, 3]);
});
