// What users get wrong: each mistake gives one diagnostic, at its place, in their words.
import { describe, expect, test } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { hasErrors } from "../../src/model/diagnostic.ts";
import { anything, eventTypesLine, manifestText as text, poolLine } from "./manifest-text.ts";

interface Mistake {
  readonly what: string;
  readonly text: string;
  readonly at: `${number}:${number}`;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly options?: Partial<typeof anything>;
}

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
      "known are consumerGroupId, endpointUrl, endpointPool, eventTypes, retryPolicy, state, " +
      "offsetTracking, rebalance, historicalRate",
  },
  {
    what: "a key at the wrong level",
    text: text({ kind: "kind: WebhookSubscription\nsomething: else" }),
    at: "3:1",
    code: "manifest/unknownKey",
    message: 'unknown key "something" in WebhookSubscription',
    hint: "known are apiVersion, kind, metadata, spec",
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
    message: "spec must be a map with endpointUrl, eventTypes and offsetTracking, not a list",
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
    what: "no state file",
    text: text({ offsetTracking: "  offsetTracking: { enabled: true }" }),
    at: "8:3",
    code: "stateFile/missing",
    message: "spec.offsetTracking.stateFile is missing",
    hint: "it must be the path of a file, without | and control characters, at most 1024 characters",
  },
  {
    what: "no offset tracking at all",
    text: text({ offsetTracking: null }),
    at: "5:1",
    code: "offsetTracking/missing",
    message: "spec.offsetTracking is missing",
    hint: "it must be a map with a stateFile, such as { stateFile: /var/data/offsets.json }",
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
    message: "spec.historicalRate must be a number above 0: events a second per event type, not Infinity",
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
    message: "spec.endpointPool must be a list of at least one https URL, not an empty list",
  },
  {
    what: "a pool that is no list, with more event types than one endpoint takes",
    text: text({ eventTypes: eventTypesLine(16) }, "  endpointPool: https://a.example.com/1\n"),
    at: "9:17",
    code: "endpointPool/wrongType",
    message: 'spec.endpointPool must be a list of at least one https URL, not "https://a.example.com/1"',
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
    hint: "the config file does not belong among the manifests",
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
    what: "a kind that is no text",
    text: text({ kind: "kind: 5" }),
    at: "2:7",
    code: "kind/unknown",
    message: 'kind must be "WebhookSubscription", not 5',
  },
];

