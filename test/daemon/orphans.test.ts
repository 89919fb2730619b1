// A daemon that leaves orphans says so, and is ready all the same.
import { expect, test } from "vitest";
import { manifest, putWebhook } from "../support/world.ts";
import { startDaemon } from "./daemon.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };

test("an orphan is a condition of its own, and the daemon is ready and converged all the same", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  const first = await daemon.pass(0);
  expect(first.conditions.at(-1)).toMatchObject({ type: "NoOrphans", status: "True", reason: "NoneLeft" });

  putWebhook(daemon.world.state, { id: "w1", group: "old", owner: "default" });
  daemon.touch();
  const left = await daemon.pass(300);
  expect(left.conditions.at(-1)).toMatchObject({
    type: "NoOrphans",
    status: "False",
    reason: "OrphansLeft",
    message: "1 webhook of a group without a manifest goes on delivering: old",
  });
  expect(left.conditions.map(({ status }) => status)).toEqual(["True", "True", "True", "True", "False"]);
  expect((await daemon.get("/readyz")).status).toBe(200);
  expect(await (await daemon.get("/metrics")).text()).toContain(
    'reconcile_condition{type="NoOrphans"} 0\n',
  );
  await daemon.stop();
});

test("a daemon that prunes leaves none", async () => {
  const daemon = await startDaemon({ argv: "watch --prune --allow-deletes", files });
  putWebhook(daemon.world.state, { id: "w1", group: "old", owner: "default" });
  const view = await daemon.pass(0);
  expect(view.conditions.at(-1)).toMatchObject({ type: "NoOrphans", status: "True" });
  expect(await (await daemon.get("/metrics")).text()).toContain("\nreconcile_orphans 0\n");
  await daemon.stop();
});
