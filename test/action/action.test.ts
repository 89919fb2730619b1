// The action by itself: what it runs, what it hands on, and whom it tells what.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeWorkflows } from "../../src/init/workflows.ts";
import { manifest } from "../support/world.ts";
import { bot } from "./fake-github.ts";
import { runWorkflow, type Event, type Ran } from "./run-workflow.ts";
import { linkStep, startActionWorld, type ActionWorld } from "./world.ts";

const slow = 120_000;
const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";

let world: ActionWorld;
beforeAll(async () => {
  world = await startActionWorld();
  world.commit("main", { "reconcile.yaml": config, "subscriptions/a.yaml": manifest("alpha") });
}, slow);
afterAll(() => {
  world.close();
}, slow);
afterEach(() => {
  world.github.comments.clear();
  world.github.issues.length = 0;
  world.github.writes.length = 0;
});

/** One job that runs the action with these inputs. */
function act(inputs: Readonly<Record<string, string>>, event: Partial<Event> = {}): Promise<Ran> {
  const given = Object.entries(inputs).map(
    ([name, value]) => `          ${name}: ${JSON.stringify(value)}`,
  );
  const text = `on: pull_request
permissions: { pull-requests: write, issues: write }
jobs:
  job:
    outputs:
      changes: \${{ steps.it.outputs.changes }}
      summary: \${{ steps.it.outputs.summary }}
      plan: \${{ steps.it.outputs.plan }}
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 2 }
      - run: ${linkStep}
      - uses: ./.reconcile-action
        id: it
        with:
${given.join("\n")}
        env:
          GENESYS_CLIENT_ID: \${{ secrets.GENESYS_CLIENT_ID }}
          GENESYS_CLIENT_SECRET: \${{ secrets.GENESYS_CLIENT_SECRET }}
`;
  const pullRequest = { number: 7, head: { repo: { full_name: "acme/telephony" } } };
  const { secrets } = world;
  const whole = {
    name: "pull_request",
    ref: "refs/heads/main",
    secrets,
    payload: { pull_request: pullRequest },
  };
  return runWorkflow(text, { ...whole, ...event } as Event, world);
}

test("it hands on what the command says for later steps", { timeout: slow }, async () => {
  const { jobs } = await act({ command: "plan", args: "--out plan.json" });
  expect(jobs["job"]).toMatchObject({
    result: "success",
    outputs: {
      changes: "true",
      summary: "Plan: 1 to create, 0 to update, 0 to delete, 0 to adopt, 0 unchanged; 0 event types move",
      plan: "plan.json",
    },
  });
  expect(world.github.writes).toEqual([]);
});

test(
  "flags are no shell: split at blanks or, where there are several lines, at their ends",
  { timeout: slow },
  async () => {
    const words = await act({ command: "validate", args: "subscriptions/a.yaml $(touch hacked) ; echo" });
    expect(words.jobs["job"]?.log).toContain("$(touch");
    expect(words.jobs["job"]?.result).toBe("failure");
    const lines = await act({
      command: "validate",
      args: "subscriptions/a.yaml\n--config\nno such.yaml\n",
    });
    expect(lines.jobs["job"]?.log).toContain("--> no such.yaml:1:1");
  },
);

test(
  "whoever else writes the marker is left alone, and the token's own comment is found among theirs",
  { timeout: slow },
  async () => {
    const stranger = {
      number: 900,
      user: { login: "mallory", type: "User" },
      body: "<!-- reconcile -->\nhello",
    };
    world.github.comments.set(7, [stranger]);
    await act({ command: "plan", comment: "true" });
    await act({ command: "plan", comment: "true", args: "--explain" });
    const comments = world.github.comments.get(7) ?? [];
    expect(comments.map(({ user }) => user.login)).toEqual(["mallory", bot.login]);
    expect(stranger.body).toBe("<!-- reconcile -->\nhello");
  },
);

test("a comment that says changes is written over once there are none", { timeout: slow }, async () => {
  const old = { number: 901, user: bot, body: "<!-- reconcile -->\n**This change creates 1 webhook.**" };
  world.github.comments.set(7, [old]);
  await act({ command: "plan", comment: "true", args: "--base HEAD" });
  expect(old.body).toMatch(/^<!-- reconcile -->\n\*\*This change changes no webhook\./);
  const { jobs } = await act({ command: "plan", comment: "true", args: "--base HEAD" });
  expect(jobs["job"]?.log).toContain("The comment is already up to date.");
  expect(world.github.writes).toEqual(["PATCH issues/comments/901 200"]);
});

test(
  "what was pending before a change that does nothing is not told its pull request",
  { timeout: slow },
  async () => {
    const { jobs } = await act({ command: "plan", comment: "true", args: "--base HEAD" });
    expect(jobs["job"]?.log).toContain("Plan: 1 to create");
    expect(jobs["job"]?.outputs["changes"]).toBe("false");
    expect(world.github.writes).toEqual([]);
  },
);

