// A pass from the outside: plan, sync, the second sync, one edit, and which groups it is about.
import { expect, test } from "vitest";
import { manifest, putWebhook, runWorld, trailOf, trailPath } from "../support/world.ts";

const two = {
  "subscriptions/alpha.yaml": manifest("alpha", { labels: "team: data" }),
  "subscriptions/beta.yaml": manifest("beta", {
    pool: ["https://p.example.com/1", "https://p.example.com/2"],
  }).replace("https://events.example.com/beta", "https://p.example.com/1"),
};

const about = 'mypurecloud.com as owner "default"\n';

const fresh = `${about}
alpha  subscriptions/alpha.yaml:1
  + https://events.example.com/alpha  2 event types, about 160 events/s
      the consumer group is new
      + a.created
      + a.ended

beta  subscriptions/beta.yaml:1
  + https://p.example.com/1  1 event type, about 80 events/s
      the consumer group is new
      + a.created
  + https://p.example.com/2  1 event type, about 80 events/s
      the consumer group is new
      + a.ended

`;

test.each(["plan", "--dry-run", "sync --dry-run"])(
  "`%s` shows what would be done and does none of it",
  async (argv) => {
    const { status, out, err, world } = await runWorld({ argv, files: two });
    expect(out).toBe(
      `${fresh}Plan: 3 to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move\n`,
    );
    expect([status, err]).toEqual([0, ""]);
    expect(world.requests).toEqual(["POST /oauth/token", "GET /api/v2/webhooks"]);
    expect(world.files.paths()).toEqual(["/subscriptions/alpha.yaml", "/subscriptions/beta.yaml"]);
  },
);

test.each(["", "sync"])("`%s` does it", async (argv) => {
  const { status, out, err, world } = await runWorld({ argv, files: two });
  expect(out).toBe(
    `${fresh}Done: 3 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved\n`,
  );
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
  const first = await runWorld({ argv: "", files: two });
  const trail = first.world.files.text(trailPath);
  const second = await runWorld({ argv: "", from: first.world });
  expect(second.out).toBe(
    `${about}Done: 0 created, 0 updated, 0 deleted, 0 adopted, 3 unchanged; 0 event types moved\n`,
  );
  expect(second.status).toBe(0);
  expect(second.world.requests).toEqual(["POST /oauth/token", "GET /api/v2/webhooks"]);
  expect(second.world.files.text(trailPath)).toBe(trail);
});

test("with -v unchanged groups are shown too", async () => {
  const first = await runWorld({ argv: "", files: two });
  const { out } = await runWorld({ argv: "plan -v", from: first.world });
  expect(out).toBe(
    `${about}\n` +
      "alpha  subscriptions/alpha.yaml:1\n    no changes\n\nbeta  subscriptions/beta.yaml:1\n    no changes\n\n" +
      "Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 3 unchanged; 0 event types move\n",
  );
});