const endpoints: readonly Mistake[] = [
  {
    what: "an http URL",
    text: text({ endpointUrl: "  endpointUrl: http://a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: "the URL is http, and events are delivered over https only",
    hint: "use https://",
  },
  {
    what: "a relative URL",
    text: text({ endpointUrl: "  endpointUrl: /hook" }),
    at: "6:16",
    code: "endpointUrl/relative",
    message: "the URL is not absolute: it does not start with https://",
    hint: "write it as https://host/path",
  },
  {
    what: "a host and port without a scheme",
    text: text({ endpointUrl: '  endpointUrl: "a.example.com:443/hook"' }),
    at: "6:16",
    code: "endpointUrl/relative",
    message: "the URL is not absolute: it does not start with https://",
    hint: "write it as https://host/path",
  },
  {
    what: "another scheme",
    text: text({ endpointUrl: '  endpointUrl: "ftp://a.example.com/hook"' }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: 'an endpoint must be an https URL, not "ftp:"',
    hint: "write it as https://host/path",
  },
  {
    what: "credentials",
    text: text({ endpointUrl: "  endpointUrl: https://me:secret@a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/credentials",
    message: "the URL holds credentials, which would be stored and shown in clear",
    hint: "remove what stands before the @",
  },
  {
    what: "empty credentials",
    text: text({ endpointUrl: "  endpointUrl: https://@a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/credentials",
    message: "the URL holds credentials, which would be stored and shown in clear",
    hint: "remove what stands before the @",
  },
  {
    what: "a fragment",
    text: text({ endpointUrl: "  endpointUrl: https://a.example.com/hook#here" }),
    at: "6:16",
    code: "endpointUrl/fragment",
    message: "the URL has a fragment (#), which is never sent",
    hint: "remove it",
  },
  {
    what: "no host",
    text: text({ endpointUrl: "  endpointUrl: https:///hook" }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "the URL has no host",
    hint: "write it as https://host/path",
  },
  {
    what: "a port beyond all ports",
    text: text({ endpointUrl: "  endpointUrl: https://a.example.com:99999/" }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "this is not a valid URL",
    hint: "write it as https://host/path",
  },
  {
    what: "a control character in a URL",
    text: text({ endpointUrl: '  endpointUrl: "https://a.example.com/\\thook"' }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "the URL holds a blank, a backslash or a control character",
    hint: "percent-encode it, such as %20",
  },
  {
    what: "an EventBridge endpoint",
    text: text({ endpointUrl: "  endpointUrl: eventbridge://123456789012/eu-west-1/x" }),
    at: "6:16",
    code: "endpointUrl/notSupported",
    message: "eventbridge: endpoints are not supported by this version of reconcile",
    hint: "use an https endpoint",
  },
  {
    what: "a workflow endpoint beside an https one",
    text: text({}, '  endpointPool: ["workflow:abc"]\n'),
    at: "9:18",
    code: "endpointPool/mixedSchemes",
    message:
      "a group uses one kind of endpoint, and this one is workflow: where endpointUrl at line 6 is https:",
    hint: "put them into two manifests",
  },
  {
    what: "an http URL with a weight in a pool",
    text: text({}, "  endpointPool:\n    - { url: http://a.example.com/1, weight: 2 }\n"),
    at: "10:14",
    code: "endpointPool/notHttps",
    message: "the URL is http, and events are delivered over https only",
    hint: "use https://",
  },
  {
    what: "a repeated pool URL, spelt differently",
    text: text({}, "  endpointPool:\n    - https://a.example.com/x\n    - https://A.example.com:443/x\n"),
    at: "11:7",
    code: "endpointPool/repeated",
    message: "this endpoint is in the pool already, at line 10",
    hint: "remove one of them; give the other a weight if it shall take more",
  },
  {
    what: "a host that is not allowed",
    text: text(),
    options: { allowedEndpointHosts: ["*.example.org", "example.com"] },
    at: "6:16",
    code: "endpointUrl/hostNotAllowed",
    message: 'the host "a.example.com" is not allowed',
    hint: "allowedEndpointHosts in the config allows *.example.org, example.com",
  },
  {
    what: "the host itself where hosts below it are allowed",
    text: text({ endpointUrl: "  endpointUrl: https://example.com/hook" }),
    options: { allowedEndpointHosts: ["*.example.com"] },
    at: "6:16",
    code: "endpointUrl/hostNotAllowed",
    message: 'the host "example.com" is not allowed',
    hint: "allowedEndpointHosts in the config allows *.example.com",
  },
  {
    what: "a host that only ends like an allowed one",
    text: text({ endpointUrl: "  endpointUrl: https://badexample.com/hook" }),
    options: { allowedEndpointHosts: ["*.example.com"] },
    at: "6:16",
    code: "endpointUrl/hostNotAllowed",
    message: 'the host "badexample.com" is not allowed',
    hint: "allowedEndpointHosts in the config allows *.example.com",
  },
];

const values: readonly Mistake[] = [
  {
    what: "a retry interval that is no duration",
    text: text({}, "  retryPolicy: { retryInterval: 60s }\n"),
    at: "9:33",
    code: "retryInterval/malformed",
    message: '"60s" is not an ISO 8601 duration of weeks, or of days to seconds',
    hint: "write it as PT30S, PT1M or PT1H30M",
  },
  {
    what: "a month where a minute is meant",
    text: text({}, "  retryPolicy: { retryInterval: P1M }\n"),
    at: "9:33",
    code: "retryInterval/malformed",
    message: '"P1M" is not an ISO 8601 duration of weeks, or of days to seconds',
    hint: "years and months have no fixed length; minutes follow a T, as in PT1M",
  },
  {
    what: "an event type of one part",
    text: text({ eventTypes: "  eventTypes: [a.b, conversation]" }),
    at: "7:21",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[1] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      'with dots between, at most 256 characters, not "conversation"',
  },
  {
    what: "an event type with a blank",
    text: text({ eventTypes: "  eventTypes:\n    - a.b c" }),
    at: "8:7",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      'with dots between, at most 256 characters, not "a.b c"',
  },
  {
    what: "an event type that is too long",
    text: text({ eventTypes: `  eventTypes: [a.${"b".repeat(255)}]` }),
    at: "7:16",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      `with dots between, at most 256 characters, not "a.${"b".repeat(78)}…"`,
  },
  {
    what: "a repeated event type",
    text: text({ eventTypes: "  eventTypes:\n    - a.b\n    - c.d\n    - a.b" }),
    at: "10:7",
    code: "eventTypes/repeated",
    message: 'the event type "a.b" is listed already, at line 8',
    hint: "remove one of them",
  },
  {
    what: "an event type that the catalogue does not know",
    text: text({ eventTypes: "  eventTypes: [routing.queue.craeted]" }),
    options: { catalog: ["routing.queue.created", "routing.queue.updated"] },
    at: "7:16",
    code: "eventTypes/notInCatalog",
    message: 'the event type "routing.queue.craeted" is not in the catalogue',
    hint: 'did you mean "routing.queue.created"?',
  },
  {
    what: "an event type unlike all of the catalogue",
    text: text({ eventTypes: "  eventTypes: [x.y]" }),
    options: { catalog: ["routing.queue.created"] },
    at: "7:16",
    code: "eventTypes/notInCatalog",
    message: 'the event type "x.y" is not in the catalogue',
    hint: "add it to the catalogue, or correct it",
  },
];

const capacity: readonly Mistake[] = [
  {
    what: "16 event types without a pool",
    text: text({ eventTypes: eventTypesLine(16) }),
    at: "7:3",
    code: "eventTypes/tooMany",
    message: "16 event types need 2 endpoints of 15 event types each, and there is no endpointPool",
    hint: "add an endpointPool of at least 2 endpoints",
  },
  {
    what: "46 event types with a pool of three",
    text: text(
      { eventTypes: eventTypesLine(46) },
      `  endpointPool: ["https://a.example.com/hook", ${poolTail(2)}]\n`,
    ),
    at: "9:3",
    code: "endpointPool/tooSmall",
    message: "46 event types need 4 endpoints of 15 event types each, and the pool has 3",
    hint: "add 1 endpoint to the pool",
  },
  {
    what: "151 event types, which no group can take",
    text: text({ eventTypes: eventTypesLine(151) }, `  endpointPool: ["https://a.example.com/hook"]\n`),
    at: "7:3",
    code: "eventTypes/tooMany",
    message:
      "151 event types need 11 endpoints of 15 event types each, and a group has at most 10 " +
      "(maxConcurrentConsumers)",
    hint: "split them over 2 consumer groups",
  },
  {
    what: "a pool of eleven",
    text: text({}, poolLine(11)),
    at: "9:3",
    code: "endpointPool/tooMany",
    message: "the pool has 11 endpoints, and a group has at most 10 (maxConcurrentConsumers)",
    hint: "remove 1; 1 event type needs 1 endpoint",
  },
  {
    what: "more than the limits of the config",
    text: text({ eventTypes: eventTypesLine(3) }),
    options: { limits: { maxEventTypesPerEndpoint: 2, maxConcurrentConsumers: 2 } },
    at: "7:3",
    code: "eventTypes/tooMany",
    message: "3 event types need 2 endpoints of 2 event types each, and there is no endpointPool",
    hint: "add an endpointPool of at least 2 endpoints",
  },
  {
    what: "always without a pool",
    text: text({ eventTypes: eventTypesLine(20) }, "  rebalance: { mode: always }\n"),
    at: "9:22",
    code: "rebalance/noPool",
    message: "the mode always splits the event types over an endpointPool, and there is none",
    hint: "add an endpointPool of at least 2 endpoints, or remove rebalance",
  },
];

function poolTail(count: number): string {
  return Array.from({ length: count }, (_, index) => `"https://a.example.com/${index}"`).join(", ");
}

const yaml: readonly Mistake[] = [
  {
    what: "an unclosed bracket",
    text: text({ eventTypes: "  eventTypes: [a.b" }),
    at: "8:3",
    code: "yaml/syntax",
    message: "a ] is missing before this place",
  },
  {
    what: "a colon in plain text",
    text: text({ name: "  name: a: b" }),
    at: "4:9",
    code: "yaml/syntax",
    message: "there are two keys on this line, or a value with a colon that is not in quotes",
  },
  {
    what: "a missing colon",
    text: text({ endpointUrl: "  endpointUrl" }),
    at: "6:3",
    code: "yaml/syntax",
    message: "a key and its colon must be on one line; is a colon missing, or a line indented wrongly?",
  },
  {
    what: "an indentation that fits nothing",
    text: text({ eventTypes: " eventTypes: [a.b]" }),
    at: "7:1",
    code: "yaml/syntax",
    message: "this line is not indented like the ones that it belongs to",
  },
  {
    what: "a tab",
    text: text({ endpointUrl: "\tendpointUrl: https://a.example.com/hook" }),
    at: "6:1",
    code: "yaml/tab",
    message: "a tab is used for indentation, which YAML does not allow",
    hint: "use spaces",
  },
  {
    what: "an alias",
    text: text({ name: "  name: &name alpha" }, "  consumerGroupId: *name\n"),
    at: "4:9",
    code: "yaml/alias",
    message: "anchors (&name) are not supported",
    hint: "write the value out where it is needed",
  },
  {
    what: "an alias of nothing",
    text: text({}, "  consumerGroupId: *name\n"),
    at: "9:20",
    code: "yaml/alias",
    message: "aliases (*name) are not supported",
    hint: "write the value out",
  },
  {
    what: "an alias bomb",
    text: [...Array(9).keys()].map((n) => `k${n}: &k${n} [${`*k${n - 1}, `.repeat(n && 9)}]\n`).join(""),
    at: "1:5",
    code: "yaml/alias",
    message: "anchors (&k0) are not supported",
    hint: "write the value out where it is needed",
  },
  {
    what: "a merge key",
    text: text({}, "  <<: { state: enabled }\n"),
    at: "9:3",
    code: "yaml/mergeKey",
    message: "merge keys (<<) are not supported",
    hint: "write the keys out",
  },
  {
    what: "a custom tag",
    text: text({ name: "  name: !vault alpha" }),
    at: "4:9",
    code: "yaml/tag",
    message: "custom tags are not supported",
  },
  {
    what: "a directive for an older YAML",
    text: `%TAG ! !vault\n---\n${text({ name: "  name: !x alpha" })}`,
    at: "6:9",
    code: "yaml/tag",
    message: "custom tags are not supported",
  },
  {
    what: "a document of 65 levels",
    text: `a: ${"[".repeat(64)}${"]".repeat(64)}\n`,
    at: "1:67",
    code: "yaml/tooDeep",
    message: "the document is nested more than 64 levels deep",
    hint: "a manifest needs no more than 6",
  },
  {
    what: "a nesting bomb",
    text: "[".repeat(500_000),
    at: "1:1",
    code: "yaml/tooDeep",
    message: "the file is nested too deeply",
    hint: "a manifest needs no more than 6 levels",
  },
  {
    what: "the key __proto__",
    text: text({}, "  __proto__: { state: disabled }\n"),
    at: "9:3",
    code: "yaml/forbiddenKey",
    message: 'the key "__proto__" is not allowed',
  },
  {
    what: "the key constructor among labels",
    text: text({ name: "  name: alpha\n  labels: { constructor: x }" }),
    at: "5:13",
    code: "yaml/forbiddenKey",
    message: 'the key "constructor" is not allowed',
  },
  {
    what: "a key that is a number",
    text: text({ name: "  name: alpha\n  labels: { 1: x }" }),
    at: "5:13",
    code: "yaml/keyNotText",
    message: "a key must be text, not 1",
    hint: 'put it in quotes: "1"',
  },
  {
    what: "a key that is a list",
    text: text({}, "  ? [a]\n  : b\n"),
    at: "9:5",
    code: "yaml/keyNotText",
    message: "a key must be text, not a list",
  },
  {
    what: "a number that would be rounded",
    text: text({}, "  retryPolicy: { retryCount: 9007199254740993 }\n"),
    at: "9:30",
    code: "yaml/numberTooBig",
    message: "the number 9007199254740993 is too big to be kept exactly",
    hint: "if it is a name, put it in quotes",
  },
  {
    what: "an empty file",
    text: "",
    at: "1:1",
    code: "document/empty",
    message: "the file is empty",
    hint: "delete the file, or write a manifest into it; an empty file never means: delete everything",
  },
  {
    what: "a file of comments",
    text: "# nothing\n\n# at all\n",
    at: "1:1",
    code: "document/empty",
    message: "the file is empty",
    hint: "delete the file, or write a manifest into it; an empty file never means: delete everything",
  },
  {
    what: "an empty document behind a full one",
    text: `${text()}---\n`,
    at: "9:1",
    code: "document/empty",
    message: "the document is empty",
    hint: "write a manifest here, or remove the --- that starts an empty document",
  },
  {
    what: "a bad document between good ones",
    text: `${text()}---\n{ ]\n---\n${text({ name: "  name: beta", offsetTracking: "  offsetTracking: { stateFile: b }" })}`,
    at: "10:3",
    code: "yaml/syntax",
    message: "a } is missing before this place",
  },
];

const across: readonly Mistake[] = [
  {
    what: "one name in two manifests",
    text: `${text()}---\n${text({ offsetTracking: "  offsetTracking: { stateFile: b }" })}`,
    at: "13:9",
    code: "name/notUnique",
    message: 'the name "alpha" is used already, at bad.yaml:4:9',
    hint: "each manifest needs its own",
  },
  {
    what: "one group in two manifests",
    text: `${text()}---\n${text({ name: "  name: beta", offsetTracking: "  offsetTracking: { stateFile: b }" }, "  consumerGroupId: alpha\n")}`,
    at: "18:20",
    code: "consumerGroupId/notUnique",
    message: 'the consumer group "alpha" is used already, at bad.yaml:4:9',
    hint: "each manifest needs its own",
  },
  {
    what: "one state file in two manifests",
    text: `${text()}---\n${text({ name: "  name: beta" })}`,
    at: "17:32",
    code: "stateFile/notUnique",
    message: 'the state file "/var/data/alpha.json" is used already, at bad.yaml:8:32',
    hint: "each manifest needs its own",
  },
];

describe("one mistake gives one diagnostic, at its place, in the user's words:", () => {
  test.each([...shape, ...endpoints, ...values, ...capacity, ...yaml, ...across])(
    "$what",
    ({ text: given, at, code, message, hint = null, options = {} }) => {
      const made = makeSubscriptions([{ file: "bad.yaml", text: given }], { ...anything, ...options });
      const [line, column] = at.split(":").map(Number);
      expect(made.diagnostics).toEqual([
        { severity: "error", code, message, hint, file: "bad.yaml", line, column },
      ]);
      expect(made.ok).toBe(!hasErrors(made.diagnostics));
    },
  );

  test("a file with BOM and CRLF has its mistakes at the same places", () => {
    const unix = makeSubscriptions([{ file: "a.yaml", text: text({}, "  state: on\n") }], anything);
    const windows = `\uFEFF${text({}, "  state: on\n").replaceAll("\n", "\r\n")}`;
    expect(makeSubscriptions([{ file: "a.yaml", text: windows }], anything)).toEqual(unix);
  });
});
