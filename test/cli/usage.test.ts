// The command line itself: help, version, slips, and what `validate` and `init` print.
import { expect, test } from "vitest";
import { manifest, runWorld } from "../support/world.ts";

test.each(["--version", "-V", "-v", "version"])("a lone `%s` prints the version", async (argv) => {
  expect(await runWorld({ argv })).toMatchObject({ status: 0, out: "1.2.3\n", err: "" });
});

test.each(["--help", "help", "-h"])("`%s` lists the commands and exits 0", async (argv) => {
  const { status, out, err } = await runWorld({ argv });
  expect(out).toMatch(
    /^Usage: reconcile \[command\] \[flags\]\n\nDeclarative GitOps for Genesys Cloud event subscriptions: webhooks, EventBridge, workflows\.\n/,
  );
  for (const command of [
    "sync",
    "plan",
    "apply",
    "validate",
    "import",
    "status",
    "audit",
    "doctor",
    "sandbox",
    "init",
  ])
    expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
  expect(out).toContain("Exit status: 0 success; 1 an error, or an operation failed or was refused;");
  expect([status, err]).toEqual([0, ""]);
});

test.each([
  "sync",
  "plan",
  "apply",
  "rollback",
  "validate",
  "import",
  "status",
  "doctor",
  "sandbox",
  "init",
])("`%s --help` has examples", async (command) => {
  const { status, out } = await runWorld({ argv: `${command} --help` });
  expect(out).toMatch(new RegExp(`^Usage: reconcile ${command} [^]*\nExamples?:\n  reconcile `));
  expect(status).toBe(0);
});

test.each([
  ["plan --outptu json", "error: unknown option '--outptu'\n(Did you mean --output?)\n"],
  ["plnn", 'error: unknown command "plnn" (did you mean plan?); the commands are '],
  [
    "watcher --run x",
    'error: unknown command "watcher" (did you mean watch?); the commands are sync, plan, apply, rollback, ',
  ],
  ["zzzzzz --run x", 'error: unknown command "zzzzzz"; the commands are '],
  ["paln", 'error: unknown command "paln" (did you mean plan?); '],
  ["stat", 'error: unknown command "stat" (did you mean state?); '],
  ["audit lgo", "error: unknown command 'lgo'\n(Did you mean log?)\n"],
  [
    "audit show",
    "error: unknown command 'show'\n(the commands are log, claim, verify, head, export, rotate)\n",
  ],
  ["catalog push", "error: unknown command 'push'\n(Did you mean pull?)\n(the command is pull)\n"],
  [
    "apply",
    "error: missing required argument 'plan'\n(<plan> is the file that `reconcile plan --out` wrote, such as plan.json)\n",
  ],
  [
    "test --group survey",
    "error: missing required argument 'file'\n(<file> is the event, as JSON, such as event.json)\n",
  ],
  [
    "plan --config envs/prd.yaml",
    'error: "envs/prd.yaml" does not exist [config/missing]\n  --> envs/prd.yaml:1:1\n  = check the path\n',
  ],
  [
    "plan --config reconcile.yaml",
    'error: "reconcile.yaml" does not exist [config/missing]\n  --> reconcile.yaml:1:1\n  = `reconcile init` writes one\n',
  ],
  ["diff", 'error: unknown command "diff" (`reconcile plan` shows what a sync would do); '],
  [
    "destroy",
    'error: unknown command "destroy" (`reconcile sync --prune` deletes what no manifest declares ',
  ],
  ["undo", 'error: unknown command "undo" (`reconcile rollback --last` undoes the last run); '],
  ["logs", 'error: unknown command "logs" (`reconcile audit log` shows what was changed); '],
  ["help plnn", 'error: unknown command "plnn" (did you mean plan?); the commands are '],
  ["sync extra", 'error: unknown command "extra"; the commands are '],
  [
    "--selector team!=data",
    "error: option '--selector <k=v>' argument 'team!=data' is invalid. Write it as key=value or key=value,key=value.\n",
  ],
  [
    "--selector team=data --selector team=sales",
    "error: option '--selector <k=v>' argument 'team=sales' is invalid. A manifest has only one value of \"team\", so none can match both.\n",
  ],
  [
    "--selector team=data,team=sales",
    "error: option '--selector <k=v>' argument 'team=data,team=sales' is invalid. A manifest has only one value of \"team\", so none can match both.\n",
  ],
  ["plan extra", "error: too many arguments for 'plan'. Expected 0 arguments but got 1.\n"],
  [
    "--concurrency 0",
    "error: option '--concurrency <n>' argument '0' is invalid. Give a whole number from 1 to 64.\n",
  ],
  [
    "sync --lock-timeout 25h",
    "error: option '--lock-timeout <duration>' argument '25h' is invalid. Give a time such as 300ms, 60s, 5m or 1h, at most 24h.\n",
  ],
  [
    "plan --lock-timeout 90s",
    "error: unknown option '--lock-timeout': sync, apply, rollback, release, audit rotate, state move and watch have it, plan does not\n",
  ],
  [
    "sandbox --port 65536",
    "error: option '--port <n>' argument '65536' is invalid. Give a whole number from 0 to 65535.\n",
  ],
  [
    "--selector team",
    "error: option '--selector <k=v>' argument 'team' is invalid. Write it as key=value or key=value,key=value.\n",
  ],
  [
    "plan --output yaml",
    "error: option '--output <format>' argument 'yaml' is invalid. Allowed choices are ",
  ],
])("`%s` is a wrong command line: exit 1, and nothing else happens", async (argv, message) => {
  const { status, out, err, world } = await runWorld({
    argv,
    files: { "subscriptions/a.yaml": manifest("alpha") },
  });
  expect(err.startsWith(message)).toBe(true);
  expect([status, out, world.requests]).toEqual([1, "", []]);
});

