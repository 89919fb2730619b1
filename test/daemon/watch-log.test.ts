// What the daemon's log says at its default level: a line a change, not a line a retry.
import { expect, test } from "vitest";
import { answer, manifest, putWebhook, trailOf, type Intercept } from "../support/world.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };
const intervalMs = 66_000;
const longestBackoffMs = 300_000;

/** What was logged since the last call, above `debug`. */
function said({ world }: TestDaemon): readonly string[] {
  return world.logged.splice(0).filter((line) => !line.startsWith("debug"));
}

test("a platform that stays away is said once, and once more when it is back", async () => {
  let status = 200;
  const intercept: Intercept = (_request, forward) => (status === 200 ? forward() : answer(status));
  const daemon = await startDaemon({ argv: "watch --interval 60s", files, intercept });
  await daemon.pass(0);
  said(daemon);
  status = 403;
  await daemon.pass(intervalMs);
  expect(said(daemon)).toEqual([
    "error: GET /api/v2/webhooks: forbidden (403)",
    "error: the pass failed; nothing was changed",
    "warn: PlatformReachable is False: GET /api/v2/webhooks: forbidden (403)",
    "warn: Converged is Unknown: the platform did not show what is live",
    "warn: NoOrphans is Unknown: the platform did not show what is live",
  ]);
  for (let retry = 0; retry < 5; retry += 1) await daemon.pass(longestBackoffMs);
  expect((await daemon.status()).failures).toBeGreaterThan(4);
  expect(said(daemon)).toEqual([]);
  status = 200;
  await daemon.pass(longestBackoffMs);
  const back = said(daemon);
  expect(back).toContain(
    "info: Converged is True again: Genesys Cloud is as the manifests declare: 1 webhook",
  );
  expect(back).toContain("info: PlatformReachable is True again: the platform answers");
  expect(back.at(-1)).toBe("info: Ready is True again: the last pass succeeded");
  await daemon.stop();
});

test("another failure is said, although the pass before failed too", async () => {
  let status = 403;
  const intercept: Intercept = (request, forward) =>
    request.url.endsWith("/oauth/token") ? forward() : answer(status);
  const daemon = await startDaemon({ argv: "watch", files, intercept });
  await daemon.pass(0);
  said(daemon);
  status = 400;
  await daemon.pass(longestBackoffMs);
  expect(said(daemon)[0]).toMatch(/^error: GET \/api\/v2\/webhooks: .*\(400\)$/);
  await daemon.stop();
});

test("a group that stays skipped is said once", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  putWebhook(daemon.world.state, { id: "w1", group: "alpha" });
  said(daemon);
  await daemon.pass(intervalMs);
  expect(said(daemon)).toContain("warn: Converged is False: 1 group is skipped");
  await daemon.pass(longestBackoffMs);
  await daemon.pass(longestBackoffMs);
  expect(said(daemon)).toEqual([]);
  daemon.world.state.webhooks.delete("w1");
  await daemon.pass(longestBackoffMs);
  expect(said(daemon).filter((line) => line.includes(" again"))).toEqual([
    "info: Converged is True again: Genesys Cloud is as the manifests declare: 1 webhook",
    "info: Ready is True again: the last pass succeeded",
  ]);
  await daemon.stop();
});

test("drift and changes that a daemon only reports are said once while they stand, and again when they come back", async () => {
  const daemon = await startDaemon({ argv: "watch --interval 60s", files });
  await daemon.pass(0);
  await daemon.stop();
  const state = daemon.world.state;
  const watching = await startDaemon({ argv: "watch --interval 60s --dry-run", from: daemon.world });
  await watching.pass(0);
  said(watching);
  const [webhook] = [...state.webhooks.values()];
  if (!webhook) throw new Error("one webhook");
  const drifted = { ...webhook, eventTypes: ["a.created"] };
  state.webhooks.set(webhook.id, drifted);
  await watching.pass(intervalMs);
  expect(said(watching)).toContain("warn: drift: someone else changed eventTypes");
  await watching.pass(intervalMs);
  await watching.pass(intervalMs);
  expect(said(watching)).toEqual([]);
  state.webhooks.set(webhook.id, webhook);
  await watching.pass(intervalMs);
  expect(said(watching)).toEqual([
    "info: Converged is True again: Genesys Cloud is as the manifests declare: 1 webhook",
  ]);
  state.webhooks.set(webhook.id, drifted);
  await watching.pass(intervalMs);
  expect(said(watching)).toContain("warn: drift: someone else changed eventTypes");
  await watching.stop();
});

test("drift that is put right is said each time", async () => {
  const daemon = await startDaemon({ argv: "watch --interval 60s", files });
  await daemon.pass(0);
  const [webhook] = [...daemon.world.state.webhooks.values()];
  if (!webhook) throw new Error("one webhook");
  for (let time = 0; time < 2; time += 1) {
    said(daemon);
    daemon.world.state.webhooks.set(webhook.id, { ...webhook, eventTypes: ["a.created"] });
    await daemon.pass(intervalMs);
    expect(said(daemon)).toContain("warn: drift: someone else changed eventTypes");
  }
  await daemon.stop();
});

function refusals({ world }: TestDaemon): readonly (string | null)[] {
  return trailOf(world.files).flatMap(({ event, error }) => (event === "validation.failed" ? [error] : []));
}

test("an invalid manifest is one record in the trail until its faults change, also for the next daemon", async () => {
  const daemon = await startDaemon({ argv: "watch", files });
  await daemon.pass(0);
  await daemon.world.files.write("subscriptions/alpha.yaml", "kind: Nonsense\n");
  for (let retry = 0; retry < 4; retry += 1) await daemon.pass(longestBackoffMs);
  expect(refusals(daemon)).toHaveLength(1);
  const { failures, passes } = await daemon.status();
  expect([passes > 3, failures]).toEqual([true, passes - 1]);
  await daemon.stop();

  const next = await startDaemon({ argv: "watch", from: daemon.world });
  await next.pass(0);
  await next.pass(longestBackoffMs);
  expect(refusals(next)).toHaveLength(1);
  await next.world.files.write("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["x y"] }));
  await next.pass(longestBackoffMs);
  expect(refusals(next)).toHaveLength(2);
  await next.world.files.write("subscriptions/alpha.yaml", "kind: Nonsense\n");
  await next.pass(longestBackoffMs);
  expect(refusals(next)).toHaveLength(3);
  await next.world.files.write("subscriptions/alpha.yaml", manifest("alpha"));
  await next.pass(longestBackoffMs);
  await next.world.files.write("subscriptions/alpha.yaml", "kind: Nonsense\n");
  await next.pass(longestBackoffMs);
  expect(refusals(next)).toHaveLength(4);
  await next.stop();
});
