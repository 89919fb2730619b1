// What the records tell of who and what ran, and how `audit log` shows and finds it.
import { describe, expect, test } from "vitest";
import { describeRun } from "../../src/app/describe-run.ts";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { startDaemon } from "../daemon/daemon.ts";
import { noCommit, credentials, manifest, runWorld, trailOf, type TestWorld } from "../support/world.ts";

const alpha = { "subscriptions/a.yaml": manifest("alpha") };
const commit = "0123456789abcdef0123456789abcdef01234567";
const url = "https://ci.example.com/acme/events/runs/42";
const byBuildkite = {
  ci: { system: "Buildkite", url, startedBy: "Ada", approvedBy: "Bob" },
  pullRequest: "12",
};

const recordsOf = ({ files }: TestWorld) => trailOf(files) as unknown as readonly AuditRecord[];

test("a run in CI: its address, its people, the pull request, the commit and the OAuth client", async () => {
  const { world } = await runWorld({ argv: "", files: alpha, commit, provenance: byBuildkite });
  const all = recordsOf(world).map(({ provenance }) => provenance);
  expect(all.length).toBeGreaterThan(2);
  for (const provenance of all)
    expect(provenance).toEqual({ client: credentials.clientId, commit, ...byBuildkite });
  expect(JSON.stringify(recordsOf(world))).not.toContain(credentials.clientSecret);
});

test("what only Git's settings say is marked as claimed", async () => {
  const claimed = { claimed: true, login: "ada@laptop" } as const;
  const { world } = await runWorld({ argv: "", files: alpha, provenance: claimed });
  expect(recordsOf(world)[0]?.provenance).toEqual({ ...claimed, client: credentials.clientId });
  const { out } = await runWorld({ argv: "audit log", from: world });
  expect(out).toContain("tester@host (claimed, ada@laptop)");
});

test("a rotation says who asked for it, too", async () => {
  const { world } = await runWorld({ argv: "", files: alpha, commit, provenance: byBuildkite });
  const rotated = await runWorld({ argv: "audit rotate", from: world, commit, provenance: byBuildkite });
  const closed = rotated.world.files.paths().find((path) => path.includes("subscription_audit.log-")) ?? "";
  const last = JSON.parse(
    rotated.world.files.text(closed).trimEnd().split("\n").at(-1) ?? "",
  ) as AuditRecord;
  const [begun] = recordsOf(rotated.world);
  expect([last, begun].map((record) => [record?.event, record?.provenance])).toEqual([
    ["trail.closed", { commit, ...byBuildkite }],
    ["trail.continued", { commit, ...byBuildkite }],
  ]);
});

test("with the sandbox there is no OAuth client, and where nothing is known nothing is recorded", () => {
  const here = { actor: "ada@laptop", commit: null, provenance: {} };
  const nothing = { client: undefined, revision: undefined, wokenBy: undefined, host: "laptop" };
  expect(describeRun(here, nothing, "full")).toEqual({ actor: "ada@laptop", commit: null });
  expect(describeRun(here, nothing, "none")).toEqual({ actor: "not recorded", commit: null });
});

describe("with audit.actors: none", () => {
  const nameless = {
    ...alpha,
    "reconcile.yaml": "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\naudit: { actors: none }\n",
  };
  const people = /Ada\b|Bob\b|ada@|laptop|tester@|host7/;

  test("a run in CI names its page, the commit and the pull request, and no person", async () => {
    const { world } = await runWorld({
      ...{ argv: "", files: nameless, commit, provenance: byBuildkite },
      place: "Buildkite acme/events 42",
    });
    const all = recordsOf(world);
    expect(all.length).toBeGreaterThan(2);
    for (const { actor, provenance } of all) {
      expect(actor).toBe("Buildkite acme/events 42");
      expect(provenance).toEqual({
        ...{ client: credentials.clientId, commit, pullRequest: "12" },
        ci: { system: "Buildkite", url },
      });
    }
    expect(JSON.stringify(all)).not.toMatch(people);
    const verified = await runWorld({ argv: "audit verify", from: world });
    expect(verified.status).toBe(0);
    const { out } = await runWorld({ argv: "audit log", from: world });
    expect(out).toContain("Buildkite acme/events 42");
  });

  test("a run by hand names neither Git's author nor the user of the machine", async () => {
    const claimed = { claimed: true, login: "ada@laptop" } as const;
    const { world } = await runWorld({ argv: "", files: nameless, provenance: claimed });
    for (const { actor, provenance } of recordsOf(world)) {
      expect(actor).toBe("not recorded");
      expect(provenance).toEqual({ client: credentials.clientId });
    }
    const rotated = await runWorld({ argv: "audit rotate", from: world, provenance: claimed });
    const written = rotated.world.files
      .paths()
      .filter((path) => path.includes("subscription_audit.log"))
      .map((path) => rotated.world.files.text(path));
    expect(written.length).toBeGreaterThan(1);
    expect(written.join("")).not.toMatch(people);
  });

  test("a daemon's records name what woke it, and not its host", async () => {
    const processes = { host: "host7" };
    const provenance = { login: "svc@host7" } as const;
    const daemon = await startDaemon({ argv: "watch", files: nameless, provenance, processes });
    await daemon.pass(0);
    const all = recordsOf(daemon.world);
    expect(all[0]).toMatchObject({
      actor: "not recorded",
      provenance: { daemon: { host: "not recorded", wokenBy: ["start"] } },
    });
    expect(JSON.stringify(all)).not.toMatch(people);
    await daemon.stop();
  });
});

