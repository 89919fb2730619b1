import { expect, test } from "vitest";
import { findServers } from "../../src/apply/gainers.ts";

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