test("validate counts what is valid, offline and without credentials", async () => {
  const files = {
    "subscriptions/a.yaml": `${manifest("alpha")}---\n${manifest("beta")}`,
    "one.yaml": manifest("alpha"),
  };
  const all = await runWorld({ argv: "validate", files, environment: {} });
  expect(all).toMatchObject({ status: 0, out: "2 manifests are valid\n", err: "" });
  const one = await runWorld({ argv: "validate one.yaml", files, environment: {} });
  expect([one.out, one.world.requests]).toEqual(["1 manifest is valid\n", []]);
});

test("validate counts warnings and errors", async () => {
  const warned = manifest("alpha").replace("example.com/alpha", "example.com/alpha?key=hidden");
  const { status, out } = await runWorld({ argv: "validate", files: { "subscriptions/a.yaml": warned } });
  expect(out).toMatch(/^warning: [^]*\n1 manifest is valid, with 1 warning\n$/);
  expect([status, out.includes("hidden")]).toEqual([0, false]);

  const twice = { "subscriptions/a.yaml": manifest("alpha"), "subscriptions/b.yaml": manifest("alpha") };
  const clash = await runWorld({ argv: "validate", files: twice });
  expect(clash.out).toMatch(/^error: [^]*\n\d+ errors\n$/);
  expect(clash.status).toBe(1);

  const both = await runWorld({
    argv: "validate",
    files: {
      "subscriptions/a.yaml": warned,
      "subscriptions/b.yaml": manifest("b").replace("b.json", "alpha.json"),
    },
  });
  expect(both.out).toMatch(/\n1 error, 1 warning\n$/);

  const config = {
    "reconcile.yaml": "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nownr: me\n",
  };
  const broken = await runWorld({ argv: "validate", files: { ...twice, ...config } });
  expect(broken.out).toBe(`error: unknown key "ownr" in ReconcileConfig [config/unknownKey]
  --> reconcile.yaml:3:1
    3 | ownr: me
      | ^
  = did you mean "owner"?

1 error
`);
  expect(broken.status).toBe(1);
});

test("validate --output json is the same object", async () => {
  const { status, out } = await runWorld({
    argv: "validate --output json",
    files: { "subscriptions/a.yaml": manifest("alpha") },
  });
  expect(JSON.parse(out)).toMatchObject({
    formatVersion: 1,
    dryRun: true,
    ok: true,
    operations: [],
    diagnostics: [],
  });
  expect(status).toBe(0);
});

const ignored = [
  ...[".env", "sandbox.env", ".reconcile/", "audit-logs/", "/audit-trail-*/", "/trail-of-ci/", "/*.log"],
  ...["/plan.json", "/comment.md", "/reconcile.sarif"],
];

const nextSteps = `Webhooks need an organisation that offers the resource \`webhooks\`, which Genesys does not publish.

Next, see what these manifests would do, and edit them:
  reconcile plan --sandbox

Then, with the id and the secret of an OAuth client in .env:
  1. reconcile doctor
     checks that everything is in place and that webhooks are offered
  2. reconcile plan
     shows what would be created
  3. reconcile
     creates it

Before you push the workflows, fill in one of these lines at the top of each:
  RECONCILE_FROM: "https://HOST/FILE.tgz#sha512-SUM"
  RECONCILE_FROM: "github:OWNER/REPO#COMMIT"

Before you run the workflows, keep the audit trail where each runner finds it, on branches of the remote \`origin\`: write
into reconcile.yaml the line below. A trail that is there already moves first: reconcile state move --to git (docs/state.md).
  state: { store: git }
`;

