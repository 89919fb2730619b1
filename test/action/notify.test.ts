// The drift workflow sends a message when it opens its issue, and one when it closes it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { bodiesOf, configOf, environmentOf, startReceiver, takeTypes } from "../notify/receiver.ts";
import { manifest } from "../support/world.ts";
import { startActionWorld, type ActionWorld } from "./world.ts";

const slow = 240_000;

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
}, slow);
afterAll(() => {
  world.close();
});

test("one message an opened issue, one a closed one, and none between", { timeout: slow }, async () => {
  const receiver = await startReceiver();
  // The sandbox's own credentials come last.
  const secrets = { ...environmentOf(receiver), ...world.secrets };
  const event = { ref: "refs/heads/main", secrets } as const;
  world.commit("main", {
    "reconcile.yaml": configOf("webhook"),
    "subscriptions/beta.yaml": manifest("beta"),
  });
  const opened = await world.run("drift", { ...event, name: "schedule" });
  expect(opened.jobs["drift"]?.log).toContain("The message went to webhook.");
  const number = world.github.issues[0]?.number ?? 0;
  expect(bodiesOf(receiver)).toMatchObject([
    {
      type: "reconcile.drift",
      data: { details: [expect.stringContaining(`/acme/telephony/issues/${number}`)] },
    },
  ]);
  takeTypes(receiver);
  await world.run("drift", { ...event, name: "schedule" });
  expect(takeTypes(receiver)).toEqual([]);
  const environmentSecrets = { "genesys-cloud": {} };
  const applied = await world.run("apply", { ...event, environmentSecrets, name: "push" });
  expect(applied.jobs["apply"]?.result).toBe("success");
  expect(takeTypes(receiver)).toEqual([]);
  await world.run("drift", { ...event, name: "schedule" });
  expect(takeTypes(receiver)).toEqual(["recovery"]);
});
