// `values` of the config: where `${name}` stands for one, what is wrong with it, and what an editor says of it.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeConfig } from "../../src/manifest/config.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import type { Subscription } from "../../src/model/subscription.ts";
import { anything, manifestText as text } from "./manifest-text.ts";

const values = { host: "hooks.example.com", stage: "prod", dir: "/var/data", flow: "f".repeat(8) };

function read(manifest: string, options: Partial<typeof anything> = {}) {
  return makeSubscriptions([{ file: "a.yaml", text: manifest }], { ...anything, values, ...options });
}

function subscriptionOf(manifest: string): Subscription | undefined {
  const made = read(manifest);
  if (!made.ok) throw new Error(JSON.stringify(made.diagnostics));
  return made.value.subscriptions[0];
}

function faultsOf(manifest: string, options: Partial<typeof anything> = {}) {
  return read(manifest, options).diagnostics.map(({ code, line, column, message, hint }) => ({
    at: `${line ?? 0}:${column ?? 0} ${code}`,
    message,
    hint,
  }));
}

describe("`${name}` stands for a value", () => {
  test("in URLs, the group, the state file, labels and annotations", () => {
    const manifest = `apiVersion: reconcile.genesys/v1
kind: WebhookSubscription
metadata:
  name: alpha
  labels: { stage: "\${stage}" }
  annotations: { "\${stage}": "see https://\${host}/\${stage}" }
spec:
  consumerGroupId: orders-\${stage}
  renamedFrom: calls-\${stage}
  endpointUrl: https://\${host}/1
  endpointPool: ["https://\${host}/1", { url: "https://\${host}/2", weight: 2 }]
  eventTypes: [routing.queue.created]
  offsetTracking: { stateFile: "\${dir}/\${stage}.json" }
`;
    expect(subscriptionOf(manifest)).toMatchObject({
      labels: { stage: "prod" },
      group: "orders-prod",
      renamedFrom: "calls-prod",
      endpointUrl: "https://hooks.example.com/1",
      endpointPool: [
        { url: "https://hooks.example.com/1", weight: 1 },
        { url: "https://hooks.example.com/2", weight: 2 },
      ],
      offsetTracking: { stateFile: "/var/data/prod.json" },
    });
    const frozen = manifest.replace('"${stage}": "see', '"reconcile.genesys/freeze": "see');
    expect(subscriptionOf(frozen)?.freeze).toBe("see https://hooks.example.com/prod");
  });

  test("in match values, and in nothing else of a trigger", () => {
    const manifest = text(
      {
        endpointUrl: "  endpointUrl: workflow:7a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a",
        eventTypes: '  eventTypes: ["v2.detail.events.conversation.{id}.user.start"]',
      },
      `  trigger:
    matchCriteria:
      - { jsonPath: "$\{stage}", operator: Equal, value: "\${stage}" }
      - { jsonPath: queue, operator: In, values: ["\${stage}-a", 2, "$\${stage}"] }
`,
    );
    expect(subscriptionOf(manifest)?.trigger.matchCriteria).toEqual([
      { jsonPath: "${stage}", operator: "Equal", value: "prod" },
      { jsonPath: "queue", operator: "In", values: ["prod-a", 2, "${stage}"] },
    ]);
  });

  test("once: a value that holds a placeholder is put in as it stands, and `$${` is `${`", () => {
    const nested = text({
      metadata: 'metadata:\n  labels: { a: "${a}", b: "$${a}", c: "$$${a}", d: "$a" }',
    });
    const made = read(nested, { values: { a: "${stage}" } });
    expect(made.ok && made.value.subscriptions[0]?.labels).toEqual({
      ...{ a: "${stage}", b: "${a}", c: "$${a}", d: "$a" },
    });
  });

  test("as text, whatever it would be in YAML", () => {
    const manifest = text({ metadata: "metadata:\n  labels: { a: 'x${a}' }" });
    const made = read(manifest, { values: { a: '", b: "1' } });
    expect(made.ok && made.value.subscriptions[0]?.labels).toEqual({ a: 'x", b: "1' });
  });

  test("and the result is judged as any text, at the manifest's own place", () => {
    const manifest = text({ endpointUrl: "  endpointUrl: https://${host}/x" }).replace(
      "spec:\n",
      "spec:\n  consumerGroupId: a-${stage}\n",
    );
    const malformedGroup =
      "spec.consumerGroupId must be letters, digits and . _ : -, a letter or digit at the start, at most 200 characters, " +
      'not "a-b c"';
    const strict = { values: { host: "other.example.org", stage: "b c" } };
    expect(faultsOf(manifest, { ...strict, allowedEndpointHosts: ["*.example.com"] })).toMatchObject([
      { at: "6:20 consumerGroupId/malformed", message: malformedGroup },
      { at: "7:16 endpointUrl/hostNotAllowed", message: 'the host "other.example.org" is not allowed' },
    ]);
  });

  test("two groups that differ as written, and not with their values, are the same one", () => {
    const one = text({ name: "  name: one\n", spec: "spec:\n  consumerGroupId: g-${stage}" });
    const two = text({
      name: "  name: two\n",
      spec: "spec:\n  consumerGroupId: g-prod",
      offsetTracking: null,
    });
    expect(faultsOf(`${one}---\n${two}`)).toMatchObject([{ at: "18:20 consumerGroupId/notUnique" }]);
  });
});