test(
  "without the permission the command's result stands, and a warning says what is missing",
  { timeout: slow },
  async () => {
    const { jobs } = await act({ command: "plan", comment: "true", issue: "true" }, { readsOnly: true });
    expect(jobs["job"]?.result).toBe("success");
    const log = jobs["job"]?.log ?? "";
    expect(log).toContain(
      "::warning::the pull request could not be updated: GitHub answers POST issues/7/comments with 403; the job needs `permissions: pull-requests: write` (comment) or `issues: write` (issue)",
    );
    expect(log).toContain("::warning::the issue could not be updated: GitHub answers POST issues with 403");
  },
);

test("a command that comes to no result leaves the issue as it is", { timeout: slow }, async () => {
  const open = {
    number: 902,
    user: bot,
    state: "open",
    body: "<!-- reconcile -->\n**A sync creates 1 webhook.**",
  };
  world.github.issues.push(open);
  const { jobs } = await act({ command: "plan", issue: "true" }, { secrets: {} });
  expect(jobs["job"]?.log).toContain("GENESYS_CLIENT_SECRET are not set");
  expect([jobs["job"]?.result, world.github.writes]).toEqual(["failure", []]);
});

test("outside a pull request there is no comment", { timeout: slow }, async () => {
  const { jobs } = await act({ command: "plan", comment: "true" }, { name: "push", payload: {} });
  expect(jobs["job"]?.log).toContain("This run does not belong to a pull request, so there is no comment.");
});

test("the secret and the token are in nothing that is said", { timeout: slow }, async () => {
  const { jobs, run } = await act({ command: "plan", comment: "true", args: "-v" });
  const said = `${jobs["job"]?.log ?? ""}${JSON.stringify(world.github.comments.get(7))}`;
  expect(said).not.toContain(world.secrets["GENESYS_CLIENT_SECRET"]);
  expect(said).not.toContain(`token-of-${run}`);
});

test("two installations in one repository have a comment each", { timeout: slow }, async () => {
  const folder = "teams/voice --> x";
  world.commit("voice", {
    [`${folder}/reconcile.yaml`]: `${config}owner: voice\nstate: { store: git }\n`,
    [`${folder}/subscriptions/b.yaml`]: manifest("beta"),
    "subscriptions/c.yaml": manifest("gamma"),
  });
  const { from } = world;
  const workflows = makeWorkflows({ owner: "voice", branch: "main", folder, from, store: "git" });
  const pull = { pull_request: { number: 8, head: { repo: { full_name: "acme/telephony" } } } };
  const event: Event = {
    name: "pull_request",
    ref: world.mergeRef("voice"),
    secrets: world.secrets,
    payload: pull,
  };
  await world.run("plan", event);
  const { jobs } = await runWorkflow(workflows[".github/workflows/reconcile-plan.yml"] ?? "", event, world);
  expect(jobs["plan"]?.result).toBe("success");
  const comments = (world.github.comments.get(8) ?? []).map(({ body }) => body);
  expect(comments.map((body) => body.split("\n")[0])).toEqual([
    "<!-- reconcile -->",
    "<!-- reconcile: teams%2Fvoice%20--%3E%20x -->",
  ]);
  expect([comments[0]?.includes("gamma"), comments[0]?.includes("beta")]).toEqual([true, false]);
  expect([comments[1]?.includes("gamma"), comments[1]?.includes("beta")]).toEqual([false, true]);

  const apply = workflows[".github/workflows/reconcile-apply.yml"] ?? "";
  const ran = await runWorkflow(apply, { ...event, name: "push" }, world);
  expect(ran.jobs["apply"]?.log).toContain("Done: 1 created");
  expect(world.trailOf("voice")).toHaveLength(4);
});

test("a manifest that goes, whose webhook stays, is worth a comment", { timeout: slow }, async () => {
  world.commit("left", { "subscriptions/d.yaml": manifest("delta") });
  const before = await act({ command: "sync" }, { ref: world.mergeRef("left") });
  expect(before.jobs["job"]?.log).toContain("Done: 2 created");
  world.commit("gone", { "subscriptions/a.yaml": null, "subscriptions/d.yaml": manifest("delta") });
  const event = { ref: world.mergeRef("gone") };
  const { jobs } = await act({ command: "plan", comment: "true", args: "--base HEAD^1" }, event);
  expect(jobs["job"]?.log).toContain("0 to create, 0 to update, 0 to delete");
  expect(jobs["job"]?.outputs["changes"]).toBe("false");
  expect(world.github.comments.get(7)?.[0]?.body).toContain("alpha");
});
