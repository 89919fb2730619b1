// `init`: where it is run, what is there already, and what is in its way.
import { expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import { manifest, runWorld } from "../support/world.ts";

const workflows = ".github/workflows";

test("the workflow applies what is pushed to the repository's own branch", async () => {
  const named = await runWorld({ argv: "init", repository: { branch: "master" } });
  const path = `${workflows}/reconcile-apply.yml`;
  expect(named.world.files.text(path)).toContain('  push:\n    branches: ["master"]\n');
  expect(named.world.files.text(path)).toContain("\n  group: reconcile-apply-telephony\n");
  const unknown = await runWorld({ argv: "init", repository: { branch: null } });
  expect(unknown.world.files.text(path)).toContain('    branches: ["main"]\n');
});

test("in a subfolder of a repository it says where GitHub looks for the workflows", async () => {
  const { status, err, world } = await runWorld({ argv: "init", repository: { folder: "teams/voice" } });
  expect(status).toBe(0);
  expect(err)
    .toBe(`warning: GitHub looks for workflows at the root of the repository, not in teams/voice/.github/workflows
  = move them to .github/workflows at the root; there they need \`working-directory: teams/voice\`, which new ones have
  = two installations in one repository need different owners (--owner), and their workflows different file names
`);
  for (const name of ["plan", "apply", "drift"]) {
    const workflow = world.files.text(`${workflows}/reconcile-${name}.yml`);
    expect(workflow).toContain('          working-directory: "teams/voice"\n');
  }
  const apply = world.files.text(`${workflows}/reconcile-apply.yml`);
  expect(apply).toContain('          path: "teams/voice/audit-logs/"\n');
});

test("the example goes where the config says, names its schema, and says what to replace", async () => {
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmanifests: genesys/webhooks\n";
  const { world, out } = await runWorld({ argv: "init", files: { "reconcile.yaml": config } });
  expect(out).toContain("written  genesys/webhooks/example.yaml\n");
  const example = world.files.text("genesys/webhooks/example.yaml");
  expect(example.split("\n")[0]).toBe(
    "# yaml-language-server: $schema=../../node_modules/genesys-webhook-reconciler/schemas/webhook-subscription.v1.json",
  );
  expect(example).toContain("  # A placeholder: put your own endpoint here before the first real run");
  const valid = await runWorld({ argv: "validate", from: world });
  expect(valid.out).toBe("1 manifest is valid\n");
});

test("the config names its schema, too", async () => {
  const { world } = await runWorld({ argv: "init" });
  expect(world.files.text("reconcile.yaml").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=./node_modules/genesys-webhook-reconciler/schemas/reconcile-config.v1.json",
  );
});

test("a manifest under another name counts as one, too", async () => {
  const files = { "subscriptions/ALPHA.YAML": manifest("alpha") };
  const { world } = await runWorld({ argv: "init", files });
  expect(world.files.paths()).not.toContain("/subscriptions/example.yaml");
});

test("a config under the wrong name is not passed over", async () => {
  const { status, err, world } = await runWorld({ argv: "init", files: { "reconcile.yml": "" } });
  expect([status, world.files.paths()]).toEqual([1, ["/reconcile.yml"]]);
  expect(err).toBe(
    "error: reconcile.yml: the config file is called reconcile.yaml, so this one is not read\n" +
      "  = rename it to reconcile.yaml, and run init again\n",
  );
});

test.each(["subscriptions", ".github"])(
  "a file called %s: an error before anything is written",
  async (name) => {
    const { status, out, err, world } = await runWorld({ argv: "init", files: { [name]: "" } });
    expect([status, out, world.files.paths()]).toEqual([1, "", [`/${name}`]]);
    expect(err).toMatch(
      new RegExp(`^error: ${name} is a file, and ${name}/\\S+ belongs into a folder of that name\\n`),
    );
    expect(err).toContain(`  = move ${name} away, and run init again; nothing has been written\n`);
  },
);

test.each([
  ["init --owner default", {}],
  ["init", { name: "default" }],
])("%s, where the owner is called so, warns that others may be, too", async (argv, repository) => {
  const { status, err, world } = await runWorld({ argv, repository });
  expect(err).toBe(`warning: "default" is an owner that other repositories may use as well
  = with --prune each would delete the other's webhooks: name this one's with --owner, or in reconcile.yaml
`);
  expect(status).toBe(0);
  const again = await runWorld({ argv, repository, from: world });
  expect(again.err).toBe("");
});

const schemes = [
  {
    scheme: "https",
    endpointUrl: "https://events.example.com/genesys",
    placeholder: "put your own endpoint here before the first real run",
    config: "# Written into each webhook: only webhooks of this owner",
    created: "Done: 1 created",
    commands: ["plan --sandbox"],
    warning: null,
  },
  {
    scheme: "eventbridge",
    endpointUrl: "eventbridge://000000000000/us-east-1/example",
    placeholder:
      "to be replaced before the first real run: eventbridge://, your AWS account of 12 digits, its region",
    config: "# Written into each EventBridge integration: only EventBridge integrations of this owner",
    created: "Done: 1 created",
    commands: ["plan --sandbox", "doctor", "plan", "--create-only", ""],
    warning: "the AWS account 000000000000 is a placeholder: it reaches nobody until it is replaced",
  },
  {
    scheme: "workflow",
    endpointUrl: "workflow:00000000-0000-4000-8000-000000000000",
    placeholder: "put the id of a published workflow here before the first real run",
    config: "# Written into each trigger: only triggers of this owner",
    created: "Done: 2 created",
    commands: ["plan --sandbox", "doctor", "plan", ""],
    warning: "the workflow's id is a placeholder: it reaches nobody until it is replaced",
  },
];

test.each(schemes)(
  "--scheme $scheme: the manifest is valid, says what to replace, is warned of until then, and works in the sandbox",
  async ({ scheme, endpointUrl, placeholder, config, created, commands, warning }) => {
    const { status, out, err, world } = await runWorld({ argv: `init --scheme ${scheme}` });
    expect([status, err]).toEqual([0, ""]);
    const example = world.files.text("subscriptions/example.yaml");
    expect(example).toContain(`\n  endpointUrl: ${endpointUrl}\n`);
    expect(example).toContain(`  # A placeholder${scheme === "eventbridge" ? ", " : ": "}${placeholder}`);
    expect(example.includes("\n  trigger:\n")).toBe(scheme === "workflow");
    expect(world.files.text("reconcile.yaml")).toContain(`\n${config}`);
    const printed = [...out.matchAll(/npx --package genesys-webhook-reconciler reconcile ?(.*)\n/g)];
    expect(printed.map(([, command]) => command)).toEqual(commands);

    const valid = await runWorld({ argv: "validate", from: world });
    expect(valid.status).toBe(0);
    const warned = /^warning: (.*) \[endpointUrl\/placeholder\]$/m;
    expect(warned.exec(valid.out + valid.err)?.[1] ?? null).toBe(warning);
    expect(valid.out).toContain(`1 manifest is valid${warning === null ? "" : ", with 1 warning"}\n`);
    const around = { environment: {}, send: makeSend() };
    const first = await runWorld({ argv: "--sandbox", from: world, ...around });
    expect([first.status, first.out.includes(created)]).toEqual([0, true]);
    expect(warned.exec(first.out)?.[1] ?? null).toBe(warning);
    const second = await runWorld({ argv: "--sandbox --detailed-exitcode", from: world, ...around });
    expect([second.status, second.err]).toEqual([0, ""]);
  },
);

test("--scheme eventbridge says, between its commands, that the event source is to be associated in AWS", async () => {
  const { out } = await runWorld({ argv: "init --scheme eventbridge" });
  expect(out.slice(out.indexOf("\nThen"))).toBe(`
Then, with the id and the secret of an OAuth client in .env:
  1. npx --package genesys-webhook-reconciler reconcile doctor
     whether all is in place, and EventBridge integrations are offered
  2. npx --package genesys-webhook-reconciler reconcile plan
     what would be made
  3. npx --package genesys-webhook-reconciler reconcile --create-only
     makes new event sources, and moves nothing to them yet
  4. in AWS, associate each new event source with an event bus: it reaches nobody before (docs/eventbridge.md)
  5. npx --package genesys-webhook-reconciler reconcile
     does the rest
`);
});

test("--scheme without a name for it is https; one that there is not is an error", async () => {
  const named = await runWorld({ argv: "init --scheme https" });
  const unnamed = await runWorld({ argv: "init" });
  const path = "subscriptions/example.yaml";
  expect([unnamed.out, unnamed.world.files.text(path)]).toEqual([named.out, named.world.files.text(path)]);
  const wrong = await runWorld({ argv: "init --scheme sqs" });
  expect([wrong.status, wrong.world.files.paths()]).toEqual([1, []]);
  expect(wrong.err).toContain("Allowed choices are https, eventbridge, workflow.");
});

test.each(["example.yaml", "alpha.yaml"])(
  "--scheme workflow beside %s: it says that no such manifest is written, and how to get one",
  async (name) => {
    const files = { [`subscriptions/${name}`]: manifest("alpha") };
    const { status, err, world } = await runWorld({ argv: "init --scheme workflow", files });
    expect([status, world.files.text(`subscriptions/${name}`)]).toEqual([0, manifest("alpha")]);
    expect(err).toBe(
      "warning: no manifest with workflow: is written, for subscriptions holds manifests already\n" +
        "  = to get one, move them away and run init again, or run it in an empty folder\n",
    );
  },
);
