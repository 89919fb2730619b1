// A pass from the outside: plan, sync, the second sync, one edit, and which groups it is about.
import { expect, test } from "vitest";
import { seeWorld } from "../support/see.ts";
import { manifest, asksOrganisation, putWebhook, runWorld, trailOf, trailPath } from "../support/world.ts";
import {
  edited,
  emptied,
  inSync,
  manyOrphans,
  optionsEdited,
  surplus,
  threeOrphans,
  two,
} from "./synced.ts";

test.each(["plan", "--dry-run", "sync --dry-run"])(
  "`%s` shows what would be done and does none of it",
  async (argv) => {
    const { status, out, err, world } = await runWorld({ argv, files: two });
    expect(out).toMatch(/^mypurecloud\.com as owner "default"\n\nalpha [^]*\nPlan: 3 to create, [^\n]*\n$/);
    expect([status, err]).toEqual([0, ""]);
    expect(world.requests).toEqual(["POST /oauth/token", "GET /api/v2/webhooks", asksOrganisation]);
    expect(world.files.paths()).toEqual(["/subscriptions/alpha.yaml", "/subscriptions/beta.yaml"]);
  },
);

test.each(["", "sync"])("`%s` does it", async (argv) => {
  const { status, out, err, world } = await runWorld({ argv, files: two });
  expect(out).toMatch(/^mypurecloud\.com as owner "default"\n\nalpha [^]*\nDone: 3 created, [^\n]*\n$/);
  expect([status, err]).toEqual([0, ""]);
  expect(
    [...world.state.webhooks.values()].map(({ endpoint, eventTypes }) => [endpoint, eventTypes]),
  ).toEqual([
    ["https://events.example.com/alpha", ["a.created", "a.ended"]],
    ["https://p.example.com/1", ["a.created"]],
    ["https://p.example.com/2", ["a.ended"]],
  ]);
});

test("a second sync sends one token and one list request, and records nothing", async () => {
  const from = await inSync();
  const trail = from.files.text(trailPath);
  const { status, out, world } = await runWorld({ argv: "", from });
  expect([status, out.split("\n")]).toEqual([
    0,
    [expect.any(String), expect.stringMatching(/^Done: 0 created, 0 .* 3 unchanged; /), ""],
  ]);
  expect(world.requests).toEqual(["POST /oauth/token", "GET /api/v2/webhooks"]);
  expect(world.files.text(trailPath)).toBe(trail);
});

test("unchanged groups are shown with -v alone", async () => {
  const from = await inSync();
  const quiet = await runWorld({ argv: "plan", from });
  const shown = await runWorld({ argv: "plan -v", from });
  const groupsIn = (out: string): readonly string[] => out.match(/^\w+(?= {2})/gm) ?? [];
  expect([groupsIn(quiet.out), groupsIn(shown.out)]).toEqual([[], ["alpha", "beta"]]);
});

test("an edit plans just that change, and writes it alone", async () => {
  const { result, world } = await seeWorld({ argv: "", from: await edited() });
  expect(result.operations.map(({ action, patch }) => [action, patch.map(({ path }) => path)])).toEqual([
    ["update", ["/state", "/eventTypes/1"]],
  ]);
  expect(result.summary).toMatchObject({ update: 1, unchanged: 2, movedEventTypes: 0 });
  expect(world.requests.slice(2).map((line) => line.replace(/id-\d+/, "ID"))).toEqual([
    asksOrganisation,
    "PUT /api/v2/webhooks/ID",
  ]);
});

test("moves are shown from → to on both of their endpoints", async () => {
  const pool = ["https://p.example.com/1", "https://p.example.com/2"];
  const of = (urls: readonly string[]) =>
    manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
      "https://events.example.com/beta",
      "https://p.example.com/1",
    );
  const first = await runWorld({ argv: "", files: { "subscriptions/b.yaml": of(pool.slice(0, 1)) } });
  first.world.files.set("subscriptions/b.yaml", of(pool));
  const { out } = await runWorld({ argv: "plan", from: first.world });
  const move = (type: string): string => `${type}   ${pool.join(" → ")}`;
  expect(out.match(/^ +[+-] e\..*$/gm)?.map((line) => line.trim())).toEqual(
    ["+ e.c", "+ e.d", "- e.c", "- e.d"].map(move),
  );
  const { result } = await seeWorld({ argv: "plan", from: first.world });
  expect(result.summary).toMatchObject({ create: 1, update: 1, movedEventTypes: 2 });
});

