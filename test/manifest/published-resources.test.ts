// Groups whose events go to AWS or to workflows: what a manifest may say of them, and what it may not.
import { describe, expect, it } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import type { RuleOptions } from "../../src/manifest/rules/rule.ts";
import { anything, catalogOf, manifestText } from "./manifest-text.ts";

const workflow = { endpointUrl: "  endpointUrl: workflow:7a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a" };
const source = { endpointUrl: "  endpointUrl: eventbridge://123456789012/us-east-1/genesys" };
const eventTypes = '  eventTypes: ["v2.users.{id}.presence"]';

const validate = (text: string, catalog: RuleOptions["catalog"] = null) => {
  const loaded = makeSubscriptions([{ file: "a.yaml", text }], { ...anything, catalog });
  const told = loaded.diagnostics.map(
    ({ severity, code, message, line, hint }) =>
      `${severity} ${line ?? 0} ${code}: ${message}; ${hint ?? ""}`,
  );
  return { subscription: loaded.ok ? loaded.value.subscriptions[0] : undefined, told };
};

describe("the built-in catalogue", () => {
  it.each([
    ["a workflow", workflow],
    ["AWS", source],
  ])("only warns, for %s, with what is near", (_, endpoint) => {
    const near = '  eventTypes: ["v2.user.{id}.presence", "v2.users.{id}.presence", x.y]';
    expect(validate(manifestText({ ...endpoint, eventTypes: near })).told).toEqual([
      'warning 7 eventTypes/notPublished: the event type "v2.user.{id}.presence" is not among Genesys Cloud\'s published topics; did you mean "v2.users.{id}.presence"?',
      'warning 7 eventTypes/notPublished: the event type "x.y" is not among Genesys Cloud\'s published topics; `reconcile catalog pull` writes the topics that your organisation has',
    ]);
  });

  it.each(["{ID}", "*", "id"])("takes %s for no identifier", (part) => {
    const slip = `  eventTypes: ["v2.users.${part}.presence", "v2.detail.events.conversation.${part}.acw"]`;
    expect(validate(manifestText({ ...workflow, eventTypes: slip })).told).toEqual([
      `warning 7 eventTypes/notPublished: the event type "v2.users.${part}.presence" is not among Genesys Cloud's published topics; did you mean "v2.users.{id}.presence"?`,
      `warning 7 eventTypes/notPublished: the event type "v2.detail.events.conversation.${part}.acw" is not among Genesys Cloud's published topics; did you mean "v2.detail.events.conversation.{id}.acw"?`,
    ]);
  });

  it("has nothing to say of webhooks", () => {
    expect(validate(manifestText()).told).toEqual([]);
  });

  it("gives way to the one that the config names, which makes errors", () => {
    const { told } = validate(manifestText({ ...workflow, eventTypes }), catalogOf("v2.queues.{id}"));
    expect(told).toEqual([
      'error 7 eventTypes/notInCatalog: the event type "v2.users.{id}.presence" is not in the catalogue; add it to the catalogue, or correct it',
    ]);
  });
});

