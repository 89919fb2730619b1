// `init`: where it is run, what is there already, and what is in its way.
import { expect, test } from "vitest";
import { parse } from "yaml";
import configSchema from "../../schemas/reconcile-config.v1.json" with { type: "json" };
import manifestSchema from "../../schemas/webhook-subscription.v1.json" with { type: "json" };
import { makeSend } from "../../src/genesys/client/send.ts";
import { startChoices } from "../../src/init/starting-manifest.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import type { Result } from "../../src/model/result.ts";
import { seeWorld } from "../support/see.ts";
import { manifest, runWorld } from "../support/world.ts";

const workflows = ".github/workflows";

/** The first line of each. */
const warnings = (err: string): readonly string[] => err.match(/^warning: .*$/gm) ?? [];

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
  expect(warnings(err)).toEqual([expect.stringContaining("teams/voice/.github/workflows")]);
  expect(err).toContain("`working-directory: teams/voice`");
  for (const name of ["plan", "apply", "drift"]) {
    const workflow = world.files.text(`${workflows}/reconcile-${name}.yml`);
    expect(workflow).toContain('\n        working-directory: "teams/voice"\n');
  }
  const apply = world.files.text(`${workflows}/reconcile-apply.yml`);
  expect(apply).toContain('          path: "teams/voice/plan.json"\n');
});

