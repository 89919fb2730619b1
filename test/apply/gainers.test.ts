import { expect, test } from "vitest";
import { findServers } from "../../src/apply/gainers.ts";
import { putWebhook } from "../support/world.ts";
import { eventTypes, pool, pooled, sync } from "./syncs.ts";

test("all resources that a rollback lists for one URL serve it", () => {
  const entry = (webhookId: string, eventType: string) => ({
    ...{ url: "workflow:1", eventTypes: [eventType], estimatedThroughput: 0, webhookId },
  });
  const servers = findServers([entry("t1", "a.created"), entry("t2", "a.ended")], []);
  expect([...servers]).toEqual([
    [
      "workflow:1",
      [
        { webhookId: "t1", endpoints: ["workflow:1", "workflow:1"], eventTypes: ["a.created"] },
        { webhookId: "t2", endpoints: ["workflow:1", "workflow:1"], eventTypes: ["a.ended"] },
      ],
    ],
  ]);
});

test("a resource that is only going to be enabled is not asked whether it delivers: the duplicate that goes last does", async () => {
  const { world } = await sync({ "subscriptions/b.yaml": pooled(2) });
  const { state } = world;
  const delivered = () =>
    [...state.webhooks.values()].map((one) => [one.endpoint, one.state, one.eventTypes]).sort();
  const before = delivered();
  const [home = "", other = ""] = pool(2);
  for (const [id, webhook] of state.webhooks) {
    if (webhook.endpoint === home) state.webhooks.set(id, { ...webhook, eventTypes });
    else {
      state.webhooks.set(id, { ...webhook, state: "disabled" });
      putWebhook(state, { id: "by-hand", group: "beta", endpoint: other, eventTypes: webhook.eventTypes });
    }
  }
  const { became, result, status } = await sync(world, undefined, "--adopt");
  expect([became, result.diagnostics, status]).toEqual([
    ["update applied", "update applied", "delete applied"],
    [],
    0,
  ]);
  expect(delivered()).toEqual(before);
});
