// The workflows that lie ready to copy, run step by step: on pull requests, from a fork, on merges, and each morning.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifest } from "../support/world.ts";
import { bot } from "./fake-github.ts";
import { deleteWebhooks, startActionWorld, type ActionWorld } from "./world.ts";

/** Each machine starts Node several times. */
const slow = 240_000;
const config =
  "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: default\nstate: { store: git }\n";
const key = "a-signing-key-for-the-trail-of-tests";

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
}, slow);
afterAll(() => {
  world.close();
}, slow);

const pullRequest = (number: number, branch: string, repository = "acme/telephony") =>
  ({
    name: "pull_request",
    ref: world.mergeRef(branch),
    payload: { pull_request: { number, head: { repo: { full_name: repository } } } },
    secrets: world.secrets,
  }) as const;

const push = () =>
  ({
    name: "push",
    ref: "refs/heads/main",
    secrets: world.secrets,
    environmentSecrets: { "genesys-cloud": { RECONCILE_AUDIT_KEY: key } },
  }) as const;

const schedule = () => ({ name: "schedule", ref: "refs/heads/main", secrets: world.secrets }) as const;

const bodies = (number: number): readonly string[] =>
  (world.github.comments.get(number) ?? []).map(({ body }) => body);

describe("from the first commit on", { concurrent: false }, () => {
  test(
    "on main what is planned is applied, by a second job, and kept on record",
    { timeout: slow },
    async () => {
      world.commit("main", { "reconcile.yaml": config, "subscriptions/beta.yaml": manifest("beta") });
      const { jobs } = await world.run("apply", push());
      expect(jobs["plan"]?.log).toContain("Plan: 1 to create");
      expect(jobs["apply"]?.log).toContain("Done: 1 created");
      expect([jobs["plan"]?.result, jobs["apply"]?.result]).toEqual(["success", "success"]);
      expect(world.trailOf("default")).toHaveLength(4);
      expect(world.github.writes).toEqual([]);
    },
  );

  test("a pull request gets one comment, and its next push writes over it", { timeout: slow }, async () => {
    world.commit("one", { "subscriptions/alpha.yaml": manifest("alpha") });
    const first = await world.run("plan", pullRequest(1, "one"));
    expect([first.jobs["validate"]?.result, first.jobs["plan"]?.result]).toEqual(["success", "success"]);
    const [comment = "", ...others] = bodies(1);
    expect(comment).toMatch(/^<!-- reconcile -->\n\*\*This change creates 1 webhook\.\*\*\n/);
    expect(comment).toContain("alpha");
    expect(comment).not.toContain("beta");
    expect(comment).toContain(`[The run](https://github.example/acme/telephony/actions/runs/${first.run})`);
    expect(others).toEqual([]);

    world.commit("one", { "subscriptions/gamma.yaml": manifest("gamma") });
    await world.run("plan", pullRequest(1, "one"));
    expect(bodies(1)).toHaveLength(1);
    expect(bodies(1)[0]).toMatch(/^<!-- reconcile -->\n\*\*This change creates 2 webhooks\.\*\*\n/);

    await world.run("plan", pullRequest(1, "one"));
    expect(world.github.writes).toEqual(["POST issues/1/comments 201", "PATCH issues/comments/1 200"]);
  });

  test("a pull request that changes nothing has no comment", { timeout: slow }, async () => {
    world.commit("two", { "README.md": "Words alone" });
    const { jobs } = await world.run("plan", pullRequest(2, "two"));
    expect(jobs["plan"]?.log).toContain(
      "There are no changes, and there were none before, so there is no comment.",
    );
    expect([jobs["plan"]?.result, bodies(2)]).toEqual(["success", []]);
  });

  test("a merge queue gets its check of the manifests, and no comment", { timeout: slow }, async () => {
    const bad = manifest("epsilon").replace("eventTypes:", "eventTypez:");
    world.commit("queue", { "subscriptions/epsilon.yaml": bad });
    const event = { name: "merge_group", ref: world.mergeRef("queue"), secrets: world.secrets } as const;
    const written = world.github.writes.length;
    const { jobs } = await world.run("plan", event);
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["failure", "skipped"]);
    world.commit("queue", { "subscriptions/epsilon.yaml": manifest("epsilon") });
    const again = await world.run("plan", { ...event, ref: world.mergeRef("queue") });
    expect([again.jobs["validate"]?.result, again.jobs["plan"]?.result]).toEqual(["success", "skipped"]);
    expect(world.github.writes).toHaveLength(written);
  });

  test(
    "from a fork only the check is run, without a secret; its faults are shown where they are",
    { timeout: slow },
    async () => {
      const bad = manifest("delta").replace("eventTypes:", "eventTypez:");
      world.commit("three", { "subscriptions/delta.yaml": bad });
      const event = {
        ...pullRequest(3, "three", "stranger/telephony"),
        secrets: {},
        readsOnly: true,
      } as const;
      const { jobs } = await world.run("plan", event);
      expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["failure", "skipped"]);
      expect(jobs["validate"]?.log).toContain("::error file=subscriptions/delta.yaml,line=7,");
      const mended = { "subscriptions/delta.yaml": manifest("delta") };
      world.commit("three", mended);
      const again = await world.run("plan", { ...event, ref: world.mergeRef("three") });
      expect([again.jobs["validate"]?.result, again.jobs["plan"]?.result]).toEqual(["success", "skipped"]);
      expect(bodies(3)).toEqual([]);
    },
  );

  test("what is invalid is told in the comment, too", { timeout: slow }, async () => {
    const bad = manifest("alpha").replace("eventTypes:", "eventTypez:");
    world.commit("one", { "subscriptions/alpha.yaml": bad });
    const { jobs } = await world.run("plan", pullRequest(1, "one"));
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["failure", "failure"]);
    expect(bodies(1)).toHaveLength(1);
    expect(bodies(1)[0]).toContain("unknown key");
    world.commit("one", { "subscriptions/alpha.yaml": manifest("alpha") });
  });

  test(
    "a merge applies its plan; the trail goes on where the last run ended",
    { timeout: slow },
    async () => {
      world.commit("main", {
        "subscriptions/alpha.yaml": manifest("alpha"),
        "subscriptions/gamma.yaml": manifest("gamma"),
      });
      const { jobs } = await world.run("apply", push());
      expect(jobs["apply"]?.log).toContain("Done: 2 created");
      const trail = world.trailOf("default");
      expect(trail).toHaveLength(10);
      expect(JSON.parse(trail[9] ?? "")).toMatchObject({ seq: 10, event: "run.finished" });

      const quiet = await world.run("apply", push());
      expect([quiet.jobs["plan"]?.result, quiet.jobs["apply"]?.result]).toEqual(["success", "skipped"]);
    },
  );

  test("drift opens one issue, writes over it, and closes it", { timeout: slow }, async () => {
    world.github.writes.length = 0;
    const none = await world.run("drift", schedule());
    expect(none.jobs["drift"]?.log).toContain("Nothing differs, so there is no issue.");

    expect(await deleteWebhooks(world)).toBe(3);
    await world.run("drift", schedule());
    await world.run("drift", schedule());
    expect(world.github.issues).toMatchObject([
      { title: "Genesys Cloud is not as the manifests say", state: "open", user: bot },
    ]);
    const [issue] = world.github.issues;
    const number = issue?.number ?? 0;
    expect(issue?.body).toMatch(/^<!-- reconcile -->\n\*\*A sync creates 3 webhooks\.\*\*\n/);
    // That it was there is known from the trail of an earlier run.
    expect(issue?.body).toContain("what delivered there was deleted outside this repository");
    expect(world.github.writes).toEqual(["POST issues 201"]);

    world.commit("main", { "subscriptions/alpha.yaml": null });
    await world.run("drift", schedule());
    expect(world.github.issues[0]?.body).toMatch(
      /^<!-- reconcile -->\n\*\*A sync creates 2 webhooks\.\*\*\n/,
    );

    const mended = await world.run("apply", { ...push(), name: "workflow_dispatch" });
    expect(mended.jobs["apply"]?.log).toContain("Done: 2 created");
    const gone = await world.run("drift", schedule());
    expect(gone.jobs["drift"]?.log).toContain(`Issue #${number} was closed`);
    expect(world.github.issues.map(({ state }) => state)).toEqual(["closed"]);
    expect(bodies(number)[0]).toContain("Genesys Cloud agrees with the manifests again.");
    expect(world.github.writes).toEqual([
      "POST issues 201",
      `PATCH issues/${number} 200`,
      `POST issues/${number}/comments 201`,
      `PATCH issues/${number} 200`,
    ]);
  });

  test(
    "a merge that removes a manifest deletes its webhook, and nothing else; the comment lists it first",
    { timeout: slow },
    async () => {
      world.commit("main", { "subscriptions/zeta.yaml": manifest("zeta") });
      await world.run("apply", push());
      world.commit("four", { "subscriptions/zeta.yaml": null });
      await world.run("plan", pullRequest(4, "four"));
      expect(bodies(4)[0]).toMatch(
        /^<!-- reconcile -->\n\*\*This change deletes 1 webhook\.\*\*\n(?:\n.+\n)?\n\*\*Deletes 1 webhook\*\*:\n\n- .*zeta/,
      );
      world.commit("main", { "subscriptions/zeta.yaml": null });
      const { jobs } = await world.run("apply", push());
      expect(jobs["apply"]?.log).toContain("Done: 0 created, 0 updated, 1 deleted, 0 adopted");
    },
  );

  test(
    "a run is taken back by hand: shown first, and done by a second job",
    { timeout: slow },
    async () => {
      const byHand = { ...push(), name: "workflow_dispatch" } as const;
      world.commit("main", { "subscriptions/epsilon.yaml": manifest("epsilon") });
      await world.run("apply", push());
      const shown = await world.run("rollback", { ...byHand, inputs: { run: "", apply: false } });
      expect(shown.jobs["show"]?.log).toContain("Plan: 0 to create, 0 to update, 1 to delete");
      expect([shown.jobs["show"]?.result, shown.jobs["rollback"]?.result]).toEqual(["success", "skipped"]);

      const unknown = await world.run("rollback", { ...byHand, inputs: { run: "nosuchrun", apply: true } });
      expect(unknown.jobs["show"]?.log).toContain("no run in ");
      expect([unknown.jobs["show"]?.result, unknown.jobs["rollback"]?.result]).toEqual([
        "failure",
        "skipped",
      ]);

      const done = await world.run("rollback", { ...byHand, inputs: { run: "", apply: true } });
      const rolledBack = world.trailOf("default");
      expect(done.jobs["rollback"]?.log).toContain("Done: 0 created, 0 updated, 1 deleted");
      expect(done.jobs["rollback"]?.log).toContain("Git must follow");
      // The next run goes on with its trail, and has the merge again.
      const again = await world.run("apply", { ...byHand, inputs: {} });
      expect(again.jobs["apply"]?.log).toContain("Done: 1 created");
      const trail = world.trailOf("default");
      expect([rolledBack.length > 10, trail.length > rolledBack.length]).toEqual([true, true]);
      expect(trail.slice(0, rolledBack.length)).toEqual(rolledBack);
    },
  );

  test(
    "what somebody typed for the run to take back is one argument, and adds no flag",
    { timeout: slow },
    async () => {
      const [first = ""] = world.trailOf("default").slice(-1);
      const { runId } = JSON.parse(first) as { readonly runId: string };
      const takeBack = (run: string) =>
        world.run("rollback", { ...push(), name: "workflow_dispatch", inputs: { run, apply: true } });
      for (const run of [`${runId} --force`, `${runId}\n--force`, "--force", "--last\n--force"]) {
        const { jobs } = await takeBack(run);
        expect(jobs["show"]?.log).toMatch(/no run in \S+ begins with/);
        expect([jobs["show"]?.result, jobs["rollback"]?.result]).toEqual(["failure", "skipped"]);
      }
      const { jobs } = await takeBack(` ${runId.slice(0, 8)} `);
      expect(jobs["rollback"]?.log).toContain("Done: 0 created, 0 updated, 1 deleted");
    },
  );
});
