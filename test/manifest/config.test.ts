// The config file: its defaults, its places, and what is wrong with it.
import { describe, expect, test } from "vitest";
import { makeConfig, makeDefaultConfig } from "../../src/manifest/config.ts";

const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";

const defaults = {
  environment: "mypurecloud.com",
  owner: "default",
  organization: null,
  manifests: "subscriptions",
  ignore: [],
  catalog: null,
  limits: { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 10 },
  rateShare: 1,
  allowedEndpointHosts: [],
  policy: { requiredLabels: [], unsharedEndpoints: false },
  values: {},
  prune: false,
  maxDeletePercent: 30,
  audit: { file: "audit-logs/subscription_audit.log", actors: "full" },
  state: {
    store: "files",
    git: { remote: "origin", branch: "reconcile-state" },
    postgres: { schema: "reconcile" },
  },
  aws: null,
  notify: [],
  file: "reconcile.yaml",
  places: {},
  stated: {},
};

test("without a config file, the contract's defaults hold", () => {
  expect(makeDefaultConfig("reconcile.yaml")).toEqual(defaults);
});

test("what the file gives takes the place of the defaults, and has a place", () => {
  const text = `${head}environment: us-west-2
owner: data.platform_1
manifests: subs
ignore: [kustomization.yaml, charts/**]
catalog: topics.txt
limits: { maxConcurrentConsumers: 100 }
rateShare: 0.25
allowedEndpointHosts: ["*.example.com", hooks.example.org]
policy: { requiredLabels: [team], unsharedEndpoints: true }
prune: true
maxDeletePercent: 12.5
audit: { file: trail.log, actors: none }
notify: [{ kind: slack, on: [failure] }, { kind: webhook }]
state: { store: git, git: { remote: state, branch: trails/v1 } }
organization: 0a1b2c3d-0000-4000-8000-000000000001
aws:
  webhooks:
    account: "123456789012"
    region: eu-west-1
    roleArn: arn:aws:iam::123456789012:role/deliver
    connections: [{ hosts: ["*"], arn: "arn:aws:events:eu-west-1:123456789012:connection/c/0a1b" }]
    deadLetterArn: null
    settle: PT90S
`;
  const config = makeConfig(text, "ops/reconcile.yaml");
  const at = (line: number, column: number): object => ({ file: "ops/reconcile.yaml", line, column });
  expect(config).toEqual({
    ok: true,
    value: {
      environment: "us-west-2",
      owner: "data.platform_1",
      organization: "0a1b2c3d-0000-4000-8000-000000000001",
      manifests: "ops/subs",
      ignore: ["kustomization.yaml", "charts/**"],
      catalog: "ops/topics.txt",
      limits: { maxEventTypesPerEndpoint: 15, maxConcurrentConsumers: 100 },
      rateShare: 0.25,
      allowedEndpointHosts: ["*.example.com", "hooks.example.org"],
      policy: { requiredLabels: ["team"], unsharedEndpoints: true },
      values: {},
      prune: true,
      maxDeletePercent: 12.5,
      audit: { file: "ops/trail.log", actors: "none" },
      stated: { manifests: "subs", catalog: "topics.txt", audit: "trail.log" },
      state: {
        store: "git",
        git: { remote: "state", branch: "trails/v1" },
        postgres: { schema: "reconcile" },
      },
      aws: {
        ...{ profile: null, assumeRole: null, associate: true },
        webhooks: {
          ...{ account: "123456789012", region: "eu-west-1", source: "data.platform_1" },
          roleArn: "arn:aws:iam::123456789012:role/deliver",
          connections: [{ hosts: ["*"], arn: "arn:aws:events:eu-west-1:123456789012:connection/c/0a1b" }],
          ...{ deadLetterArn: null, settleMs: 90_000 },
        },
      },
      notify: [
        { kind: "slack", on: ["failure"] },
        { kind: "webhook", on: ["drift", "failure", "recovery", "orphans", "trail"] },
      ],
      file: "ops/reconcile.yaml",
      places: {
        apiVersion: at(1, 13),
        kind: at(2, 7),
        environment: at(3, 14),
        owner: at(4, 8),
        manifests: at(5, 12),
        ignore: at(6, 9),
        catalog: at(7, 10),
        limits: at(8, 9),
        rateShare: at(9, 12),
        allowedEndpointHosts: at(10, 23),
        policy: at(11, 9),
        prune: at(12, 8),
        maxDeletePercent: at(13, 19),
        audit: at(14, 8),
        notify: at(15, 9),
        state: at(16, 8),
        organization: at(17, 15),
        aws: at(19, 3),
      },
    },
    diagnostics: [expect.objectContaining({ severity: "warning", code: "aws/noQueue", line: 24 })],
  });
});