test("the example goes where the config says, names its schema, and says what to replace", async () => {
  const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nmanifests: genesys/webhooks\n";
  const { world, out } = await runWorld({ argv: "init", files: { "reconcile.yaml": config } });
  expect(out).toContain("written  genesys/webhooks/example.yaml\n");
  const example = world.files.text("genesys/webhooks/example.yaml");
  expect(example.split("\n")[0]).toBe(
    "# yaml-language-server: $schema=../../schemas/webhook-subscription.v1.json",
  );
  const { $id } = JSON.parse(world.files.text("schemas/webhook-subscription.v1.json")) as { $id: string };
  expect($id).toBe(manifestSchema.$id);
  expect(example).toMatch(/\n {2}# [^\n]*placeholder[^\n]*\n {2}endpointUrl: /);
  const valid = await runWorld({ argv: "validate --output json", from: world });
  expect(JSON.parse(valid.out)).toMatchObject({
    ok: true,
    diagnostics: [{ severity: "warning", code: "endpointUrl/placeholder" }],
  });
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
  expect(err).toMatch(/^error: reconcile\.yml: [^\n]*\n {2}= [^\n]*reconcile\.yaml[^\n]*\n$/);
});

test.each(["subscriptions", ".github"])(
  "a file called %s: an error before anything is written",
  async (name) => {
    const { status, out, err, world } = await runWorld({ argv: "init", files: { [name]: "" } });
    expect([status, out, world.files.paths()]).toEqual([1, "", [`/${name}`]]);
    expect(err).toMatch(new RegExp(`^error: ${name} [^\n]* ${name}/\\S+ [^\n]*\n {2}= [^\n]+\n$`));
  },
);

test.each([
  ["init --owner default", {}],
  ["init", { name: "default" }],
])("%s, where the owner is called so, warns that others may be, too", async (argv, repository) => {
  const { status, err, world } = await runWorld({ argv, repository });
  expect(warnings(err)).toEqual([expect.stringContaining('"default"')]);
  expect(status).toBe(0);
  const again = await runWorld({ argv, repository, from: world });
  expect(again.err).toBe("");
});

const schemes = [
  {
    scheme: "https",
    endpointUrl: "https://events.example.com/genesys",
    created: 1,
    commands: ["plan --sandbox", "doctor", "plan", ""],
  },
  {
    scheme: "eventbridge",
    endpointUrl: "eventbridge://000000000000/us-east-1/example",
    created: 1,
    commands: ["plan --sandbox", "doctor", "plan", "--create-only", ""],
  },
  {
    scheme: "workflow",
    endpointUrl: "workflow:00000000-0000-4000-8000-000000000000",
    created: 2,
    commands: ["plan --sandbox", "doctor", "plan", ""],
  },
  {
    scheme: "route",
    endpointUrl: "https://events.example.com/genesys",
    created: 2,
    commands: ["plan --sandbox", "aws policy", "doctor", "plan", ""],
    more: ["aws/consumers"],
  },
];

test("each kind can be begun with", () => {
  expect(startChoices(builtInKinds).map(({ name }) => name)).toEqual(schemes.map(({ scheme }) => scheme));
});

test.each(schemes)(
  "--scheme $scheme: the manifest is valid, says what to replace, is warned of until then, and works in the sandbox",
  async ({ scheme, endpointUrl, created, commands, more = [] }) => {
    const { status, out, err, world } = await runWorld({ argv: `init --scheme ${scheme}` });
    expect([status, err]).toEqual([0, ""]);
    const example = world.files.text("subscriptions/example.yaml");
    expect(example).toContain(`\n  endpointUrl: ${endpointUrl}\n`);
    expect(example).toMatch(/\n {2}# A placeholder[^\n]* before the first real run/);
    expect(example.includes("\n  trigger:\n")).toBe(scheme === "workflow");
    const printed = [...out.matchAll(/^ {2}(?:\d\. )?reconcile ?(.*)\n/gm)];
    expect(printed.map(([, command]) => command)).toEqual(commands);

    const expected = ["endpointUrl/placeholder"];
    const valid = await seeWorld({ argv: "validate", from: world });
    const codesOf = ({ diagnostics }: Pick<Result, "diagnostics">) => diagnostics.map(({ code }) => code);
    expect([valid.status, codesOf(valid.result)]).toEqual([0, [...expected, ...more]]);
    const around = { environment: {}, send: makeSend() };
    const first = await seeWorld({ argv: "--sandbox", from: world, ...around });
    expect([first.status, first.result.summary.create]).toEqual([0, created]);
    expect(codesOf(first.result).filter((code) => code === "endpointUrl/placeholder")).toEqual(expected);
    const second = await runWorld({ argv: "--sandbox --detailed-exitcode", from: world, ...around });
    expect([second.status, second.err]).toEqual([0, ""]);
  },
);

test("--scheme eventbridge says, before its last command, that the event source is to be associated in AWS", async () => {
  const { out } = await runWorld({ argv: "init --scheme eventbridge" });
  const steps = [...out.matchAll(/^ {2}(\d)\. (.*)$/gm)].map(([, number, step]) => `${number} ${step}`);
  expect(steps).toEqual([
    "1 reconcile doctor",
    "2 reconcile plan",
    "3 reconcile --create-only",
    expect.stringMatching(/^4 in AWS, .*docs\/eventbridge\.md/),
    "5 reconcile",
  ]);
});

test("--scheme without a name for it is https; one that there is not is an error", async () => {
  const named = await runWorld({ argv: "init --scheme https" });
  const unnamed = await runWorld({ argv: "init" });
  const path = "subscriptions/example.yaml";
  expect([unnamed.out, unnamed.world.files.text(path)]).toEqual([named.out, named.world.files.text(path)]);
  const wrong = await runWorld({ argv: "init --scheme sqs" });
  expect([wrong.status, wrong.world.files.paths()]).toEqual([1, []]);
  expect(wrong.err).toContain("https, eventbridge, workflow");
});

test.each(["example.yaml", "alpha.yaml"])(
  "--scheme workflow beside %s: it says that no such manifest is written, and how to get one",
  async (name) => {
    const files = { [`subscriptions/${name}`]: manifest("alpha") };
    const { status, err, world } = await runWorld({ argv: "init --scheme workflow", files });
    expect([status, world.files.text(`subscriptions/${name}`)]).toEqual([0, manifest("alpha")]);
    expect(warnings(err)).toEqual([expect.stringContaining("workflow:")]);
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
  const first = await runWorld({ argv: "init", repository: { hasOrigin: true } });
  const lines = `
Before you push the workflows, fill in one of these lines at the top of each:
  RECONCILE_FROM: "https://HOST/FILE.tgz#sha512-SUM"
  RECONCILE_FROM: "github:OWNER/REPO#COMMIT"
`;
  expect(first.out.endsWith(lines)).toBe(true);
  const again = await runWorld({ argv: "init", from: first.world });
  expect(again.out.endsWith(lines)).toBe(true);
  for (const name of workflowNames) {
    const path = `${workflows}/reconcile-${name}.yml`;
    const text = again.world.files.text(path);
    await again.world.files.write(
      path,
      text.replace('FROM: ""', `FROM: "github:acme/reconcile#${commit}"`),
    );
  }
  const filledIn = await runWorld({ argv: "init", from: again.world });
  expect(filledIn.out).not.toContain("RECONCILE_FROM");
});

test("--from beside workflows that are there already says that they stay as they are", async () => {
  const { world } = await runWorld({ argv: "init" });
  const path = `${workflows}/reconcile-plan.yml`;
  const before = world.files.text(path);
  const again = await runWorld({ argv: `init --from github:acme/reconcile#${commit}`, from: world });
  expect([again.status, world.files.text(path)]).toEqual([0, before]);
  const paths = workflowNames.map((name) => `${workflows}/reconcile-${name}.yml`).join(", ");
  expect(warnings(again.err)).toEqual([expect.stringContaining(paths)]);
  expect(again.err).toContain(`RECONCILE_FROM: "github:acme/reconcile#${commit}"`);
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
  expect(err).toContain("https://HOST/FILE.tgz#sha512-SUM or github:OWNER/REPO#COMMIT");
  expect(err).not.toContain("ada:pw");
});

interface Written {
  readonly state?: unknown;
}

const stateIn = (text: string): unknown => (parse(text) as Written).state;

test("in a repository with a remote the state is kept there, and nothing is left to do about it", async () => {
  const { out, err, world } = await runWorld({ argv: "init", repository: { hasOrigin: true } });
  const config = world.files.text("reconcile.yaml");
  expect(stateIn(config)).toEqual({ store: "git" });
  // A public repository is refused, so the config says what to do then.
  expect(config).toMatch(/^# .*If anybody can read that repository/m);
  expect([err, out.includes("state: {")]).toEqual(["", false]);
});

test("without a remote the state is in files, so that a first plan works, and the line for later is there", async () => {
  const { out, world } = await runWorld({ argv: "init" });
  const config = world.files.text("reconcile.yaml");
  expect(stateIn(config)).toBeUndefined();
  expect(stateIn(config.replace(/^# (?=state:)/m, ""))).toEqual({ store: "git" });
  expect(out).toContain("\n  state: { store: git }\n");
  const planned = await runWorld({ argv: "plan", from: world });
  expect([planned.status, planned.err]).toEqual([0, expect.not.stringContaining("state/")]);
});

const kept = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";

test("a config with another store stays, and the workflows log in to that one", async () => {
  const config = `${kept}state: { store: postgres }\n`;
  const files = { "reconcile.yaml": config };
  const { out, world } = await runWorld({ argv: "init", files, repository: { hasOrigin: true } });
  expect([world.files.text("reconcile.yaml"), out.includes("state: {")]).toEqual([config, false]);
  const apply = world.files.text(`${workflows}/reconcile-apply.yml`);
  expect(apply).toContain("RECONCILE_DATABASE_URL: ${{ secrets.RECONCILE_DATABASE_URL }}");
  expect(apply).not.toMatch(/RECONCILE_GIT_TOKEN|contents: write/);
});

test.each(["", "state: { store: files }\n"])(
  "a config that keeps its state in files (%j) stays, and the line that the workflows need is shown",
  async (state) => {
    const files = { "reconcile.yaml": `${kept}${state}` };
    const { out, world } = await runWorld({ argv: "init", files, repository: { hasOrigin: true } });
    expect(world.files.text("reconcile.yaml")).toBe(`${kept}${state}`);
    expect(out).toContain("\n  state: { store: git }\n");
    expect(world.files.text(`${workflows}/reconcile-apply.yml`)).toContain("contents: write");
  },
);

test("without a choice, a config that asks for routes gets an example of one", async () => {
  const asked = await runWorld({ argv: "init --scheme route" });
  const files = { "reconcile.yaml": asked.world.files.text("reconcile.yaml") };
  const { world, err } = await runWorld({ argv: "init", files });
  expect(world.files.text("subscriptions/example.yaml")).toBe(
    asked.world.files.text("subscriptions/example.yaml"),
  );
  expect(err).toBe("");
});
