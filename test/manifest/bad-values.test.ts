// Values that the rules refuse: in one place, in one manifest, in two.
import { describe } from "vitest";
import { catalogOf, eventTypesLine, manifestText as text, poolLine } from "./manifest-text.ts";
import { testMistakes, type Mistake } from "./mistakes.ts";

const values: readonly Mistake[] = [
  {
    what: "a secret in a URL that is not where it belongs, which is not repeated",
    text: text({}, "  endpointPool: https://me:pw@a.example.com/1?token=s3cret\n"),
    at: "9:17",
    code: "endpointPool/wrongType",
    message: 'spec.endpointPool must be a list of at least one endpoint, not "https://…@a.example.com/1?…"',
  },
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
    what: "a retry interval of nothing",
    text: text({}, "  retryPolicy: { retryInterval: PT0S }\n"),
    at: "9:33",
    code: "retryInterval/outOfRange",
    message: '"PT0S" is zero, but there must be some time between two tries',
    hint: "write it as PT30S, PT1M or PT1H30M",
  },
  {
    what: "an event type of one part",
    text: text({ eventTypes: "  eventTypes: [a.b, conversation]" }),
    at: "7:21",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[1] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      'separated by dots, at most 256 characters, not "conversation"',
  },
  {
    what: "an event type with a blank",
    text: text({ eventTypes: "  eventTypes:\n    - a.b c" }),
    at: "8:7",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      'separated by dots, at most 256 characters, not "a.b c"',
  },
  {
    what: "an event type that is too long",
    text: text({ eventTypes: `  eventTypes: [a.${"b".repeat(255)}]` }),
    at: "7:16",
    code: "eventTypes/malformed",
    message:
      "spec.eventTypes[0] must be an event type: letters, digits and _ - { } *, in two or more parts " +
      `separated by dots, at most 256 characters, not "a.${"b".repeat(78)}…"`,
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
    options: { catalog: catalogOf("routing.queue.created", "routing.queue.updated") },
    at: "7:16",
    code: "eventTypes/notInCatalog",
    message: 'the event type "routing.queue.craeted" is not in the catalogue',
    hint: 'did you mean "routing.queue.created"?',
  },
  ...["v2.q.{ID}.x", "v2.q.*.x", "v2.q.id.x"].map((eventType): Mistake => ({
    what: `a placeholder as no catalogue has it: ${eventType}`,
    text: text({ eventTypes: `  eventTypes: ["${eventType}"]` }),
    options: { catalog: catalogOf("v2.q.{id}.x") },
    at: "7:16",
    code: "eventTypes/notInCatalog",
    message: `the event type "${eventType}" is not in the catalogue`,
    hint: 'did you mean "v2.q.{id}.x"?',
  })),
  {
    what: "an event type unlike all of the catalogue",
    text: text({ eventTypes: "  eventTypes: [x.y]" }),
    options: { catalog: catalogOf("routing.queue.created") },
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
    message: "16 event types need 2 endpoints of 15 event types each, but there is no endpointPool",
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
    message: "46 event types need 4 endpoints of 15 event types each, but the pool has 3",
    hint: "add 1 endpoint to the pool",
  },
  {
    what: "151 event types, which no group can take",
    text: text({ eventTypes: eventTypesLine(151) }, `  endpointPool: ["https://a.example.com/hook"]\n`),
    at: "7:3",
    code: "eventTypes/tooMany",
    message:
      "151 event types need 11 endpoints of 15 event types each, but a group has at most 10 " +
      "(maxConcurrentConsumers)",
    hint: "split them over 2 consumer groups",
  },
  {
    what: "a pool of eleven",
    text: text({}, poolLine(11)),
    at: "9:3",
    code: "endpointPool/tooMany",
    message: "the pool has 11 endpoints, but a group has at most 10 (maxConcurrentConsumers)",
    hint: "remove 1; 1 event type needs 1 endpoint",
  },
  {
    what: "more than the limits of the config",
    text: text({ eventTypes: eventTypesLine(3) }),
    options: { limits: { maxEventTypesPerEndpoint: 2, maxConcurrentConsumers: 2 } },
    at: "7:3",
    code: "eventTypes/tooMany",
    message: "3 event types need 2 endpoints of 2 event types each, but there is no endpointPool",
    hint: "add an endpointPool of at least 2 endpoints",
  },
  {
    what: "a limit of one",
    text: text({ eventTypes: eventTypesLine(2) }),
    options: { limits: { maxEventTypesPerEndpoint: 1, maxConcurrentConsumers: 2 } },
    at: "7:3",
    code: "eventTypes/tooMany",
    message: "2 event types need 2 endpoints of 1 event type each, but there is no endpointPool",
    hint: "add an endpointPool of at least 2 endpoints",
  },
  {
    what: "always without a pool",
    text: text({ eventTypes: eventTypesLine(20) }, "  rebalance: { mode: always }\n"),
    at: "9:22",
    code: "rebalance/noPool",
    message: "rebalance.mode: always needs an endpointPool to split the event types over",
    hint: "add an endpointPool of at least 2 endpoints, or remove rebalance",
  },
];