describe("spec.trigger", () => {
  const trigger = (text: string): string =>
    manifestText({ ...workflow, eventTypes }, `  trigger: ${text}\n`);

  it("says which events start the workflow, and when", () => {
    const criteria = "[{ jsonPath: mediaType, operator: In, values: [VOICE, CHAT] }]";
    const { subscription, told } = validate(trigger(`{ matchCriteria: ${criteria}, eventTTLSeconds: 60 }`));
    expect([told, subscription?.trigger]).toEqual([
      [],
      {
        matchCriteria: [{ jsonPath: "mediaType", operator: "In", values: ["VOICE", "CHAT"] }],
        eventTTLSeconds: 60,
        delayBySeconds: null,
      },
    ]);
  });

  it.each([
    "Equal, value: VOICE",
    "Equal, value: 0",
    "LessThan, value: false",
    "NotIn, values: [1]",
    "Contains, value: a",
    "Contains, values: [a, b]",
    "All, values: [a]",
    "Exists",
    "Exists, value: false",
    'Exists, value: "true"',
    "Size, value: 0",
  ])("takes the operator %s", (rest) => {
    const { told } = validate(trigger(`{ matchCriteria: [{ jsonPath: a, operator: ${rest} }] }`));
    expect(told).toEqual([]);
  });

  it.each([
    ["{ eventTTLSeconds: 9 }", "eventTTLSeconds/"],
    ["{ delayBySeconds: 59 }", "delayBySeconds/"],
    ["{ delayBySeconds: 901 }", "delayBySeconds/"],
    ["{ matchCriteria: [{ jsonPath: a, operator: equal }] }", "operator/"],
    ["{ matchCriteria: [{ operator: Equal }] }", "jsonPath/"],
    ["{ eventTTLSeconds: 10, delayBySeconds: 60 }", "trigger/both"],
  ])("%s is an error", (text, code) => {
    const { told } = validate(trigger(text));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(code);
    expect(told[0]).toMatch(/^error /);
  });

  it("has a TTL or a delay, in words that say so", () => {
    expect(validate(trigger("{ eventTTLSeconds: 10, delayBySeconds: 60 }")).told).toEqual([
      "error 9 trigger/both: eventTTLSeconds and delayBySeconds cannot be used together; remove one of them",
    ]);
  });

  it("is an error where no workflow is started", () => {
    const text = manifestText({ ...source, eventTypes }, "  trigger: { delayBySeconds: 60 }\n");
    expect(validate(text).told).toEqual([
      "error 9 trigger/notHere: trigger is for groups whose endpoints are workflows, and this group has EventBridge integrations; remove it, or use workflow: endpoints",
    ]);
  });
});

it.each([
  [
    "eventbridge://000000000000/us-east-1/a",
    "the AWS account 000000000000 is a placeholder: no events arrive until you replace it; put the 12 digits of your AWS account there",
  ],
  [
    "workflow:00000000-0000-4000-8000-000000000000",
    "the workflow's id is a placeholder: no event starts a workflow until you replace it; replace it with your workflow's id, which is in the address of the workflow's page",
  ],
])("%s, as init writes it, is a warning, in a pool too", (url, words) => {
  const text = manifestText(
    { endpointUrl: `  endpointUrl: ${url}`, eventTypes },
    `  endpointPool: ["${url}"]\n`,
  );
  expect(validate(text).told).toEqual([
    `warning 6 endpointUrl/placeholder: ${words}`,
    `warning 9 endpointPool/placeholder: ${words}`,
  ]);
});

it.each([
  ["eu-wset-1", 'did you mean "eu-west-1"? if AWS has opened the region since, ignore this warning'],
  ["xy-somewhere-1", "if AWS has opened the region since, ignore this warning"],
])("the AWS region %s, which is not known, is a warning", (region, hint) => {
  const endpointUrl = `  endpointUrl: eventbridge://123456789012/${region}/a`;
  expect(validate(manifestText({ endpointUrl, eventTypes })).told).toEqual([
    `warning 6 endpointUrl/unknownRegion: "${region}" is not an AWS region that this version of reconcile lists; ${hint}`,
  ]);
});

it.each(["eu-central-2", "us-gov-west-1", "eusc-de-east-1"])("the AWS region %s is known", (region) => {
  const endpointUrl = `  endpointUrl: eventbridge://123456789012/${region}/a`;
  expect(validate(manifestText({ endpointUrl, eventTypes })).told).toEqual([]);
});

it("a retry policy that nothing follows is a warning", () => {
  const text = manifestText({ ...source, eventTypes }, "  retryPolicy: { retryCount: 1 }\n");
  expect(validate(text).told).toEqual([
    "warning 9 retryPolicy/unused: retryPolicy has no effect here: Genesys Cloud uses it for webhooks, and this group has EventBridge integrations; remove it",
  ]);
});

it("what a trigger's description has no room for is an error", () => {
  const stateFile = (length: number) => ({
    offsetTracking: `  offsetTracking: { stateFile: /${"x".repeat(length - 1)} }`,
  });
  expect(validate(manifestText({ ...workflow, eventTypes, ...stateFile(381) })).told).toEqual([]);
  expect(validate(manifestText({ ...workflow, eventTypes, ...stateFile(382) })).told).toEqual([
    "error 8 stateFile/tooLong: the group and its stateFile have 387 characters, but the description of triggers has room for 386; shorten the path of the stateFile",
  ]);
  expect(validate(manifestText({ ...source, eventTypes, ...stateFile(382) })).told).toEqual([]);
});