test("an edited retry policy and state file are shown field by field, a query string not at all", async () => {
  const from = await optionsEdited();
  const { out } = await runWorld({ argv: "plan", from });
  expect(out.match(/^ +~ (?!http)\w+/gm)?.map((line) => line.trim())).toEqual([
    "~ retryCount",
    "~ retryInterval",
    "~ retryOnTimeout",
    "~ description",
  ]);
  expect(out).not.toContain("hidden");
  const { warnings } = await seeWorld({ argv: "plan", from });
  expect(warnings).toEqual(["endpointUrl/queryString"]);
});

test("--detailed-exitcode: 2 with changes, 0 without, for plan and sync alike", async () => {
  const flag = "--detailed-exitcode";
  const plan = await runWorld({ argv: `plan ${flag}`, files: two });
  const sync = await runWorld({ argv: flag, from: plan.world });
  const again = await runWorld({ argv: flag, from: sync.world });
  const replan = await runWorld({ argv: `plan ${flag}`, from: again.world });
  expect([plan.status, sync.status, again.status, replan.status]).toEqual([2, 2, 0, 0]);
});

test("--group limits the pass to the groups named", async () => {
  const { status, out } = await runWorld({ argv: "--group alpha --dry-run", files: two });
  expect(out).toMatch(/^mypurecloud[^\n]*\n\nalpha {2}[^]*\nPlan: 1 to create, [^\n]*\n$/);
  expect(out).not.toContain("beta");
  expect(status).toBe(0);
});

test("--selector takes the manifests with these labels", async () => {
  const one = await runWorld({ argv: "plan --selector team=data", files: two });
  expect(one.out).toContain("Plan: 1 to create");
  const none = await seeWorld({ argv: "plan --selector team=sales", files: two });
  expect([none.status, none.codes]).toEqual([1, ["selector/noMatch"]]);
});

test("an unknown group is an error that names the nearest one, and nothing is written", async () => {
  const { status, err, world } = await runWorld({ argv: "--group alpa", files: two });
  expect(status).toBe(1);
  expect(err).toMatch(/^error: [^\n]*alpa[^\n]*\n/);
  expect(err).toContain("alpha");
  expect(world.requests.filter((request) => request !== "POST /oauth/token")).toEqual([
    "GET /api/v2/webhooks",
    asksOrganisation,
  ]);
});

test.each([
  ["--prune --selector team=data", {}],
  [
    "--selector team=data",
    { "reconcile.yaml": "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nprune: true\n" },
  ],
])("`%s` cannot prune: a group without a manifest has no labels", async (argv, config) => {
  const { status, about, world } = await seeWorld({ argv, files: { ...two, ...config } });
  expect(about("prune/withSelector")).toMatchObject([
    { severity: "error", hint: expect.any(String) as string },
  ]);
  expect([status, world.requests]).toEqual([1, []]);
});

test("an orphan is reported, and deleted only with --prune", async () => {
  const from = await inSync();
  from.files.take("subscriptions/alpha.yaml");
  const reported = await seeWorld({ argv: "", from });
  expect([reported.status, reported.became, reported.result.orphans.map(({ group }) => group)]).toEqual([
    0,
    [],
    ["alpha"],
  ]);
  const pruned = await seeWorld({ argv: "--prune", from });
  expect([pruned.status, pruned.became, pruned.warnings]).toEqual([
    0,
    ["delete alpha applied"],
    ["prune/defaultOwner"],
  ]);
  expect(pruned.result.summary).toMatchObject({ delete: 1, unchanged: 2 });
  expect(from.state.webhooks.size).toBe(2);
  const deleted = trailOf(from.files).find(
    ({ event, operation }) => event === "change.applied" && operation === "delete",
  );
  expect(deleted?.source).toBeNull();
});

test("many orphans: by group, then endpoint, the first groups only; all with -v", async () => {
  const from = await manyOrphans();
  const numbers = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, "0"));
  const marked = (out: string) => out.match(/^ {2}\? .*$|^ {6}https.*$/gm);
  const { out } = await runWorld({ argv: "plan", from });
  expect(marked(out)).toEqual(
    numbers.slice(0, 10).map((number) => `  ? old-${number} https://x.example.com/a and 1 more`),
  );
  expect(out).toMatch(/^24 webhooks of 12 groups .*\n[^]*\n {4}2 more groups: -v .*$/m);
  const all = await runWorld({ argv: "plan -v", from });
  expect(marked(all.out)).toEqual(
    numbers.flatMap((number) => [
      `  ? old-${number} https://x.example.com/a`,
      "      https://x.example.com/b?…",
    ]),
  );
});