const criteria: readonly Mistake[] = [
  {
    what: "nothing to compare with",
    text: criterion("operator: Equal"),
    at: "9:55",
    code: "matchCriteria/missing",
    message: "Equal needs value, and this condition has none",
    hint: "write value: VOICE",
  },
  {
    what: "an empty value",
    text: criterion("operator: NotEqual, value: null"),
    at: "9:65",
    code: "matchCriteria/missing",
    message: "NotEqual needs value, and this condition has none",
    hint: "write value: VOICE",
  },
  {
    what: "an empty list",
    text: criterion("operator: In, values: []"),
    at: "9:67",
    code: "matchCriteria/missing",
    message: "In needs values, and this condition has none",
    hint: "write values: [VOICE, CHAT]",
  },
  {
    what: "Contains with nothing",
    text: criterion("operator: Contains"),
    at: "9:55",
    code: "matchCriteria/missing",
    message: "Contains needs value or values, and this condition has none",
    hint: "write value: VOICE, or values: [VOICE, CHAT]",
  },
  {
    what: "one value of In",
    text: criterion("operator: In, value: VOICE"),
    at: "9:66",
    code: "matchCriteria/misplaced",
    message: "In takes values, not value",
    hint: "write values: [VOICE, CHAT]",
  },
  {
    what: "several values of GreaterThan",
    text: criterion("operator: GreaterThan, values: [1]"),
    at: "9:76",
    code: "matchCriteria/misplaced",
    message: "GreaterThan takes value, not values",
    hint: "write value: VOICE",
  },
  {
    what: "value and values at once",
    text: criterion("operator: All, value: a, values: [b]"),
    at: "9:78",
    code: "matchCriteria/both",
    message: "a condition has value or values, and this one has both",
    hint: "remove one of them: All takes value or values",
  },
  {
    what: "Exists with a text",
    text: criterion('operator: Exists, value: "yes"'),
    at: "9:70",
    code: "matchCriteria/wrongValue",
    message: 'the value of Exists is true or false, not "yes"',
    hint: "write value: true",
  },
  {
    what: "Exists with a list of values",
    text: criterion("operator: Exists, values: [true]"),
    at: "9:71",
    code: "matchCriteria/misplaced",
    message: "Exists takes value, not values",
    hint: "write value: true",
  },
  {
    what: "Size with a list in the place of a number",
    text: criterion("operator: Size, value: [2]"),
    at: "9:68",
    code: "matchCriteria/wrongValue",
    message: "the value of Size is a whole number, not a list",
    hint: "write value: 2",
  },
];

/** One condition on `a`. */
function criterion(rest: string): string {
  const workflow = {
    endpointUrl: "  endpointUrl: workflow:abc",
    eventTypes: '  eventTypes: ["v2.users.{id}.presence"]',
  };
  return text(workflow, `  trigger: { matchCriteria: [{ jsonPath: a, ${rest} }] }\n`);
}

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

function poolTail(count: number): string {
  return Array.from({ length: count }, (_, index) => `"https://a.example.com/${index}"`).join(", ");
}

describe("durations and event types have their form", () => {
  testMistakes(values);
});

describe("over the limit is an error that says how many endpoints are needed", () => {
  testMistakes(capacity);
});

describe("a condition has what its operator compares with", () => {
  testMistakes(criteria);
});

describe("what must be unique names the other place", () => {
  testMistakes(across);
});
