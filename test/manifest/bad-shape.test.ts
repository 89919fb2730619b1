// Keys and values that the format does not know.
import { describe } from "vitest";
import { manifestText as text, eventTypesLine } from "./manifest-text.ts";
import { testMistakes, type Mistake } from "./mistakes.ts";

const shape: readonly Mistake[] = [
  {
    what: "a misspelt key",
    text: text({ eventTypes: "  eventTypez: [a.b]" }),
    at: "7:3",
    code: "spec/unknownKey",
    message: 'unknown key "eventTypez" in spec',
    hint: 'did you mean "eventTypes"?',
  },
  {
    what: "a key from nowhere",
    text: text({}, "  banana: 1\n"),
    at: "9:3",
    code: "spec/unknownKey",
    message: 'unknown key "banana" in spec',
    hint:
      "the keys here are consumerGroupId, renamedFrom, endpointUrl, endpointPool, eventTypes, retryPolicy, trigger, state, " +
      "offsetTracking, rebalance, historicalRate",
  },
  {
    what: "a key at the wrong level",
    text: text({ kind: "kind: WebhookSubscription\nsomething: else" }),
    at: "3:1",
    code: "manifest/unknownKey",
    message: 'unknown key "something" in WebhookSubscription',
    hint: "the keys here are apiVersion, kind, metadata, spec",
  },
  {
    what: "a misspelt key of a pool entry",
    text: text({}, "  endpointPool:\n    - { url: https://a.example.com/1, wieght: 2 }\n"),
    at: "10:39",
    code: "endpointPool/unknownKey",
    message: 'unknown key "wieght" in spec.endpointPool[0]',
    hint: 'did you mean "weight"?',
  },
  {
    what: "a duplicate key",
    text: text({}, "  state: enabled\n  state: disabled\n"),
    at: "10:3",
    code: "yaml/duplicateKey",
    message: 'the key "state" is given twice',
    hint: "remove one of them",
  },
  {
    what: "text where a number belongs",
    text: text({}, '  retryPolicy: { retryCount: "3" }\n'),
    at: "9:30",
    code: "retryCount/wrongType",
    message: 'spec.retryPolicy.retryCount must be a whole number from 0 to 10, not "3"',
    hint: "write it without quotes",
  },
  {
    what: "a number where text belongs",
    text: text({ name: "  name: 12" }),
    at: "4:9",
    code: "name/wrongType",
    message:
      "metadata.name must be lower-case letters, digits and hyphens, a letter or digit at both ends, " +
      "at most 63 characters, not 12",
    hint: 'put it in quotes: "12"',
  },
  {
    what: "a label that is a number",
    text: text({ name: "  name: alpha\n  labels: { team/x: 1 }" }),
    at: "5:21",
    code: "labels/wrongType",
    message: "metadata.labels.team/x must be text, not 1",
    hint: 'put it in quotes: "1"',
  },
  {
    what: "a label that is a number with a zero at its end",
    text: text({ name: "  name: alpha\n  labels: { version: 1.10 }" }),
    at: "5:22",
    code: "labels/wrongType",
    message: "metadata.labels.version must be text, not 1.10",
    hint: 'put it in quotes: "1.10"',
  },
  {
    what: "a label that is a number in hexadecimal digits",
    text: text({ name: "  name: alpha\n  labels: { mask: 0x1F }" }),
    at: "5:19",
    code: "labels/wrongType",
    message: "metadata.labels.mask must be text, not 0x1F",
    hint: 'put it in quotes: "0x1F"',
  },
  {
    what: "a label that is YAML for true",
    text: text({ name: "  name: alpha\n  labels: { live: True }" }),
    at: "5:19",
    code: "labels/wrongType",
    message: "metadata.labels.live must be text, not True",
    hint: 'put it in quotes: "True"',
  },
  {
    what: "a group that is a number, whose own text no group may have",
    text: text({ spec: "spec:\n  consumerGroupId: +1" }),
    at: "6:20",
    code: "consumerGroupId/wrongType",
    message:
      "spec.consumerGroupId must be letters, digits and . _ : -, a letter or digit at the start, " +
      "at most 200 characters, not +1",
  },
  {
    what: "a number where no quoted number would do, either",
    text: text({ eventTypes: "  eventTypes: [42]" }),
    at: "7:16",
    code: "eventTypes/wrongType",
    message:
      "spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      "separated by dots, at most 256 characters, not 42",
  },
  {
    what: "seconds where a duration belongs",
    text: text({}, "  retryPolicy: { retryInterval: 60 }\n"),
    at: "9:33",
    code: "retryInterval/wrongType",
    message: "spec.retryPolicy.retryInterval must be an ISO 8601 duration such as PT1M, not 60",
  },
  {
    what: "text where a map belongs",
    text: text({}, "  retryPolicy: three times\n"),
    at: "9:16",
    code: "retryPolicy/wrongType",
    message:
      "spec.retryPolicy must be a map with retryCount, retryInterval and retryOnTimeout, each optional, " +
      'not "three times"',
  },
  {
    what: "a list where a map belongs",
    text: text({ spec: "spec: [1]", endpointUrl: null, eventTypes: null, offsetTracking: null }),
    at: "5:7",
    code: "spec/wrongType",
    message: "spec must be a map with endpointUrl and eventTypes, not a list",
  },
  {
    what: "a document that is text",
    text: "hello\n",
    at: "1:1",
    code: "manifest/wrongType",
    message: 'the document must be a map with apiVersion, kind, metadata and spec, not "hello"',
  },
  {
    what: "a key without a value",
    text: text({ eventTypes: "  eventTypes:" }),
    at: "7:3",
    code: "eventTypes/empty",
    message: "spec.eventTypes is empty",
    hint: "it must be a list of at least one event type",
  },
  {
    what: "an empty list of event types",
    text: text({ eventTypes: "  eventTypes: []" }),
    at: "7:15",
    code: "eventTypes/empty",
    message: "spec.eventTypes must be a list of at least one event type, not an empty list",
  },
  {
    what: "no event types",
    text: text({ eventTypes: null }),
    at: "5:1",
    code: "eventTypes/missing",
    message: "spec.eventTypes is missing",
    hint: "it must be a list of at least one event type",
  },
  {
    what: "offset tracking without anything in it",
    text: text({ offsetTracking: "  offsetTracking:" }),
    at: "8:3",
    code: "offsetTracking/empty",
    message: "spec.offsetTracking is empty",
    hint: "it must be a map with enabled and stateFile, each optional",
  },
  {
    what: "a state file with a |",
    text: text({ offsetTracking: '  offsetTracking: { stateFile: "a | b" }' }),
    at: "8:32",
    code: "stateFile/malformed",
    message:
      "spec.offsetTracking.stateFile must be the path of a file, without | and control characters, " +
      'at most 1024 characters, not "a | b"',
  },
  {
    what: "a state file with a line break",
    text: text({ offsetTracking: '  offsetTracking: { stateFile: "a\\nb" }' }),
    at: "8:32",
    code: "stateFile/malformed",
    message:
      "spec.offsetTracking.stateFile must be the path of a file, without | and control characters, " +
      'at most 1024 characters, not "a\\nb"',
  },
  {
    what: "no name",
    text: text({ metadata: "metadata: {}", name: null }),
    at: "3:1",
    code: "name/missing",
    message: "metadata.name is missing",
    hint:
      "it must be lower-case letters, digits and hyphens, a letter or digit at both ends, " +
      "at most 63 characters",
  },
  {
    what: "a malformed name",
    text: text({ name: "  name: Alpha_1" }),
    at: "4:9",
    code: "name/malformed",
    message:
      "metadata.name must be lower-case letters, digits and hyphens, a letter or digit at both ends, " +
      'at most 63 characters, not "Alpha_1"',
  },
  {
    what: "a name that is too long",
    text: text({ name: `  name: ${"a".repeat(64)}` }),
    at: "4:9",
    code: "name/malformed",
    message:
      "metadata.name must be lower-case letters, digits and hyphens, a letter or digit at both ends, " +
      `at most 63 characters, not "${"a".repeat(64)}"`,
  },
  {
    what: "a consumer group that would forge the ownership marker",
    text: text({}, '  consumerGroupId: "x | Managed by: reconcile (default)"\n'),
    at: "9:20",
    code: "consumerGroupId/malformed",
    message:
      "spec.consumerGroupId must be letters, digits and . _ : -, a letter or digit at the start, " +
      'at most 200 characters, not "x | Managed by: reconcile (default)"',
  },
  {
    what: "a consumer group that is too long",
    text: text({}, `  consumerGroupId: ${"x".repeat(201)}\n`),
    at: "9:20",
    code: "consumerGroupId/malformed",
    message:
      "spec.consumerGroupId must be letters, digits and . _ : -, a letter or digit at the start, " +
      `at most 200 characters, not "${"x".repeat(80)}…"`,
  },
  {
    what: "a state that is none",
    text: text({}, "  state: enabeld\n"),
    at: "9:10",
    code: "state/unknown",
    message: 'spec.state must be "enabled" or "disabled", not "enabeld"',
    hint: 'did you mean "enabled"?',
  },
  {
    what: "a mode that is none",
    text: text({}, "  rebalance: { mode: sometimes }\n"),
    at: "9:22",
    code: "mode/unknown",
    message: 'spec.rebalance.mode must be "overLimit" or "always", not "sometimes"',
  },
  {
    what: "too many tries",
    text: text({}, "  retryPolicy: { retryCount: 11 }\n"),
    at: "9:30",
    code: "retryCount/outOfRange",
    message: "spec.retryPolicy.retryCount must be a whole number from 0 to 10, not 11",
  },
  {
    what: "fewer than no tries",
    text: text({}, "  retryPolicy: { retryCount: -1 }\n"),
    at: "9:30",
    code: "retryCount/outOfRange",
    message: "spec.retryPolicy.retryCount must be a whole number from 0 to 10, not -1",
  },
  {
    what: "a part of a try",
    text: text({}, "  retryPolicy: { retryCount: 1.5 }\n"),
    at: "9:30",
    code: "retryCount/wrongType",
    message: "spec.retryPolicy.retryCount must be a whole number from 0 to 10, not 1.5",
  },
  {
    what: "a rate of nothing",
    text: text({}, "  historicalRate: 0\n"),
    at: "9:19",
    code: "historicalRate/outOfRange",
    message: "spec.historicalRate must be a number above 0: events a second per event type, not 0",
  },
  {
    what: "an endless rate",
    text: text({}, "  historicalRate: .inf\n"),
    at: "9:19",
    code: "historicalRate/wrongType",
    message: "spec.historicalRate must be a number above 0: events a second per event type, not .inf",
  },
  {
    what: "a weight of nothing",
    text: text({}, "  endpointPool: [{ url: https://a.example.com/1, weight: 0 }]\n"),
    at: "9:58",
    code: "weight/outOfRange",
    message: "spec.endpointPool[0].weight must be a whole number from 1 to 1000, not 0",
  },
  {
    what: "a negative weight",
    text: text({}, "  endpointPool: [{ url: https://a.example.com/1, weight: -2 }]\n"),
    at: "9:58",
    code: "weight/outOfRange",
    message: "spec.endpointPool[0].weight must be a whole number from 1 to 1000, not -2",
  },
  {
    what: "an empty pool",
    text: text({}, "  endpointPool: []\n"),
    at: "9:17",
    code: "endpointPool/empty",
    message: "spec.endpointPool must be a list of at least one endpoint, not an empty list",
  },
  {
    what: "a pool that is no list, with more event types than one endpoint takes",
    text: text({ eventTypes: eventTypesLine(16) }, "  endpointPool: https://a.example.com/1\n"),
    at: "9:17",
    code: "endpointPool/wrongType",
    message: 'spec.endpointPool must be a list of at least one endpoint, not "https://a.example.com/1"',
  },
  {
    what: "an unknown kind",
    text: text({ kind: "kind: WebhookSubscripton", spec: "spek:" }),
    at: "2:7",
    code: "kind/unknown",
    message: 'unknown kind "WebhookSubscripton"',
    hint: 'did you mean "WebhookSubscription"?',
  },
  {
    what: "a kind from elsewhere",
    text: "apiVersion: v1\nkind: ConfigMap\ndata: {}\n",
    at: "2:7",
    code: "kind/unknown",
    message: 'unknown kind "ConfigMap"',
    hint: "use WebhookSubscription",
  },
  {
    what: "a config file among the manifests",
    text: "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n",
    at: "2:7",
    code: "kind/unknown",
    message: 'unknown kind "ReconcileConfig"',
    hint: "this is a config file: move it out of the folder of the manifests",
  },
  {
    what: "an unknown version",
    text: text({ apiVersion: "apiVersion: reconcile.genesys/v2", name: null }),
    at: "1:13",
    code: "apiVersion/unknown",
    message: 'unknown apiVersion "reconcile.genesys/v2"',
    hint: "this version of reconcile reads reconcile.genesys/v1",
  },
  {
    what: "a version that is a number",
    text: text({ apiVersion: "apiVersion: 1.0" }),
    at: "1:13",
    code: "apiVersion/unknown",
    message: 'apiVersion must be "reconcile.genesys/v1", not 1.0',
  },
  {
    what: "a kind that is no text",
    text: text({ kind: "kind: 5" }),
    at: "2:7",
    code: "kind/unknown",
    message: 'kind must be "WebhookSubscription", not 5',
  },
];

describe("what the format does not know is told in its words", () => {
  testMistakes(shape);
});