describe("a config file with an error is refused:", () => {
  test.each([
    ["ownr: x", "3:1", "config/unknownKey", 'unknown key "ownr" in ReconcileConfig'],
    [
      "owner: a b",
      "3:8",
      "owner/malformed",
      'owner must be letters, digits and . _ -, at most 63 characters, not "a b"',
    ],
    [
      "owner: ''",
      "3:8",
      "owner/malformed",
      'owner must be letters, digits and . _ -, at most 63 characters, not ""',
    ],
    [
      "limits: { maxEventTypesPerEndpoint: 1001 }",
      "3:37",
      "maxEventTypesPerEndpoint/outOfRange",
      "limits.maxEventTypesPerEndpoint must be a whole number from 1 to 1000; a webhook takes 15 at most, not 1001",
    ],
    [
      "limits: { maxConcurrentConsumers: 0 }",
      "3:35",
      "maxConcurrentConsumers/outOfRange",
      "limits.maxConcurrentConsumers must be a whole number from 1 to 100, not 0",
    ],
    [
      "rateShare: 0",
      "3:12",
      "rateShare/outOfRange",
      "rateShare must be a number above 0, at most 1, not 0",
    ],
    [
      "rateShare: 1.1",
      "3:12",
      "rateShare/outOfRange",
      "rateShare must be a number above 0, at most 1, not 1.1",
    ],
    [
      "maxDeletePercent: 101",
      "3:19",
      "maxDeletePercent/outOfRange",
      "maxDeletePercent must be a number from 0 to 100, not 101",
    ],
    [
      "audit: { actors: some }",
      "3:18",
      "actors/unknown",
      'audit.actors must be "full" or "none", not "some"',
    ],
    [
      "state: { store: s3 }",
      "3:17",
      "store/unknown",
      'state.store must be "files", "git" or "postgres", not "s3"',
    ],
    [
      "state: { git: { remote: 'https://git.example.com/x' } }",
      "3:25",
      "remote/malformed",
      'state.git.remote must be the name of a Git remote, such as origin, and not its address, not "https://git.example.com/x"',
    ],
    [
      "state: { git: { remote: --upload-pack=x } }",
      "3:25",
      "remote/malformed",
      'state.git.remote must be the name of a Git remote, such as origin, and not its address, not "--upload-pack=x"',
    ],
    [
      "state: { git: { branch: a..b } }",
      "3:25",
      "branch/malformed",
      'state.git.branch must be a branch\'s name: letters, digits and . _ - /, such as reconcile-state, not "a..b"',
    ],
    [
      "state: { postgres: { schema: Reconcile } }",
      "3:30",
      "schema/malformed",
      'state.postgres.schema must be lower-case letters, digits and _, no digit at the start, at most 63 characters, not "Reconcile"',
    ],
    [
      "state: { postgres: { url: x } }",
      "3:22",
      "postgres/unknownKey",
      'unknown key "url" in state.postgres',
    ],
    [
      "allowedEndpointHosts: ['https://a.b']",
      "3:24",
      "allowedEndpointHosts/malformed",
      'allowedEndpointHosts[0] must be a host, *. and a host, such as *.example.com, or the 12 digits of an AWS account, in quotes, not "https://a.b"',
    ],
    [
      "allowedEndpointHosts: ['a.*.b']",
      "3:24",
      "allowedEndpointHosts/malformed",
      'allowedEndpointHosts[0] must be a host, *. and a host, such as *.example.com, or the 12 digits of an AWS account, in quotes, not "a.*.b"',
    ],
    ["prune: yes", "3:8", "prune/wrongType", 'prune must be true or false, not "yes"'],
    ["catalog: 5", "3:10", "catalog/wrongType", "catalog must be the path of a file, or null, not 5"],
    ["audit: {}\naudit: {}", "4:1", "yaml/duplicateKey", 'the key "audit" is given twice'],
    ["---\na: 1", "4:1", "config/tooMany", "a config file has one document, and this is the second"],
    ["a: [", "3:5", "yaml/syntax", "a ] is missing before this place"],
  ])("%s", (line, ...[at, code, message]) => {
    const config = makeConfig(`${head}${line}\n`, "c.yaml");
    const [row, column] = at.split(":").map(Number);
    const place = { file: "c.yaml", line: row, column };
    expect(config).toMatchObject({
      ok: false,
      diagnostics: [{ severity: "error", code, message, ...place }],
    });
  });

  test("a manifest in its place", () => {
    const config = makeConfig("apiVersion: reconcile.genesys/v1\nkind: WebhookSubscription\n", "c.yaml");
    expect(config).toMatchObject({
      ok: false,
      diagnostics: [
        { code: "kind/unknown", hint: "this is a manifest: move it into the folder of the manifests" },
      ],
    });
  });

  test("an empty file", () => {
    const hint =
      "delete the file, or begin it with apiVersion: reconcile.genesys/v1 and kind: ReconcileConfig";
    expect(makeConfig("", "c.yaml")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "document/empty", hint }],
    });
  });

  test.each([
    ["environment: 5", null],
    ["owner: 5", 'put it in quotes: "5"'],
    ["owner: 1.10", 'put it in quotes: "1.10"'],
    ["allowedEndpointHosts: [012345678901]", 'put it in quotes: "012345678901"'],
  ])("%s: a hint only where it helps", (line, hint) => {
    const config = makeConfig(`${head}${line}\n`, "c.yaml");
    expect(config.diagnostics[0]?.hint).toBe(hint);
  });

  test("one known key is named as such", () => {
    const config = makeConfig(`${head}state: { postgres: { url: b } }\n`, "c.yaml");
    expect(config.diagnostics[0]?.hint).toBe("the only key here is schema");
  });
});

test.each([
  ["reconcile-state", true],
  ["a/b.c/d_1", true],
  ["", false],
  ["/a", false],
  ["a/", false],
  ["a//b", false],
  [".a", false],
  ["a/.b", false],
  ["a.", false],
  ["a./b", false],
  ["a.lock", false],
  ["a.lock/b", false],
  ["-a", false],
  ["a/-b", false],
  ["a b", false],
  ["a~1", false],
  ["a^", false],
  ["a:b", false],
  ["a@{1}", false],
  ["a\\b", false],
  ["x".repeat(101), false],
])("a branch of the state may be called %j: %s", (branch, ok) => {
  const config = makeConfig(
    `${head}state: { git: { branch: ${JSON.stringify(branch)} } }\n`,
    "reconcile.yaml",
  );
  expect(config.ok).toBe(ok);
});
