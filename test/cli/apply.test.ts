// A saved plan: what is in it, that exactly it is applied and once, and everything for which it is refused.
import { expect, test } from "vitest";
import type { SavedPlan } from "../../src/model/saved-plan.ts";
import { makeSend } from "../../src/genesys/client/send.ts";
import { webhookName } from "../../src/model/ownership.ts";
import { makeWebhook } from "../../src/sandbox/state.ts";
import {
  answer,
  loggedIn,
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const alpha = { "subscriptions/alpha.yaml": manifest("alpha") };
const pool = ["https://p.example.com/1", "https://p.example.com/2"];
const split = manifest("beta", { pool, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
  "https://events.example.com/beta",
  "https://p.example.com/1",
);
const both = { ...alpha, "subscriptions/beta.yaml": split };

async function plan(options: Omit<WorldOptions, "argv">, flags = ""): Promise<TestWorld> {
  const { world } = await runWorld({ argv: `plan --out plan.json ${flags}`, ...options });
  return world;
}

function apply(from: TestWorld, more: Partial<WorldOptions> = {}) {
  return runWorld({ argv: "apply plan.json", from, ...more });
}

function savedIn({ files }: TestWorld): SavedPlan {
  return JSON.parse(files.text("plan.json")) as SavedPlan;
}

function writesOf({ requests }: TestWorld): string[] {
  return requests.filter((line) => !line.startsWith("GET") && !line.endsWith("/oauth/token"));
}

function liveIn({ state }: TestWorld) {
  return [...state.webhooks.values()].map(({ endpoint, eventTypes }) => [endpoint, eventTypes.join()]);
}

test("`plan --out` saves the plan for its user alone, shows it as ever, and says what applies it", async () => {
  const plain = await runWorld({ argv: "plan", files: both });
  const { status, out, err, world } = await runWorld({ argv: "plan --out out/plan.json", files: both });
  expect([status, out]).toEqual([0, plain.out]);
  expect(err).toBe(
    "Saved to out/plan.json: `reconcile apply out/plan.json` applies exactly this plan, once\n",
  );
  expect(world.files.mode("out/plan.json")).toBe(0o600);
  expect(world.files.paths()).not.toContain("/audit-logs/subscription_audit.log");
  const {
    overrides,
    fingerprints,
    plan: inside,
    ...rest
  } = JSON.parse(world.files.text("out/plan.json")) as SavedPlan;
  expect(rest).toEqual({
    formatVersion: 1,
    kind: "ReconcilePlan",
    madeBy: "1.2.3",
    environment: "mypurecloud.com",
    owner: "default",
    runId: "id-1",
  });
  const none = { prune: false, adopt: false, allowDeletes: false, createOnly: false, allowEmpty: false };
  expect(overrides).toEqual({ ...none, groups: null, selector: null });
  expect(fingerprints.manifests.map(({ group }) => group)).toEqual(["alpha", "beta"]);
  expect(fingerprints.webhooks).toEqual([]);
  expect(inside.operations.map(({ action, endpoint }) => [action, endpoint])).toEqual([
    ["create", "https://events.example.com/alpha"],
    ["create", "https://p.example.com/1"],
    ["create", "https://p.example.com/2"],
  ]);
});

test("the words that apply it have the flags that it needs", async () => {
  const files = { "more/alpha.yaml": manifest("alpha") };
  const { err } = await runWorld({ argv: "--dry-run --manifests more --out p.json", files });
  expect(err).toContain("`reconcile apply p.json --manifests more`");
});

test("`apply` does exactly what was planned, as the run that the plan names, and once", async () => {
  const world = await plan({ files: both });
  const first = await apply(world);
  expect(first.out.split("\n").slice(-2)).toEqual([
    "Done: 3 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved",
    "",
  ]);
  expect([first.status, first.err]).toEqual([0, ""]);
  expect(liveIn(world)).toEqual([
    ["https://events.example.com/alpha", "a.created,a.ended"],
    ["https://p.example.com/1", "e.a,e.c"],
    ["https://p.example.com/2", "e.b,e.d"],
  ]);
  const trail = trailOf(world.files);
  expect(trail).toHaveLength(8);
  expect(new Set(trail.map((entry) => entry.runId))).toEqual(new Set(["id-1"]));
  const again = await apply(world);
  expect(again.err).toMatch(
    /^error: plan\.json was applied already, on 2026-\S+Z: a saved plan is applied once \[plan\/appliedAlready\]\n {2}= `reconcile audit log --run id-1` /,
  );
  expect([again.status, again.out, again.world.requests]).toEqual([1, "", []]);
  const after = await runWorld({ argv: "plan", from: world });
  expect(after.out).toContain("Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 3 unchanged;");
});

test("flags of the plan go with it: prune, adopt, allow-deletes, group", async () => {
  const start = await runWorld({ argv: "validate", files: alpha });
  putWebhook(start.world.state, { id: "w1", group: "alpha" });
  for (const id of ["w2", "w3"])
    putWebhook(start.world.state, {
      id,
      group: "old",
      owner: "default",
      endpoint: `https://o.example.com/${id}`,
    });
  const flags = "--adopt --prune --allow-deletes --group alpha old";
  const world = await plan({ from: start.world }, flags);
  expect(savedIn(world).overrides).toEqual({
    ...{ prune: true, adopt: true, allowDeletes: true, createOnly: false, allowEmpty: false },
    ...{ groups: ["alpha", "old"], selector: null },
  });
  const { status, out } = await apply(world);
  expect(out).toContain("Done: 0 created, 0 updated, 2 deleted, 1 adopted, 0 unchanged;");
  expect(status).toBe(0);
});

test("a labels' plan is not widened by a manifest that carries them since", async () => {
  const files = { "subscriptions/a.yaml": manifest("alpha", { labels: "team: data" }) };
  const world = await plan({ files }, "--selector team=data");
  world.files.set("subscriptions/b.yaml", manifest("beta", { labels: "team: data" }));
  const { status } = await apply(world);
  expect([status, liveIn(world)]).toEqual([0, [["https://events.example.com/alpha", "a.created,a.ended"]]]);
});

test("what a plan skips or a guard refuses is saved, and skipped again", async () => {
  const start = await runWorld({ argv: "validate", files: both });
  putWebhook(start.world.state, { id: "w1", group: "alpha" });
  for (const id of ["w2", "w3"]) putWebhook(start.world.state, { id, group: id, owner: "default" });
  const world = await plan({ from: start.world }, "--prune");
  const { status, out } = await apply(world);
  expect(out).toContain('webhook "alpha-by-hand" (id w1) of group "alpha" is managed by nobody');
  expect(out).toContain("would delete 2 of 2 webhooks (100 %, the limit is 30 %)");
  expect(out).toContain("Done: 2 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 3 skipped;");
  expect([status, world.state.webhooks.has("w2")]).toEqual([1, true]);
});

test("an empty plan is applied by doing nothing, and leaves no record", async () => {
  const start = await runWorld({ argv: "", files: alpha });
  const trail = start.world.files.text("audit-logs/subscription_audit.log");
  const world = await plan({ from: start.world });
  const { status, out } = await apply(world, { argv: "apply plan.json --detailed-exitcode" });
  expect(out).toContain("Done: 0 created, 0 updated, 0 deleted, 0 adopted, 1 unchanged;");
  expect([status, world.files.text("audit-logs/subscription_audit.log")]).toEqual([0, trail]);
});

test("where there is no plan, none is saved", async () => {
  const bad = manifest("alpha").replace("eventTypes:", "eventTypez:");
  const { status, err, world } = await runWorld({
    argv: "plan --out plan.json",
    files: { "subscriptions/a.yaml": bad },
  });
  expect(err).toContain("[spec/unknownKey]");
  expect(err).toContain("No plan was saved to plan.json: this pass made none\n");
  expect([status, world.files.paths()]).toEqual([1, ["/subscriptions/a.yaml"]]);
});

test("a sync saves no plan: it is asked for a dry run", async () => {
  const { status, err, world } = await runWorld({ argv: "sync --out plan.json", files: alpha });
  expect(err).toMatch(
    /^error: --out saves a plan .* \[out\/withoutDryRun\]\n {2}= use `reconcile plan --out FILE`/,
  );
  expect([status, world.requests, world.files.paths()]).toEqual([1, [], ["/subscriptions/alpha.yaml"]]);
});

test("a plan that cannot be saved is shown, and fails", async () => {
  const { status, out, err } = await runWorld({ argv: "plan --out subscriptions", files: alpha });
  expect(out).toContain(
    "error: the plan cannot be saved to subscriptions: it is a folder [plan/unwritable]\n",
  );
  expect(out).toMatch(/\nPlan: 1 to create, .*\n$/);
  expect([status, err]).toEqual([1, "No plan was saved to subscriptions\n"]);
});

const third = webhookName("beta", "https://p.example.com/3");

const changes: readonly (readonly [string, (world: TestWorld) => void, readonly string[]])[] = [
  [
    "a key of its manifest",
    ({ files }) => {
      files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.b"] }));
    },
    ['the manifest of group "alpha" has changed: spec.eventTypes [plan/manifestChanged]'],
  ],
  [
    "its label and its state",
    ({ files }) => {
      files.set(
        "subscriptions/alpha.yaml",
        manifest("alpha", { labels: "a: b", eventTypes: ["a.created"], tail: "  state: disabled" }),
      );
    },
    ['the manifest of group "alpha" has changed: metadata.labels, spec.state [plan/manifestChanged]'],
  ],
  [
    "its manifest is gone",
    ({ files }) => {
      files.take("subscriptions/alpha.yaml");
    },
    ['the manifest of group "alpha" is gone [plan/manifestChanged]'],
  ],
  [
    "a group to be pruned is declared",
    ({ files }) => {
      files.set("subscriptions/old.yaml", manifest("old"));
    },
    ['group "old", which had no manifest, has one now [plan/manifestChanged]'],
  ],
  [
    "a webhook that it updates is changed",
    ({ state }) => {
      edit(state, "alpha", { state: "disabled" });
    },
    ['webhook "alpha-7226f318" (id ID) of group "alpha" has changed: state [plan/webhookChanged]'],
  ],
  [
    "a webhook of its group that it does not write is changed",
    ({ state }) => {
      edit(state, "beta", { eventTypes: ["e.a"] });
    },
    ['webhook "beta-NAME" (id ID) of group "beta" has changed: eventTypes [plan/webhookChanged]'],
  ],
  [
    "a webhook that it prunes is gone",
    ({ state }) => state.webhooks.delete("w1"),
    ['webhook "old-by-hand" (id w1) of group "old" is gone [plan/webhookChanged]'],
  ],
  [
    "its group has one webhook more",
    ({ state }) => {
      putWebhook(state, { id: "w8", group: "alpha", endpoint: "https://x.example.com/" });
    },
    ['webhook "alpha-by-hand" (id w8) of group "alpha" was not there [plan/webhookChanged]'],
  ],
  [
    "somebody made what it would create",
    ({ state }) =>
      state.webhooks.set("w9", {
        ...makeWebhook("w9", {
          name: third,
          endpoint: "https://p.example.com/3",
          eventTypes: ["e.z"],
          retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
          state: "enabled",
          description: "by hand",
        }),
      }),
    ['webhook "THIRD" (id w9) was not there [plan/webhookChanged]'],
  ],
];

function edit(
  state: TestWorld["state"],
  group: string,
  change: Partial<ReturnType<typeof makeWebhook>>,
): void {
  const webhook = [...state.webhooks.values()].find(({ name }) => name.startsWith(group));
  if (webhook) state.webhooks.set(webhook.id, { ...webhook, ...change });
}

/** To update alpha, to add a webhook to beta's two of which one stays, and to prune old. */
async function planChanges(): Promise<TestWorld> {
  const { world } = await runWorld({ argv: "", files: both });
  putWebhook(world.state, { id: "w1", group: "old", owner: "default" });
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  const wider = [...pool, "https://p.example.com/3"];
  world.files.set(
    "subscriptions/beta.yaml",
    manifest("beta", { pool: wider, eventTypes: ["e.a", "e.b", "e.c", "e.d", "e.e"] }).replace(
      "https://events.example.com/beta",
      "https://p.example.com/1",
    ),
  );
  return plan({ from: world }, "--prune");
}

test.each(changes)("refused as stale, with nothing written: %s", async (_, change, differences) => {
  const world = await planChanges();
  change(world);
  const { status, out, err, world: after } = await apply(world);
  const shown = err
    .split("\n")
    .filter((line) => line.startsWith("error: "))
    .map((line) =>
      line
        .replace(/id id-\d+/, "id ID")
        .replace(third, "THIRD")
        .replace(/"beta-\w+"/, '"beta-NAME"'),
    );
  const number = differences.length === 1 ? "1 difference" : `${differences.length} differences`;
  const title = `error: plan.json is stale: ${number} from what it was made from [plan/stale]`;
  expect(shown).toEqual([title, ...differences.map((text) => `error: ${text}`)]);
  expect(err).toContain("\n  = make a new plan with `reconcile plan --out FILE`\n");
  expect([status, out, writesOf(after)]).toEqual([1, "", []]);
  expect(trailOf(after.files).map(({ runId }) => runId)).not.toContain(savedIn(world).runId);
});

test("in the sandbox a stale plan is to be made again there", async () => {
  const around = { environment: {}, send: makeSend() };
  const files = { "subscriptions/a.yaml": manifest("alpha") };
  const { world } = await runWorld({ argv: "plan --sandbox --out plan.json", files, ...around });
  await world.files.write("subscriptions/a.yaml", manifest("alpha", { eventTypes: ["a.created"] }));
  const { status, err } = await runWorld({ argv: "apply plan.json --sandbox", from: world, ...around });
  expect(err).toContain("plan.json is stale: 1 difference");
  expect([status, err]).toEqual([
    1,
    expect.stringContaining("\n  = make a new plan with `reconcile plan --sandbox --out FILE`\n"),
  ]);
});

test("every difference is named, manifests at their places", async () => {
  const world = await planChanges();
  for (const [, change] of changes.slice(4)) change(world);
  world.files.set("subscriptions/alpha.yaml", `# new\n${manifest("alpha", { eventTypes: ["a.b"] })}`);
  const { err } = await apply(world);
  expect(err).toContain("plan.json is stale: 6 differences from what it was made from");
  expect(err).toContain("[plan/manifestChanged]\n  --> subscriptions/alpha.yaml:2:1\n");
});

test.each<[string, (world: TestWorld) => void]>([
  [
    "a comment",
    ({ files }) => {
      files.set("subscriptions/alpha.yaml", `# new\n\n${files.text("subscriptions/alpha.yaml")}`);
    },
  ],
  [
    "another manifest",
    ({ files }) => {
      files.set("subscriptions/new.yaml", manifest("gamma"));
    },
  ],
  [
    "a webhook of another owner",
    ({ state }) => {
      putWebhook(state, { id: "w7", group: "x", owner: "others" });
    },
  ],
  [
    "another orphan",
    ({ state }) => {
      putWebhook(state, { id: "w7", group: "older", owner: "default" });
    },
  ],
  [
    "the trail is not here",
    ({ files }) => {
      files.take("audit-logs/subscription_audit.log");
    },
  ],
])("other changes do not matter: %s", async (_, change) => {
  const world = await planChanges();
  change(world);
  const { status, out } = await apply(world);
  expect(out).toContain("Done: 1 created, 1 updated, 1 deleted, 0 adopted, 2 unchanged;");
  expect([status, world.state.webhooks.has("w7")]).toEqual([0, change.toString().includes("w7")]);
});

test("a group that the plan leaves as it is may change, and stays as it is", async () => {
  const start = await runWorld({ argv: "", files: both });
  start.world.files.set("subscriptions/beta.yaml", split.replace("e.d", "e.z"));
  const world = await plan({ from: start.world });
  world.files.set("subscriptions/alpha.yaml", manifest("alpha", { eventTypes: ["a.new"] }));
  const { status, out, world: after } = await apply(world);
  expect(out).toContain("Done: 0 created, 1 updated, 0 deleted, 0 adopted, 1 unchanged;");
  expect(writesOf(after)).toHaveLength(1);
  expect([status, liveIn(world)[0]]).toEqual([
    0,
    ["https://events.example.com/alpha", "a.created,a.ended"],
  ]);
});

test("another environment and another owner are refused, with both names", async () => {
  const world = await plan({ files: alpha });
  world.files.set(
    "reconcile.yaml",
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: voice\n",
  );
  const {
    status,
    err,
    world: after,
  } = await apply(world, {
    environment: { ...loggedIn, GENESYS_ENVIRONMENT: "mypurecloud.de" },
  });
  expect(err).toBe(
    'error: plan.json is for environment "mypurecloud.com", and this is environment "mypurecloud.de" [plan/otherTarget]\n' +
      '  = apply it where environment is "mypurecloud.com", or make a new plan here\n\n' +
      'error: plan.json is for owner "default", and this is owner "voice" [plan/otherTarget]\n' +
      '  = apply it where owner is "default", or make a new plan here\n\n',
  );
  expect([status, after.requests]).toEqual([1, []]);
});

test.each<[string, (saved: SavedPlan) => unknown]>([
  [
    "an endpoint",
    ({ plan: { operations } }) => ({
      operations: operations.map((step) => ({ ...step, endpoint: "https://evil.example.com/" })),
    }),
  ],
  [
    "what is sent",
    ({ plan: { operations } }) => ({
      operations: operations.map((step) => ({
        ...step,
        after: step.after && { ...step.after, endpoint: "https://evil.example.com/" },
      })),
    }),
  ],
  ["an operation more", ({ plan: { operations } }) => ({ operations: [...operations, ...operations] })],
  ["an operation less", () => ({ operations: [] })],
  ["a delete", ({ plan: { operations } }) => ({ prunes: operations.slice(0, 1) })],
])("a plan that was edited is refused: %s", async (_, change) => {
  const world = await plan({ files: alpha });
  const saved = savedIn(world);
  const edited = { ...saved, plan: { ...saved.plan, ...(change(saved) as object) } };
  world.files.set("plan.json", JSON.stringify(edited));
  const { status, out, err, world: after } = await apply(world);
  expect(err).toMatch(/^error: .*plan\.json (comes out differently|is stale)/);
  expect([status, out, writesOf(after)]).toEqual([1, "", []]);
});

test("a plan that says less of what it relies on is stale", async () => {
  const world = await planChanges();
  const saved = savedIn(world);
  world.files.set("plan.json", JSON.stringify({ ...saved, fingerprints: { manifests: [], webhooks: [] } }));
  const { status, err, world: after } = await apply(world);
  expect(err).toContain("plan.json is stale: 6 differences");
  expect([status, writesOf(after)]).toEqual([1, []]);
});

test("a guard of the config that refuses it now is named", async () => {
  const start = await runWorld({ argv: "", files: both });
  for (const id of ["w1", "w2"]) putWebhook(start.world.state, { id, group: id, owner: "default" });
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmaxDeletePercent: ";
  start.world.files.set("reconcile.yaml", `${config}50\n`);
  const world = await plan({ from: start.world }, "--prune");
  world.files.set("reconcile.yaml", `${config}10\n`);
  const { status, err, world: after } = await apply(world);
  expect(err).toContain("plan.json comes out differently (at delete of w1-by-hand) [plan/notReproduced]");
  expect(err).toContain("it would delete 2 of 5 webhooks (40 %, the limit is 10 %), which was not so then");
  expect([status, writesOf(after)]).toEqual([1, []]);
});

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

const saved = (await plan({ files: alpha })).files.text("plan.json");

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
  expect(err.split("\n")[0]).toBe(`error: ${message}`);
  expect(err).toMatch(/\n {2}= .*reconcile plan --out FILE/);
  expect([status, out, world.requests]).toEqual([1, "", []]);
});

test("a file that is far too large is not read", async () => {
  const { world } = await runWorld({ argv: "validate", files: { ...alpha, "plan.json": saved } });
  const stat = world.files.stat.bind(world.files);
  Object.assign(world.files, {
    stat: async (path: string) => ({ ...(await stat(path)), sizeBytes: 65 * 1024 * 1024 }),
    read: () => Promise.reject(new Error("read")),
  });
  const { status, err } = await apply(world);
  expect(err).toBe(
    "error: plan.json is larger than 64 MiB\n  = plan fewer groups at a time, with --group\n",
  );
  expect(status).toBe(1);
});

test.each([
  ["--prune", "for another plan, run: reconcile plan --prune --out FILE", "sync, plan and watch"],
  [
    "--group=alpha",
    "for another plan, run: reconcile plan --group --out FILE",
    "sync, plan, import, audit log and watch",
  ],
  [
    "--dry-run",
    "`reconcile plan` shows what would be done",
    "sync, plan, rollback, import, catalog pull and watch",
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