test("pruning too much is shown in full, then refused; everything else is applied", async () => {
  const from = await threeOrphans();
  const { status, became, about, warnings, result } = await seeWorld({ argv: "--prune", from });
  expect([status, became, warnings]).toEqual([
    1,
    ["create alpha applied", ...["w1", "w2", "w3"].map((id) => `delete old-${id} skipped`)],
    ["prune/defaultOwner"],
  ]);
  expect(about("prune/tooMany")).toMatchObject([
    {
      severity: "error",
      message: expect.stringMatching(/ 3 of 3 .*100 %.* 30 %/) as string,
      hint: expect.stringContaining("--allow-deletes") as string,
    },
  ]);
  expect(result.summary).toMatchObject({ create: 1, delete: 0, skipped: 3 });
  expect(from.state.webhooks.size).toBe(4);
  const allowed = await runWorld({ argv: "--prune --allow-deletes", from });
  expect([allowed.status, from.state.webhooks.size]).toEqual([0, 1]);
});

test("an empty folder is an error; with --allow-empty it is what was meant", async () => {
  const from = await emptied();
  const refused = await seeWorld({ argv: "--prune", from });
  expect(refused.about("folder/empty")).toMatchObject([
    { file: "subscriptions", line: 1, hint: expect.stringContaining("--allow-empty") as string },
  ]);
  expect([refused.status, refused.world.requests]).toEqual([1, []]);
  const last = await runWorld({ argv: "--prune --allow-empty", from });
  expect([last.status, last.world.state.webhooks.size]).toEqual([0, 0]);
  const nothing = await seeWorld({ argv: "--prune --allow-empty", from });
  expect([nothing.status, nothing.became, nothing.codes]).toEqual([0, [], []]);
});

test("an unmarked webhook of a declared group skips the group; the others go on; --adopt takes it over", async () => {
  const { world } = await runWorld({ argv: "plan", files: two });
  putWebhook(world.state, { id: "w1", group: "alpha" });
  const { status, about, result } = await seeWorld({ argv: "", from: world });
  expect(about("ownership/unmarked")).toMatchObject([
    {
      file: "subscriptions/alpha.yaml",
      line: 1,
      column: 1,
      message: expect.stringContaining("id w1") as string,
      hint: expect.stringContaining("--adopt") as string,
    },
  ]);
  expect([status, result.summary]).toMatchObject([1, { create: 2, unchanged: 0, skipped: 1 }]);
  expect(world.state.webhooks.get("w1")?.name).toBe("alpha-by-hand");

  const adopted = await seeWorld({ argv: "--adopt", from: world });
  expect([adopted.status, adopted.became]).toEqual([0, ["adopt alpha applied"]]);
  expect(adopted.result.operations[0]?.patch.map(({ path }) => path)).toEqual(["/description", "/name"]);
  expect((await runWorld({ argv: "plan --detailed-exitcode", from: world })).status).toBe(0);
});

test("a surplus webhook that adoption deletes is named, without the load of the one that stays", async () => {
  const from = await surplus();
  const { out } = await runWorld({ argv: "plan --adopt", from });
  expect(out).toMatch(/^ {2}- https:\/\/events\.example\.com\/alpha\n.*\n {6}alpha-by-hand, id w1$/m);
  const { status, result } = await seeWorld({ argv: "--adopt", from });
  expect([status, result.operations.map(({ action, webhookId }) => [action, webhookId])]).toEqual([
    0,
    [["delete", "w1"]],
  ]);
  expect(result.summary.unchanged).toBe(1);
});

test("--manifests and --config say where things are", async () => {
  const config =
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: mine\nmanifests: ../elsewhere\n";
  const files = {
    "conf/r.yaml": config,
    "elsewhere/a.yaml": manifest("alpha"),
    "third/b.yaml": manifest("beta"),
  };
  const first = await runWorld({ argv: "--config conf/r.yaml", files });
  expect([...first.world.state.webhooks.values()].map(({ description }) => description)).toEqual([
    "Consumer group: alpha | Offset tracking: /var/data/alpha.json | Managed by: reconcile (mine)",
  ]);
  expect(first.out.split("\n")[0]).toBe('mypurecloud.com as owner "mine"');
  const third = await runWorld({ argv: "plan --manifests third", files });
  expect(third.out).toContain("beta  third/b.yaml:1\n");
  const missing = await runWorld({ argv: "plan --config nowhere.yaml", files });
  expect([missing.status, missing.err.split("\n")[0]?.includes("[config/missing]")]).toEqual([1, true]);
});