test("the daemon: its host, what woke it, and not the Git author of its machine", async () => {
  const provenance = { claimed: true, login: "svc@host7", pullRequest: "12" } as const;
  const processes = { host: "host7" };
  const daemon = await startDaemon({ argv: "watch", files: alpha, provenance, processes });
  await daemon.pass(0);
  await daemon.world.files.write("subscriptions/b.yaml", manifest("beta"));
  daemon.touch();
  await daemon.pass(300);
  await daemon.stop();
  const [first, last] = [recordsOf(daemon.world)[0], recordsOf(daemon.world).at(-1)];
  expect(first).toMatchObject({
    actor: "svc@host7",
    provenance: { client: credentials.clientId, daemon: { host: "host7", wokenBy: ["start"] } },
  });
  expect(first?.provenance).not.toHaveProperty("claimed");
  expect(last?.provenance?.daemon).toEqual({ host: "host7", wokenBy: ["files"] });
  const { out } = await runWorld({ argv: "audit log --group beta", from: daemon.world });
  expect(out).toContain("svc@host7 (daemon on host7, woken by files)");
});

test("a daemon that reads a repository names that repository's commit, and no pull request of its own folder", async () => {
  const daemon = await startDaemon({
    argv: "watch --git https://git.example.com/events.git",
    provenance: { pullRequest: "12" },
    fetchRevision: async () => {
      const { makeMemoryFiles } = await import("../support/memory-files.ts");
      return {
        commit,
        files: makeMemoryFiles(alpha),
        findAncestry: () => Promise.resolve(new Map()),
        openCommit: noCommit,
      };
    },
  });
  await daemon.pass(0);
  await daemon.stop();
  const provenance = recordsOf(daemon.world)[0]?.provenance;
  expect(provenance).toMatchObject({ commit, daemon: { wokenBy: ["start"] } });
  expect(provenance).not.toHaveProperty("pullRequest");
});

test("`audit log` shows commit, pull request and approver; --wide the whole ids and the run's address", async () => {
  const { world } = await runWorld({ argv: "", files: alpha, commit, provenance: byBuildkite });
  const { out } = await runWorld({ argv: "audit log", from: world });
  expect(out).toMatch(/who +commit +pull request\n/);
  expect(out).toMatch(/create applied .* tester@host \(approved by Bob\) +0123456789ab +#12\n/);
  expect(out).not.toContain(url);
  const wide = await runWorld({ argv: "audit log --wide", from: world, terminal: true, columns: 60 });
  const { runId } = recordsOf(world)[0] ?? {};
  expect(wide.out).toMatch(/pull request +CI run +OAuth client\n/);
  for (const line of wide.out.trimEnd().split("\n").slice(1)) {
    expect(line).toContain(` ${runId} `);
    expect(line).toMatch(new RegExp(`${commit} +#12 +${url} +${credentials.clientId}$`));
  }
});

test.each([
  ["bob", 1],
  ["ADA", 2],
  ["laptop", 1],
  ["client-of", 2],
  ["eve", 0],
])("--actor %s", async (text, runs) => {
  const first = await runWorld({ argv: "", files: alpha, provenance: byBuildkite });
  first.world.files.set("subscriptions/b.yaml", manifest("beta"));
  const claimed = { claimed: true, login: "ada@laptop" } as const;
  const { world } = await runWorld({ argv: "", from: first.world, provenance: claimed });
  const { out } = await runWorld({ argv: `audit log --json --actor ${text}`, from: world });
  const shown = out.split("\n").filter(Boolean);
  expect(new Set(shown.map((line) => (JSON.parse(line) as AuditRecord).runId)).size).toBe(runs);
});
