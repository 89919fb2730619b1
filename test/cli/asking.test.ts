// On a terminal nothing is written unasked.
import { expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import {
  answer,
  loggedIn,
  manifest,
  runWorld,
  trailOf,
  writesOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const files = { "subscriptions/alpha.yaml": manifest("alpha") };
const question = 'Apply this plan to mypurecloud.com as owner "default"? [y/N] ';

const ask = (options: Partial<WorldOptions>): ReturnType<typeof runWorld> =>
  runWorld({ argv: "", files, terminal: true, answers: [], ...options });

/** Nothing is written: not on the platform, not to the trail, and no last run is kept. */
function expectUntouched(world: TestWorld): void {
  expect(writesOf(world)).toEqual([]);
  expect(trailOf(world.files)).toEqual([]);
  expect(world.files.paths()).not.toContain("/.reconcile/metrics.json");
}

test.each([["y"], ["yes"], [" yes "]])("`%s` is a yes", async (answer) => {
  const { status, out, err, world } = await ask({ argv: "--no-progress", answers: [answer] });
  expect([status, err, writesOf(world)]).toEqual([0, question, ["POST /api/v2/webhooks"]]);
  expect(out).toContain("Plan: 1 to create, ");
  expect(out).toContain("Done: 1 created, ");
});

test("after a yes only the result is printed, because the plan and its warnings stand above the question", async () => {
  const orphaned = (await runWorld({ argv: "", files: { "subscriptions/old.yaml": manifest("old") } }))
    .world;
  await orphaned.files.remove("subscriptions/old.yaml");
  orphaned.files.set("subscriptions/alpha.yaml", manifest("alpha"));
  const { status, out } = await ask({ argv: "--no-progress --explain", from: orphaned, answers: ["y"] });
  expect(out.slice(out.lastIndexOf("Plan: "))).toMatch(/^Plan: [^\n]+\nDone: 1 created, [^\n]+\n$/);
  expect([status, out.match(/without a manifest/g)?.length]).toEqual([0, 1]);
});

test("after a yes what failed is printed with its error, and what waited for it", async () => {
  const url = (name: string) => `https://p.example.com/${name}`;
  const beta = (...names: string[]) =>
    manifest("beta", { pool: names.map(url) }).replace(/endpointUrl: .*/, `endpointUrl: ${url("1")}`);
  const { world: before } = await runWorld({ argv: "", files: { "subscriptions/beta.yaml": beta("1") } });
  before.files.set("subscriptions/alpha.yaml", manifest("alpha"));
  before.files.set("subscriptions/beta.yaml", beta("1", "2"));
  const frozen = manifest("gamma", { labels: "a: b" }).replace(
    "labels: { a: b }",
    "annotations: { reconcile.genesys/freeze: wait }",
  );
  before.files.set("subscriptions/gamma.yaml", frozen);
  const { status, out } = await ask({
    from: before,
    argv: "--no-progress",
    answers: ["y"],
    intercept: ({ method, body }, forward) =>
      method === "POST" && String(body).includes("beta") ? answer(400, { message: "no beta" }) : forward(),
  });
  const after = out.slice(out.lastIndexOf("Plan: ")).split("\n").slice(1).join("\n");
  const [failed, waiting] = [
    "beta {2}subscriptions/beta\\.yaml:1\n {2}\\+ https:[^]*\n {6}failed: [^]*no beta",
    "\n {2}~ https:[^]*\n {6}skipped: ",
  ];
  expect(after).toMatch(
    new RegExp(`^${failed}[^]*${waiting}[^]*\nDone: 1 created, [^\n]* 1 failed, 2 skipped;[^\n]*\n$`),
  );
  expect([status, after.includes("alpha"), after.includes("+ https://events.example.com/gamma")]).toEqual([
    1,
    false,
    false,
  ]);
});

test.each([["n"], [""], ["Y"], ["YES"], ["yep"], ["ja"], ["y es"]])(
  "`%s` is not: nothing is written",
  async (answer) => {
    const { status, out, err, world } = await ask({ argv: "--no-progress", answers: [answer] });
    expect([status, err]).toEqual([1, `${question}Nothing was written.\n`]);
    expect(out).toContain("Plan: 1 to create, ");
    expectUntouched(world);
  },
);

test("the end of the input is no yes either", async () => {
  const { status, err, world } = await ask({ argv: "--no-progress" });
  expect([status, err]).toEqual([1, `${question}\nNothing was written.\n`]);
  expectUntouched(world);
});

test("no lock is held while a person thinks", async () => {
  const locks: string[] = [];
  const answer = async (world: TestWorld): Promise<string> => {
    const other = await runWorld({ argv: "plan", from: world });
    expect(other.status).toBe(0);
    const synced = await runWorld({ argv: "sync --group beta", from: world });
    locks.push(...synced.err.split("\n").filter((line) => line.includes("waiting")));
    return "y";
  };
  const { status, world } = await ask({
    files: { ...files, "subscriptions/beta.yaml": manifest("beta") },
    argv: "--group alpha --no-progress",
    answers: [answer],
  });
  expect([status, locks, world.state.webhooks.size]).toEqual([0, [], 2]);
});

test("a plan that differs after the answer is shown and asked about again", async () => {
  const answer = (world: TestWorld): string => {
    world.files.set("subscriptions/beta.yaml", manifest("beta"));
    return "y";
  };
  const no = await ask({ argv: "--no-progress", answers: [answer, "n"] });
  const again = `The plan has changed since you accepted it. Now it is:\n\n${question}`;
  expect([no.status, no.err]).toEqual([1, `${question}${again}Nothing was written.\n`]);
  expect(no.out.match(/Plan: \d to create/g)).toEqual(["Plan: 1 to create", "Plan: 2 to create"]);
  expectUntouched(no.world);

  const yes = await ask({ argv: "--no-progress", answers: [answer, "y"] });
  expect([yes.status, yes.err, yes.world.state.webhooks.size]).toEqual([0, `${question}${again}`, 2]);
});

test("a plan that is empty after the answer is done: exit 0", async () => {
  const answer = async (world: TestWorld): Promise<string> => {
    await runWorld({ argv: "", from: world });
    return "y";
  };
  const { status, out, err, world } = await ask({ argv: "--no-progress", answers: [answer] });
  expect([status, err, world.state.webhooks.size]).toEqual([0, question, 1]);
  expect(out).toContain("Done: 0 created, ");
});

test("a pass that has nothing to write asks nothing, and lists once", async () => {
  const { world: before } = await runWorld({ argv: "", files });
  const { status, err, world } = await ask({ argv: "--no-progress", from: before });
  expect([status, err]).toEqual([0, ""]);
  expect(world.requests).toHaveLength(2);
});

test("rollback asks too, and a no leaves the run as it is", async () => {
  const { world: before } = await runWorld({ argv: "", files });
  const records = trailOf(before.files).length;
  const argv = "rollback --last --no-progress --allow-deletes";
  const no = await ask({ argv, from: before, answers: ["n"] });
  expect([no.status, no.err]).toEqual([1, `${question}Nothing was written.\n`]);
  expect([before.state.webhooks.size, trailOf(before.files).length]).toEqual([1, records]);
  const yes = await ask({ argv, from: before, answers: ["yes"] });
  expect([yes.status, before.state.webhooks.size]).toEqual([0, 0]);
});

test.each(["--yes", "sync --yes", "--output json", "--output markdown", "--dry-run", "plan"])(
  "`%s` never asks",
  async (argv) => {
    const { status, err } = await ask({ argv: `${argv} --no-progress` });
    expect([status, err]).toEqual([0, ""]);
  },
);

test("--sandbox never asks", async () => {
  const { status, err, out } = await ask({
    argv: "--sandbox --no-progress",
    environment: {},
    send: makeSend(),
  });
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain("Done: 1 created, ");
});

test("apply never asks: its plan was looked at", async () => {
  const { world } = await runWorld({ argv: "plan --out plan.json", files });
  const applied = await ask({ argv: "apply plan.json --no-progress", from: world });
  expect([applied.status, applied.err, world.state.webhooks.size]).toEqual([0, "", 1]);
  const told = await ask({ argv: "apply plan.json --yes", from: world, columns: 300 });
  expect(told.err).toContain("apply never asks, because its plan was looked at before");
});

test.each([
  { CI: "true" },
  { CI: "1" },
  { GITHUB_ACTIONS: "true" },
  { JENKINS_URL: "https://ci.example.com/" },
  { TEAMCITY_VERSION: "2025.1" },
  { BUILD_BUILDURI: "vstfs:///Build/Build/1" },
  { CODEBUILD_BUILD_ID: "a:1" },
])("in a run of CI (%j) nobody is asked", async (variables) => {
  const { status, world } = await ask({ environment: { ...loggedIn, ...variables } });
  expect([status, world.state.webhooks.size]).toEqual([0, 1]);
});

test("where one of the three streams is no terminal nobody is asked", async () => {
  const noKeyboard = await runWorld({ argv: "", files, terminal: true });
  expect([noKeyboard.status, noKeyboard.world.state.webhooks.size]).toEqual([0, 1]);
  const piped = await runWorld({ argv: "", files, answers: ["n"] });
  expect([piped.status, piped.world.state.webhooks.size]).toEqual([0, 1]);
});

test("a terminal at which nobody sits does not hang", async () => {
  const { status, world } = await ask({
    answers: [(here) => here.clock.advance(600_000).then(() => new Promise<null>(() => undefined))],
  });
  expect(status).toBe(1);
  expectUntouched(world);
});