test("an edit shows just that change", async () => {
  const first = await runWorld({ argv: "", files: two });
  const edited = manifest("alpha", { eventTypes: ["a.created", "a.muted"], tail: "  state: disabled" });
  first.world.files.set("subscriptions/alpha.yaml", edited);
  const { out, world } = await runWorld({ argv: "", from: first.world });
  expect(out).toBe(`${about}
alpha  subscriptions/alpha.yaml:1
  ~ https://events.example.com/alpha  2 event types, about 160 events/s
      1 event type is added; 1 event type is removed; state enabled → disabled
      + a.muted
      - a.ended
        1 more stays
      ~ state enabled → disabled

Done: 0 created, 1 updated, 0 deleted, 0 adopted, 2 unchanged; 0 event types moved
`);
  expect(world.requests.slice(2).map((line) => line.replace(/id-\d+/, "ID"))).toEqual([
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
  expect(out).toBe(`${about}
beta  subscriptions/b.yaml:1
  + https://p.example.com/2  2 event types, about 160 events/s
      the group is split over its pool
      + e.c   https://p.example.com/1 → https://p.example.com/2
      + e.d   https://p.example.com/1 → https://p.example.com/2
  ~ https://p.example.com/1  2 event types, about 160 events/s
      hands 2 event types to another endpoint
      - e.c   https://p.example.com/1 → https://p.example.com/2
      - e.d   https://p.example.com/1 → https://p.example.com/2
        2 more stay

Plan: 1 to create, 1 to update, 0 to delete, 0 to adopt, 0 unchanged; 2 event types move
`);
});

test("an edited retry policy and state file are shown field by field, a query string not at all", async () => {
  const file = "subscriptions/a.yaml";
  const before = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");
  const first = await runWorld({ argv: "", files: { [file]: before } });
  const edit = before.replace("data/alpha.json", "data/other.json");
  first.world.files.set(
    file,
    `${edit}  retryPolicy: { retryCount: 5, retryInterval: PT2M, retryOnTimeout: false }\n`,
  );
  const { out } = await runWorld({ argv: "plan", from: first.world });
  expect(out.slice(out.indexOf("alpha  "))).toBe(`alpha  subscriptions/a.yaml:1
  ~ https://events.example.com/alpha?…  2 event types, about 160 events/s
      retry policy changed; description changed
      ~ retryCount 3 → 5
      ~ retryInterval PT1M → PT2M
      ~ retryOnTimeout true → false
      ~ description Consumer group: alpha | Offset tracking: /var/data/alpha.json | Managed by: reconcile (default) → Consumer group: alpha | Offset tracking: /var/data/other.json | Managed by: reconcile (default)

warning: "https://events.example.com/alpha?…" has a query string; a secret in it is kept in the audit trail [endpointUrl/queryString]
  --> subscriptions/a.yaml:6:16
    6 |   endpointUrl: https://events.example.com/alpha?…
      |                ^
  = keep secrets out of URLs; text output and logs show ?… in its place

Plan: 0 to create, 1 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move
`);
  expect(out).not.toContain("hidden");
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
  const none = await runWorld({ argv: "plan --selector team=sales", files: two });
  expect(none.err).toBe("error: no manifest carries the labels team=sales [selector/noMatch]\n\n");
  expect(none.status).toBe(1);
});

test("an unknown group is an error that names the nearest one, and nothing is written", async () => {
  const { status, err, world } = await runWorld({ argv: "--group alpa", files: two });
  expect(status).toBe(1);
  expect(err).toMatch(/^error: [^\n]*alpa[^\n]*\n/);
  expect(err).toContain("alpha");
  expect(world.requests.filter((request) => request !== "POST /oauth/token")).toEqual([
    "GET /api/v2/webhooks",
  ]);
});

test.each([
  ["--prune --selector team=data", {}],
  [
    "--selector team=data",
    { "reconcile.yaml": "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nprune: true\n" },
  ],
])("`%s` cannot prune: a group without a manifest has no labels", async (argv, config) => {
  const { status, err, world } = await runWorld({ argv, files: { ...two, ...config } });
  expect(err).toBe(
    "error: --selector cannot be combined with pruning: a group without a manifest has no labels " +
      "[prune/withSelector]\n  = name the groups with --group, or leave out --selector\n\n",
  );
  expect([status, world.requests]).toEqual([1, []]);
});

test("an orphan is reported, and deleted only with --prune", async () => {
  const first = await runWorld({ argv: "", files: two });
  first.world.files.take("subscriptions/alpha.yaml");
  const reported = await runWorld({ argv: "", from: first.world });
  expect(reported.out).toBe(
    `${about}\n` +
      "1 webhook of a group without a manifest (--prune deletes them)\n" +
      "  ? alpha https://events.example.com/alpha\n\n" +
      "Done: 0 created, 0 updated, 0 deleted, 0 adopted, 2 unchanged; 0 event types moved\n",
  );
  const pruned = await runWorld({ argv: "--prune", from: first.world });
  expect(pruned.out).toBe(`${about}
alpha
  - https://events.example.com/alpha
      no manifest declares this group
      alpha-7226f318, id id-6
      - a.created
      - a.ended

warning: pruning as owner "default", a name that other repositories may use as well [prune/defaultOwner]
  = set \`owner\` in reconcile.yaml to a name of this repository's own

Done: 0 created, 0 updated, 1 deleted, 0 adopted, 2 unchanged; 0 event types moved
`);
  expect([reported.status, pruned.status]).toEqual([0, 0]);
  expect(pruned.world.state.webhooks.size).toBe(2);
  const deleted = trailOf(pruned.world.files).find(
    ({ event, operation }) => event === "change.applied" && operation === "delete",
  );
  expect(deleted?.source).toBeNull();
});

test("many orphans: by group, then endpoint, the first groups only; all with -v", async () => {
  const { world } = await runWorld({
    argv: "--group alpha",
    files: { "subscriptions/a.yaml": manifest("alpha") },
  });
  for (let number = 12; number >= 1; number -= 1) {
    const group = `old-${String(number).padStart(2, "0")}`;
    for (const at of ["b?key=hidden", "a"]) {
      const id = `w-${at[0]}-${number}`;
      putWebhook(world.state, { id, group, owner: "default", endpoint: `https://x.example.com/${at}` });
    }
  }
  const numbers = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, "0"));
  const title = "24 webhooks of 12 groups without a manifest (--prune deletes them)\n";
  const end = "Plan: 0 to create, 0 to update, 0 to delete, 0 to adopt, 1 unchanged; 0 event types move\n";
  const { out } = await runWorld({ argv: "plan", from: world });
  const lines = numbers
    .slice(0, 10)
    .map((number) => `  ? old-${number} https://x.example.com/a and 1 more\n`);
  expect(out).toBe(`${about}\n${title}${lines.join("")}    2 more groups: -v shows all\n\n${end}`);

  const { out: all } = await runWorld({ argv: "plan -v", from: world });
  const pairs = numbers.map(
    (number) => `  ? old-${number} https://x.example.com/a\n      https://x.example.com/b?…\n`,
  );
  expect(all.slice(all.indexOf("24 webhooks"))).toBe(`${title}${pairs.join("")}\n${end}`);
});