describe("a placeholder that cannot be replaced is one error, at its place:", () => {
  const at = (endpoint: string, given: Readonly<Record<string, string>> = values) =>
    faultsOf(text({ endpointUrl: `  endpointUrl: "${endpoint}"` }), { values: given });

  test("a name without a value, with the names that there are", () => {
    expect(at("https://${hots}/x")).toEqual([
      {
        at: "6:16 values/unknownName",
        message: 'the config has no value for "hots"',
        hint: 'did you mean "host"? The values are host, stage, dir, flow',
      },
    ]);
    expect(at("https://${zone}.example.com/${region}")).toMatchObject([
      {
        message: 'the config has no value for "zone" and "region"',
        hint: "the values are host, stage, dir, flow; write $${ for ${ itself",
      },
    ]);
    expect(at("https://${toString}/x")).toMatchObject([{ at: "6:16 values/unknownName" }]);
  });

  test("without any values, how to give it one", () => {
    expect(at("https://${host}/x", {})).toEqual([
      {
        at: "6:16 values/unknownName",
        message: 'the config has no value for "host"',
        hint: "give it one under values in the config, such as `values: { host: … }`, or pass --config if another config has it; write $${ for ${ itself",
      },
    ]);
  });

  test("one that is not closed", () => {
    expect(at("https://${host/x")).toMatchObject([
      { at: "6:16 values/unclosed", message: "a ${ has no } behind its name" },
    ]);
  });

  test("where none is replaced, a hint names the places", () => {
    const faults = faultsOf(text({ name: "  name: alpha-${stage}" }));
    expect(faults).toMatchObject([
      {
        at: "4:9 name/malformed",
        hint: "the config's values are put into URLs, consumerGroupId, stateFile, match values, labels and annotations only",
      },
    ]);
  });

  test.each([
    ["in a list", text({ eventTypes: '  endpointPool: [https://${host}/1]\n  eventTypes: ["a.b"]' })],
    ["in a map", text({ metadata: "metadata:\n  labels: { stage: ${stage} }" })],
  ])("one without quotes on one line %s says so", (_, manifest) => {
    expect(faultsOf(manifest)).toMatchObject([
      { hint: 'within [ ] and { }, put a text with ${ } in quotes, such as "${name}"' },
    ]);
  });
});

describe("in the config", () => {
  const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";

  test("values are texts by name", () => {
    const config = makeConfig(`${head}values: { host: a.example.com, max: "1.10" }\n`, "reconcile.yaml");
    expect(config.ok && config.value.values).toEqual({ host: "a.example.com", max: "1.10" });
  });

  test.each([
    ["max: 1.10", "1.10", 'put it in quotes: "1.10"'],
    ["on: true", "true", 'put it in quotes: "true"'],
    ["host: [a]", "a list", null],
  ])("%s is an error, with the text to write", (line, shown, hint) => {
    const config = makeConfig(`${head}values:\n  ${line}\n`, "reconcile.yaml");
    const name = line.split(":")[0] ?? "";
    expect(config.diagnostics).toMatchObject([
      { line: 4, message: `values.${name} must be text, not ${shown}`, hint },
    ]);
  });
});

test("an editor takes placeholders, and says of other texts what the check says", () => {
  const url = new URL("../../schemas/webhook-subscription.v1.json", import.meta.url);
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(
    JSON.parse(readFileSync(url, "utf8")) as object,
  );
  const withGroup = (group: string, endpoint: string): string =>
    text({
      endpointUrl: `  endpointUrl: "${endpoint}"`,
      spec: `spec:\n  consumerGroupId: "${group}"\n  endpointPool: ["${endpoint}", { url: "${endpoint}" }]`,
    });
  const taken = (manifest: string): unknown => validate(parse(manifest));
  expect(taken(withGroup("orders-${stage}", "https://${host}/x"))).toBe(true);
  expect(taken(withGroup("${group}", "${endpoint}"))).toBe(true);
  expect(taken(withGroup("a b", "https://a.example.com/x"))).toBe(false);
  expect(taken(withGroup("a", "http://a.example.com/x"))).toBe(false);
  const escaped = faultsOf(withGroup("a-$${stage}", "https://a.example.com/x"));
  expect(escaped).toContainEqual(expect.objectContaining({ at: "6:20 consumerGroupId/malformed" }));
});