test("init writes what a plan can use, and keeps what is there", async () => {
  const first = await runWorld({ argv: "init" });
  expect(first).toMatchObject({
    status: 0,
    err: "",
    out: `written  reconcile.yaml
written  subscriptions/example.yaml
written  schemas/reconcile-config.v1.json
written  schemas/webhook-subscription.v1.json
written  .github/workflows/reconcile-plan.yml
written  .github/workflows/reconcile-apply.yml
written  .github/workflows/reconcile-drift.yml
written  .github/workflows/reconcile-rollback.yml
added    .env, sandbox.env, .reconcile/, audit-logs/, /audit-trail-*/, /trail-of-ci/, /*.log, /plan.json, /comment.md, /reconcile.sarif to .gitignore

${nextSteps}`,
  });
  const { files } = first.world;
  expect(files.text("reconcile.yaml")).toContain('\nowner: "telephony"\n');
  expect(files.text(".gitignore")).toBe(`${ignored.join("\n")}\n`);
  files.set("reconcile.yaml", files.text("reconcile.yaml").replace("mypurecloud.com", "mypurecloud.de"));
  files.set(".gitignore", "node_modules\n.env");

  const second = await runWorld({ argv: "init", from: first.world });
  expect(second.out).toBe(`kept     reconcile.yaml
kept     subscriptions/example.yaml
kept     schemas/reconcile-config.v1.json
kept     schemas/webhook-subscription.v1.json
kept     .github/workflows/reconcile-plan.yml
kept     .github/workflows/reconcile-apply.yml
kept     .github/workflows/reconcile-drift.yml
kept     .github/workflows/reconcile-rollback.yml
added    sandbox.env, .reconcile/, audit-logs/, /audit-trail-*/, /trail-of-ci/, /*.log, /plan.json, /comment.md, /reconcile.sarif to .gitignore

${nextSteps}`);
  expect(files.text(".gitignore")).toBe(["node_modules", ...ignored, ""].join("\n"));
  expect(files.text("reconcile.yaml")).toContain("mypurecloud.de");
  const third = await runWorld({ argv: "init", from: first.world });
  expect(third.out).toContain("\nkept     .gitignore\n");

  const plan = await runWorld({ argv: "plan", from: first.world });
  expect(plan.out).toContain("Plan: 1 to create");
});

test("init writes no example beside manifests that are there already", async () => {
  const { out, world } = await runWorld({
    argv: "init",
    files: { "subscriptions/alpha.yaml": manifest("alpha") },
  });
  expect(out).not.toContain("example.yaml");
  expect(world.files.paths()).not.toContain("/subscriptions/example.yaml");
});

test("a file that is only nearly named as it should be is an error, not passed over", async () => {
  const files = { "subscriptions/alpha.yaml": manifest("alpha") };
  const config = await runWorld({
    argv: "plan",
    files: { ...files, "reconcile.yml": "kind: ReconcileConfig\n" },
  });
  expect([config.status, config.out]).toEqual([1, ""]);
  expect(config.err).toBe(
    "error: the config file is called reconcile.yaml, so this one is not read [config/misnamed]\n" +
      "  --> reconcile.yml:1:1\n    1 | kind: ReconcileConfig\n      | ^\n" +
      "  = rename it to reconcile.yaml, or pass --config reconcile.yml\n\n",
  );
  const capitals = await runWorld({
    argv: "validate",
    files: { ...files, "subscriptions/B.YAML": manifest("beta") },
  });
  expect([capitals.status, capitals.out.split("\n").slice(0, 2)]).toEqual([
    1,
    [
      "error: this file is not read, because its name ends in capital letters [file/misnamed]",
      "  --> subscriptions/B.YAML:1:1",
    ],
  ]);
});

test("a pass takes a folder, not one file of it: --prune would delete the others' groups", async () => {
  const files = { "subscriptions/alpha.yaml": manifest("alpha") };
  const { status, err, world } = await runWorld({
    argv: "--manifests subscriptions/alpha.yaml --prune",
    files,
  });
  expect([status, world.requests]).toEqual([1, []]);
  expect(err).toContain("[folder/isFile]");
});

test("plan takes --dry-run, too, which it is", async () => {
  const files = { "subscriptions/alpha.yaml": manifest("alpha") };
  const { status, out, world } = await runWorld({ argv: "plan --dry-run", files });
  expect([status, world.state.webhooks.size]).toEqual([0, 0]);
  expect(out).toContain("Plan: 1 to create");
});

test("init --owner names the owner, or says what is wrong with it", async () => {
  const named = await runWorld({ argv: "init --owner contact-centre" });
  expect(named.world.files.text("reconcile.yaml")).toContain('\nowner: "contact-centre"\n');
  const wrong = await runWorld({ argv: ["init", "--owner", "a b"] });
  expect(wrong).toMatchObject({ status: 1, out: "" });
  expect(wrong.err).toBe(
    'error: "a b" cannot be an owner [owner/malformed]\n  = use letters, digits, `.`, `_` and `-`, at most 63, as in --owner contact-centre\n',
  );
  expect(wrong.world.files.paths()).toEqual([]);
});

test("init says what the disk refuses", async () => {
  const { world } = await runWorld({ argv: "validate" });
  world.files.failNext("write", "EACCES");
  const { status, err } = await runWorld({ argv: "init", from: world });
  expect([status, err]).toEqual([
    1,
    "error: reconcile.yaml cannot be written: permission denied [init/unwritable]\n" +
      "  = give this user write permission on the folder, or run init in another folder\n",
  ]);
});