test("pruning too much is shown in full, then refused with its numbers; everything else is applied", async () => {
  const { world } = await runWorld({ argv: "plan", files: { "subscriptions/a.yaml": manifest("alpha") } });
  for (const id of ["w1", "w2", "w3"])
    putWebhook(world.state, { id, group: `old-${id}`, owner: "default" });
  const { status, out } = await runWorld({ argv: "--prune", from: world });
  const numbers = "would delete 3 of 3 webhooks (100 %, the limit is 30 %)";
  const refusedOperation = (id: string) => `old-${id}
  - https://events.example.com/old-${id}
      no manifest declares this group
      old-${id}-by-hand, id ${id}
      - a.created
      - a.ended
      skipped

`;
  expect(out.slice(out.indexOf("alpha  "))).toBe(`alpha  subscriptions/a.yaml:1
  + https://events.example.com/alpha  2 event types, about 160 events/s
      the consumer group is new
      + a.created
      + a.ended

${["w1", "w2", "w3"].map(refusedOperation).join("")}warning: pruning as owner "default", a name that other repositories may use as well [prune/defaultOwner]
  = set \`owner\` in reconcile.yaml to a name of this repository's own

error: ${numbers} [prune/tooMany]
  = pass --allow-deletes to go on

Done: 1 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 3 skipped; 0 event types moved
`);
  expect(status).toBe(1);
  expect(world.state.webhooks.size).toBe(4);
  const allowed = await runWorld({ argv: "--prune --allow-deletes", from: world });
  expect([allowed.status, world.state.webhooks.size]).toEqual([0, 1]);
});

test("an empty folder is an error; with --allow-empty it is what was meant", async () => {
  const first = await runWorld({ argv: "--group alpha", files: two });
  first.world.files.take("subscriptions/alpha.yaml");
  first.world.files.take("subscriptions/beta.yaml");
  const refused = await runWorld({ argv: "--prune", from: first.world });
  expect(refused.err).toBe(
    "error: the folder holds no manifests (*.yaml, *.yml) [folder/empty]\n  --> subscriptions:1:1\n" +
      "  = an empty folder never means: delete everything; if it is empty on purpose, pass --allow-empty\n\n",
  );
  expect([refused.status, refused.world.requests]).toEqual([1, []]);
  const last = await runWorld({ argv: "--prune --allow-empty", from: first.world });
  expect([last.status, last.world.state.webhooks.size]).toEqual([0, 0]);
  const nothing = await runWorld({ argv: "--prune --allow-empty", from: first.world });
  expect(nothing.out).toBe(
    `${about}Done: 0 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged; 0 event types moved\n`,
  );
});

test("an unmarked webhook of a declared group skips the group; the others go on; --adopt takes it over", async () => {
  const { world } = await runWorld({ argv: "plan", files: two });
  putWebhook(world.state, { id: "w1", group: "alpha" });
  const { status, out } = await runWorld({ argv: "", from: world });
  expect(out).toContain(
    'error: webhook "alpha-by-hand" (id w1) of group "alpha" is managed by nobody, so the group is skipped ' +
      "[ownership/unmarked]\n  --> subscriptions/alpha.yaml:1:1\n",
  );
  expect(out).toContain("  = pass --adopt to take it over, or delete it\n");
  expect(out.split("\n").at(-2)).toBe(
    "Done: 2 created, 0 updated, 0 deleted, 0 adopted, 0 unchanged, 1 skipped; 0 event types moved",
  );
  expect(status).toBe(1);
  expect(world.state.webhooks.get("w1")?.name).toBe("alpha-by-hand");

  const adopted = await runWorld({ argv: "--adopt", from: world });
  expect(adopted.out).toBe(`${about}
alpha  subscriptions/alpha.yaml:1
  * https://events.example.com/alpha  2 event types, about 160 events/s
      adopted: description changed; name changed
      ~ name alpha-by-hand → alpha-7226f318
      ~ description Consumer group: alpha → Consumer group: alpha | Offset tracking: /var/data/alpha.json | Managed by: reconcile (default)

Done: 0 created, 0 updated, 0 deleted, 1 adopted, 2 unchanged; 0 event types moved
`);
  expect(adopted.status).toBe(0);
  expect((await runWorld({ argv: "plan --detailed-exitcode", from: world })).status).toBe(0);
});

test("a surplus webhook that adoption deletes is named, without the load of the one that stays", async () => {
  const { world } = await runWorld({ argv: "", files: { "subscriptions/a.yaml": manifest("alpha") } });
  putWebhook(world.state, { id: "w1", group: "alpha", eventTypes: ["a.created"] });
  const { status, out } = await runWorld({ argv: "--adopt", from: world });
  expect(out).toBe(`${about}
alpha  subscriptions/a.yaml:1
  - https://events.example.com/alpha
      another webhook of the group delivers to the same endpoint
      alpha-by-hand, id w1
      - a.created

Done: 0 created, 0 updated, 1 deleted, 0 adopted, 1 unchanged; 0 event types moved
`);
  expect(status).toBe(0);
});

test("--manifests and --config say where things are", async () => {
  const config =
    "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: mine\nmanifests: elsewhere\n";
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
