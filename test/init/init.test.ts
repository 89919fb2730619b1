// `init`: where it is run, what is there already, and what is in its way.
import { expect, test } from "vitest";
import { parse } from "yaml";
import configSchema from "../../schemas/reconcile-config.v1.json" with { type: "json" };
import manifestSchema from "../../schemas/webhook-subscription.v1.json" with { type: "json" };
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
  = two installations in one repository need different owners (--owner), and different file names for their workflows
`);
  for (const name of ["plan", "apply", "drift"]) {
    const workflow = world.files.text(`${workflows}/reconcile-${name}.yml`);
    expect(workflow).toContain('\n        working-directory: "teams/voice"\n');
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
    "# yaml-language-server: $schema=../../schemas/webhook-subscription.v1.json",
  );
  expect(JSON.parse(world.files.text("schemas/webhook-subscription.v1.json"))).toEqual(manifestSchema);
  expect(example).toContain("  # A placeholder: put your own endpoint here before the first real run");
  const valid = await runWorld({ argv: "validate", from: world });
  expect(valid.out).toBe("1 manifest is valid\n");
});

test("the config names its schema, too", async () => {
  const { world } = await runWorld({ argv: "init" });
  expect(world.files.text("reconcile.yaml").split("\n")[0]).toBe(
    "# yaml-language-server: $schema=./schemas/reconcile-config.v1.json",
  );
  expect(JSON.parse(world.files.text("schemas/reconcile-config.v1.json"))).toEqual(configSchema);
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
      new RegExp(`^error: ${name} is a file, but ${name}/\\S+ needs a folder of that name\\n`),
    );
    expect(err).toContain(`  = move ${name} away, and run init again; nothing has been written\n`);
  },
);

test.each([
  ["init --owner default", {}],
  ["init", { name: "default" }],
])("%s, where the owner is called so, warns that others may be, too", async (argv, repository) => {
  const { status, err, world } = await runWorld({ argv, repository });
  expect(err).toBe(`warning: "default" is an owner that other repositories may have, too
  = with --prune each would delete the other's webhooks: give this repository an owner of its own with --owner, or in reconcile.yaml
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
    config: "# Written into each webhook: reconcile only ever changes or deletes webhooks of this owner",
    created: "Done: 1 created",
    commands: ["plan --sandbox"],
    warning: null,
  },
  {
    scheme: "eventbridge",
    endpointUrl: "eventbridge://000000000000/us-east-1/example",
    placeholder:
      "to be replaced before the first real run: eventbridge://, your AWS account of 12 digits, its region",
    config:
      "# Written into each EventBridge integration: reconcile only ever changes or deletes EventBridge integrations of this owner",
    created: "Done: 1 created",
    commands: ["plan --sandbox", "doctor", "plan", "--create-only", ""],
    warning: "the AWS account 000000000000 is a placeholder: no events arrive until you replace it",
  },
  {
    scheme: "workflow",
    endpointUrl: "workflow:00000000-0000-4000-8000-000000000000",
    placeholder: "put the id of a published workflow here before the first real run",
    config: "# Written into each trigger: reconcile only ever changes or deletes triggers of this owner",
    created: "Done: 2 created",
    commands: ["plan --sandbox", "doctor", "plan", ""],
    warning: "the workflow's id is a placeholder: no events arrive until you replace it",
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
    const printed = [...out.matchAll(/^ {2}(?:\d\. )?reconcile ?(.*)\n/gm)];
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
  expect(out.slice(out.indexOf("\nThen"), out.indexOf("\nBefore you push"))).toBe(`
Then, with the id and the secret of an OAuth client in .env:
  1. reconcile doctor
     checks that everything is in place and that EventBridge integrations are offered
  2. reconcile plan
     shows what would be created
  3. reconcile --create-only
     creates new event sources, and moves no event type to them yet
  4. in AWS, associate each new event source with an event bus: until then it delivers nothing (docs/eventbridge.md)
  5. reconcile
     makes the remaining changes
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
      "warning: no manifest with workflow: was written, because subscriptions already holds manifests\n" +
        "  = to get one, move them away and run init again, or run it in an empty folder\n",
    );
  },
);

const commit = "0123456789abcdef0123456789abcdef01234567";
const sum = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;
const hosted = `https://files.example.com:8443/a/@b/reconcile-0.1.0.tgz?x=1&y=%20`;
const workflowNames = ["plan", "apply", "drift", "rollback"];

test.each([`github:acme/reconcile#${commit}`, `${hosted}#${sum}`])(
  "--from %s stands in each workflow as it was given, and nothing is left to fill in",
  async (from) => {
    const { status, out, err, world } = await runWorld({ argv: ["init", "--from", from] });
    expect([status, err, out.includes("RECONCILE_FROM")]).toEqual([0, "", false]);
    for (const name of workflowNames) {
      const { env } = parse(world.files.text(`${workflows}/reconcile-${name}.yml`)) as { env: unknown };
      expect(env).toEqual({ RECONCILE_FROM: from });
    }
  },
);

test("without --from it shows the two lines of which the workflows need one", async () => {
  const first = await runWorld({ argv: "init" });
  const lines = `
Before you push the workflows, fill in one of these lines at the top of each:
  RECONCILE_FROM: "https://HOST/FILE.tgz#sha512-SUM"
  RECONCILE_FROM: "github:OWNER/REPO#COMMIT"
`;
  expect(first.out.endsWith(lines)).toBe(true);
  const again = await runWorld({ argv: "init", from: first.world });
  expect(again.out).not.toContain("RECONCILE_FROM");
});

test("--from beside workflows that are there already says that they stay as they are", async () => {
  const { world } = await runWorld({ argv: "init" });
  const path = `${workflows}/reconcile-plan.yml`;
  const before = world.files.text(path);
  const again = await runWorld({ argv: `init --from github:acme/reconcile#${commit}`, from: world });
  expect([again.status, world.files.text(path)]).toEqual([0, before]);
  const paths = workflowNames.map((name) => `${workflows}/reconcile-${name}.yml`).join(", ");
  expect(again.err).toBe(`warning: --from does not change a workflow that exists already: ${paths}
  = write RECONCILE_FROM: "github:acme/reconcile#${commit}" at the top of each
`);
});

const [place, whole, pinned] = [
  "github:acme/reconcile",
  "After the # it needs a whole commit",
  "After the # it needs sha512-",
];
const odd = "The address needs a host";
const repository = "Between github: and the #";

test.each([
  ["", "It must begin with"],
  ["reconcile@1.0.0", "It must begin with"],
  [`http://files.example.com/r.tgz#${sum}`, "It must begin with"],
  [`HTTPS://files.example.com/r.tgz#${sum}`, "It must begin with"],
  [` https://files.example.com/r.tgz#${sum}`, "It must begin with"],
  [`https://ada:pw@files.example.com/r.tgz#${sum}`, "The address must not hold a user name"],
  [`https://ada@files.example.com/r.tgz#${sum}`, "The address must not hold a user name"],
  ["https://files.example.com/r.tgz", pinned],
  ["https://files.example.com/r.tgz#", pinned],
  [`https://files.example.com/r.tgz#${sum.replace("512", "256")}`, pinned],
  [`https://files.example.com/r.tgz#sha512-${Buffer.alloc(63, 7).toString("base64")}`, pinned],
  [`https://files.example.com/r.tgz#sha512-${Buffer.alloc(65, 7).toString("base64")}`, pinned],
  [`https://files.example.com/r.tgz#${sum.replace("w==", "x==").replace("B", "-")}`, pinned],
  [`https://files.example.com/r.tgz#${sum}\n`, pinned],
  [`https://files.example.com/r.tgz#x#${sum}`, pinned],
  [`https://files.example.com#${sum}`, odd],
  [`https://-o/r.tgz#${sum}`, odd],
  [`https://files.example.com/\${{ secrets.X }}#${sum}`, odd],
  [`https://files.example.com/$(id)#${sum}`, odd],
  [`https://files.example.com/\`id\`#${sum}`, odd],
  [`https://files.example.com/a"b#${sum}`, odd],
  [`https://files.example.com/a'b#${sum}`, odd],
  [`https://files.example.com/a b#${sum}`, odd],
  [`https://files.example.com/a\nb#${sum}`, odd],
  [`https://files.example.com/a\\b#${sum}`, odd],
  [`https://files.example.com/{a,b}#${sum}`, odd],
  [place, whole],
  [`${place}#main`, whole],
  [`${place}#v1.0.0`, whole],
  [`${place}#${commit.slice(1)}`, whole],
  [`${place}#${commit}0`, whole],
  [`${place}#${commit.toUpperCase()}`, whole],
  [`${place}#${commit}\n`, whole],
  [`github:reconcile#${commit}`, repository],
  [`github:acme/reconcile/x#${commit}`, repository],
  [`github:acme/reconcile.git#${commit}`, repository],
  [`github:acme/..#${commit}`, repository],
  [`github:-acme/reconcile#${commit}`, repository],
  [`github:acme/$(id)#${commit}`, repository],
  [`github:acme/re"concile#${commit}`, repository],
])("--from %j is refused before anything is written, and the right form is shown", async (from, fault) => {
  const { status, err, world } = await runWorld({ argv: ["init", `--from=${from}`] });
  expect([status, world.files.paths()]).toEqual([1, []]);
  expect(err).toContain(fault);
  expect(err).toContain("Write it as https://HOST/FILE.tgz#sha512-SUM or github:OWNER/REPO#COMMIT.");
  expect(err).not.toContain("ada:pw");
});
