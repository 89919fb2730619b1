// A frozen group: planned and shown with the reason, and left as it is, which is no failure.
import { expect, test } from "vitest";
import type { Result } from "../../src/model/result.ts";
import { manifest, putWebhook, runWorld, trailOf } from "../support/world.ts";

const reason = "the migration, until Friday";
const frozen = (text: string): string =>
  text.replace(/^ {2}name: .*$/m, `$&\n  annotations: { reconcile.genesys/freeze: "${reason}" }`);
const files = {
  "subscriptions/a.yaml": frozen(manifest("alpha")),
  "subscriptions/b.yaml": manifest("beta"),
};
const resultOf = (out: string): Result => JSON.parse(out) as Result;

test("it is shown with the reason, and the run goes on without it", async () => {
  const { status, out, world } = await runWorld({ argv: "--detailed-exitcode", files });
  expect(status).toBe(2);
  expect(out).toBe(`mypurecloud.com as owner "default"

alpha  subscriptions/a.yaml:1
  + https://events.example.com/alpha  2 event types
      the consumer group is new
      + a.created
      + a.ended
      skipped: frozen: the migration, until Friday

beta  subscriptions/b.yaml:1
  + https://events.example.com/beta  2 event types
      the consumer group is new
      + a.created
      + a.ended

warning: group "alpha" is frozen (the migration, until Friday): 1 operation is held back [group/frozen]
  --> subscriptions/a.yaml:1:1
  = take the annotation reconcile.genesys/freeze away to let the group go on

Done: 1 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 1 skipped; 0 event types moved
`);
  expect([...world.state.webhooks.values()].map(({ endpoint }) => endpoint)).toEqual([
    "https://events.example.com/beta",
  ]);
  expect(trailOf(world.files).at(-1)).toMatchObject({ event: "run.finished", success: true });
});

test("JSON: skipped, and all is well; what is held back is no change", async () => {
  const only = { "subscriptions/a.yaml": files["subscriptions/a.yaml"] };
  const { status, out, world } = await runWorld({
    argv: "--output json --detailed-exitcode",
    files: only,
  });
  const { ok, summary, operations, groups } = resultOf(out);
  expect([status, ok]).toEqual([0, true]);
  expect(summary).toMatchObject({ create: 0, skipped: 1, failed: 0 });
  expect(operations).toMatchObject([{ status: "skipped", error: `frozen: ${reason}`, frozen: true }]);
  expect(groups).toMatchObject([{ group: "alpha", frozen: reason, skipped: `frozen: ${reason}` }]);
  // Nothing was done, so nothing is on record.
  expect(trailOf(world.files)).toEqual([]);
});

test("a frozen group that needs nothing is not spoken of", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
  world.files.set("subscriptions/a.yaml", files["subscriptions/a.yaml"]);
  const { status, out } = await runWorld({ argv: "plan --output json", from: world });
  const { diagnostics, groups, summary } = resultOf(out);
  expect([status, diagnostics, summary.unchanged]).toEqual([0, [], 1]);
  expect(groups).toMatchObject([{ frozen: reason, skipped: null }]);
});

test("what is in the way of a frozen group is a warning: nothing of it is applied anyway", async () => {
  const { world } = await runWorld({ argv: "plan", files });
  putWebhook(world.state, { id: "w1", group: "alpha" });
  const { status, out } = await runWorld({ argv: "plan --output json", from: world });
  expect(resultOf(out).diagnostics).toMatchObject([
    { severity: "warning", code: "group/frozen" },
    { severity: "warning", code: "ownership/unmarked" },
  ]);
  expect(status).toBe(0);
});

test("prunes wait for it: it may be the orphan under its new name", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/old.yaml": manifest("old") } });
  world.files.take("subscriptions/old.yaml");
  for (const [path, text] of Object.entries(files)) world.files.set(path, text);
  const waiting = await runWorld({ argv: "--prune --output json", from: world });
  const { operations, ok } = resultOf(waiting.out);
  expect([waiting.status, ok]).toEqual([0, true]);
  expect(operations.map(({ action, group, status, error }) => [action, group, status, error])).toEqual([
    ["create", "alpha", "skipped", `frozen: ${reason}`],
    ["create", "beta", "applied", null],
    [
      "delete",
      "old",
      "skipped",
      'held back: waits for group "alpha", for a prune follows every other operation; --group leaves that one out',
    ],
  ]);
  const alone = await runWorld({ argv: "--prune --group old --output json", from: world });
  expect(resultOf(alone.out).operations).toMatchObject([{ action: "delete", status: "applied" }]);
});

test("a failure of another group is still one", async () => {
  const { status, out } = await runWorld({
    argv: "--output json",
    files,
    intercept: (request, forward) =>
      request.method === "POST" && request.url.endsWith("/webhooks")
        ? { status: 400, headers: {}, body: "{}" }
        : forward(),
  });
  expect([status, resultOf(out).ok]).toEqual([1, false]);
});
