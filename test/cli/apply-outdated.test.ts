// A saved plan that is overtaken while it is applied, and files that are none.
import { expect, test } from "vitest";
import { answer, manifest, runWorld, writesOf } from "../support/world.ts";
import { alpha, apply, plan, planChanges, pool, saved } from "./saved-plans.ts";

test("a group that turns out to be outdated is not planned anew; the others go on", async () => {
  const world = await planChanges();
  const {
    status,
    out,
    world: after,
  } = await apply(world, {
    intercept: (request, forward) => {
      const isAlpha = request.method === "PUT" && request.body?.includes("alpha");
      return isAlpha ? answer(404, { message: "not found" }) : forward();
    },
  });
  expect(out).toContain(
    'error: group "alpha" was changed by someone else meanwhile: the rest of its plan is not applied [group/outdated]',
  );
  expect(out).toContain("  = make a new plan\n");
  expect(out).toContain(
    "Done: 1 created, 0 updated, 0 deleted, 0 adopted, 2 unchanged, 1 failed, 1 skipped;",
  );
  expect(after.requests.filter((line) => line === "GET /api/v2/webhooks")).toHaveLength(1);
  expect(status).toBe(1);
});

test("a gainer that was changed in between stops its group before anything is taken away", async () => {
  const wider = [...pool, "https://p.example.com/3"];
  const of = (urls: readonly string[]) =>
    manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d", "e.e", "e.f"] }).replace(
      "https://events.example.com/beta",
      "https://p.example.com/1",
    );
  const start = await runWorld({ argv: "", files: { "subscriptions/b.yaml": of(pool) } });
  start.world.files.set("subscriptions/b.yaml", of(wider));
  const world = await plan({ from: start.world });
  const { out, world: after } = await apply(world, {
    intercept: (request, forward) => {
      const response = forward();
      if (request.method === "POST" && request.url.endsWith("/webhooks"))
        for (const webhook of world.state.webhooks.values())
          if (webhook.endpoint.endsWith("/3"))
            world.state.webhooks.set(webhook.id, { ...webhook, state: "disabled" });
      return response;
    },
  });
  expect(out).toContain("was disabled by someone else\n");
  expect(out).toContain("[group/outdated]");
  expect(writesOf(after)).toEqual(["POST /api/v2/webhooks"]);
});

test.each([
  ["it is not there", {}, "there is no saved plan at plan.json"],
  ["it is a folder", { "plan.json/x": "" }, "plan.json is no saved plan: it is a folder"],
  ["no JSON", { "plan.json": "GENESYS_CLIENT_SECRET=x" }, "plan.json is no saved plan: it is not JSON"],
  [
    "another JSON",
    { "plan.json": "null" },
    "plan.json is no saved plan: it does not say that it is one (kind: ReconcilePlan)",
  ],
  [
    "a later format",
    { "plan.json": saved.replace('"formatVersion": 1', '"formatVersion": 2') },
    "plan.json has format version 2, and this reconcile reads version 1",
  ],
  [
    "a value of another type",
    { "plan.json": saved.replace('"prune": false', '"prune": "no"') },
    "plan.json is no saved plan: at /overrides/prune it breaks schemas/plan.v1.json (type)",
  ],
  [
    "a key more",
    { "plan.json": saved.replace('"prune": false', '"__proto__": {}, "prune": false') },
    "plan.json is no saved plan: at /overrides it breaks schemas/plan.v1.json (additionalProperties)",
  ],
  [
    "a run id that is none",
    { "plan.json": saved.replace('"runId": "id-1"', '"runId": "a\\nb"') },
    "plan.json is no saved plan: at /runId it breaks schemas/plan.v1.json (pattern)",
  ],
])("no saved plan: %s", async (_, files, message) => {
  const { status, out, err, world } = await runWorld({
    argv: "apply plan.json",
    files: { ...alpha, ...files },
  });
  expect(err.split(" [")[0]).toBe(`error: ${message}`);
  expect(err).toMatch(/\n {2}= .*reconcile plan --out FILE/);
  expect([status, out, world.requests]).toEqual([1, "", []]);
});

test("a file that is far too large is not read", async () => {
  const { world } = await runWorld({ argv: "validate", files: { ...alpha, "plan.json": saved } });
  world.files.set("plan.json", new Uint8Array(64 * 1024 * 1024 + 1));
  const { status, err } = await apply(world);
  expect(err).toBe(
    "error: plan.json is larger than 64 MiB [plan/tooLarge]\n  = plan fewer groups at a time, with --group\n",
  );
  expect(status).toBe(1);
});

test.each([
  ["--prune", "for another plan, run: reconcile plan --prune --out FILE", "sync, plan and watch"],
  [
    "--group=alpha",
    "for another plan, run: reconcile plan --group --out FILE",
    "sync, plan, release, import, audit log, watch and test",
  ],
  [
    "--dry-run",
    "`reconcile plan` shows what would be done",
    "sync, plan, rollback, release, import, catalog pull, audit claim and watch",
  ],
])("`apply plan.json %s`: flags that would change the plan are refused", async (flag, way, having) => {
  const world = await plan({ files: alpha });
  const {
    status,
    err,
    world: after,
  } = await apply(world, { argv: `apply plan.json ${flag} --output json` });
  const name = flag.split("=")[0] ?? "";
  expect(err).toBe(
    `error: unknown option '${name}': ${having} have it, apply does not; a saved plan was made with its own flags, and apply does not change them; ${way}\n`,
  );
  expect(JSON.parse(after.out())).toMatchObject({
    ok: false,
    diagnostics: [{ code: "usage/unknownOption" }],
  });
  expect([status, after.requests]).toEqual([1, []]);
});
