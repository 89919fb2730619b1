// Endpoints to which nothing could be delivered.
import { describe } from "vitest";
import { manifestText as text } from "./manifest-text.ts";
import { testMistakes, type Mistake } from "./mistakes.ts";

const published = '  eventTypes: ["v2.users.{id}.presence"]';

const writeAny = "write it as https://host/path, eventbridge://account/region/suffix or workflow:id";

const endpoints: readonly Mistake[] = [
  {
    what: "an http URL",
    text: text({ endpointUrl: "  endpointUrl: http://a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: "the URL is http, but events are delivered over https only",
    hint: "use https://; other kinds are eventbridge://account/region/suffix and workflow:id",
  },
  {
    what: "a relative URL",
    text: text({ endpointUrl: "  endpointUrl: /hook" }),
    at: "6:16",
    code: "endpointUrl/relative",
    message: "the URL is not absolute: it does not start with https://",
    hint: writeAny,
  },
  {
    what: "a host and port without a scheme",
    text: text({ endpointUrl: '  endpointUrl: "a.example.com:443/hook"' }),
    at: "6:16",
    code: "endpointUrl/relative",
    message: "the URL is not absolute: it does not start with https://",
    hint: writeAny,
  },
  {
    what: "another scheme",
    text: text({ endpointUrl: '  endpointUrl: "ftp://a.example.com/hook"' }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: 'an endpoint begins with https:, eventbridge: or workflow:, not "ftp:"',
    hint: writeAny,
  },
  {
    what: "an ARN",
    text: text({ endpointUrl: "  endpointUrl: arn:aws:events:eu-west-1:123456789012:event-bus/x" }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: 'an endpoint begins with https:, eventbridge: or workflow:, not "arn:"',
    hint: writeAny,
  },
  ...(
    [
      ["workflows", "workflow"],
      ["event-bridge", "eventbridge"],
      ["htps", "https"],
    ] as const
  ).map(([scheme, meant]): Mistake => ({
    what: `a scheme that is nearly one: ${scheme}`,
    text: text({ endpointUrl: `  endpointUrl: ${scheme}:abc` }),
    at: "6:16",
    code: "endpointUrl/notHttps",
    message: `an endpoint begins with https:, eventbridge: or workflow:, not "${scheme}:"`,
    hint: `did you mean ${meant}:?`,
  })),
  {
    what: "credentials",
    text: text({ endpointUrl: "  endpointUrl: https://me:secret@a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/credentials",
    message: "the URL holds credentials, which would be stored and shown in plain text",
    hint: "remove the part before the @",
  },
  {
    what: "empty credentials",
    text: text({ endpointUrl: "  endpointUrl: https://@a.example.com/hook" }),
    at: "6:16",
    code: "endpointUrl/credentials",
    message: "the URL holds credentials, which would be stored and shown in plain text",
    hint: "remove the part before the @",
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
  ...["https://a..example.com/hook", "https://.example.com/hook"].map((url): Mistake => ({
    what: `a host with an empty part: ${url}`,
    text: text({ endpointUrl: `  endpointUrl: ${url}` }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "the URL's host has an empty part: two dots, or one at the start",
    hint: "write it as https://host/path",
  })),
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
    message: "the URL holds a space, a backslash or a control character",
    hint: "percent-encode it, such as %20",
  },
  {
    what: "an EventBridge endpoint",
    text: text({
      endpointUrl: "  endpointUrl: eventbridge://12345678901/eu-west-1/x",
      eventTypes: published,
    }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "an AWS account is 12 digits",
    hint: "write it as eventbridge://123456789012/us-east-1/suffix",
  },
  {
    what: "an event source in no region",
    text: text({ endpointUrl: "  endpointUrl: eventbridge://123456789012/EU/x", eventTypes: published }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "the part after the account is not an AWS region",
    hint: "write it as eventbridge://123456789012/us-east-1/suffix",
  },
  {
    what: "an event source with a path",
    text: text({
      endpointUrl: "  endpointUrl: eventbridge://123456789012/eu-west-1/x/y",
      eventTypes: published,
    }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "an event source is an account, a region and a suffix, separated by /",
    hint: "write it as eventbridge://123456789012/us-east-1/suffix",
  },
  {
    what: "an event source with a suffix that is too long",
    text: text({
      endpointUrl: `  endpointUrl: eventbridge://123456789012/eu-west-1/${"x".repeat(65)}`,
      eventTypes: published,
    }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "an event source's suffix has at most 64 characters, and this one has 65",
    hint: "shorten it",
  },
  {
    what: "an event source with a suffix of other characters",
    text: text({
      endpointUrl: "  endpointUrl: eventbridge://123456789012/eu-west-1/x+y",
      eventTypes: published,
    }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "an event source's suffix consists of letters, digits and . _ -, and not of dots alone",
    hint: "write it as eventbridge://123456789012/us-east-1/suffix",
  },
  {
    what: "an event source with a blank",
    text: text({
      endpointUrl: "  endpointUrl: eventbridge://123456789012/eu-west-1/my suffix",
      eventTypes: published,
    }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "an event source cannot hold spaces or control characters",
    hint: "remove them",
  },
  ...["workflow: 7a4e", "workflow:My Flow"].map((endpoint): Mistake => ({
    what: `a workflow with a blank: ${endpoint}`,
    text: text({ endpointUrl: `  endpointUrl: "${endpoint}"`, eventTypes: published }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "the id of a workflow cannot hold spaces or control characters",
    hint: "remove them; the id is not the workflow's name: it is in the address of the workflow's page",
  })),
  {
    what: "a workflow with a blank, which is not in quotes",
    text: text({ endpointUrl: "  endpointUrl: workflow: 7a4e", eventTypes: published }),
    at: "6:16",
    code: "yaml/syntax",
    message: "there are two keys on this line, or a value with a colon that is not in quotes",
    hint: "remove the space after the endpoint's colon",
  },
  {
    what: "a workflow without an id",
    text: text({ endpointUrl: '  endpointUrl: "workflow:a/b"', eventTypes: published }),
    at: "6:16",
    code: "endpointUrl/malformed",
    message: "this is not the id of a workflow",
    hint: "write workflow: followed by the id that is in the address of the workflow's page",
  },
  {
    what: "a workflow endpoint beside an https one",
    text: text({}, '  endpointPool: ["workflow:abc"]\n'),
    at: "9:18",
    code: "endpointPool/mixedSchemes",
    message:
      "a group uses one kind of endpoint, but this one is workflow: and endpointUrl at line 6 is https:",
    hint: "put them into two manifests",
  },
  {
    what: "an http URL with a weight in a pool",
    text: text({}, "  endpointPool:\n    - { url: http://a.example.com/1, weight: 2 }\n"),
    at: "10:14",
    code: "endpointPool/notHttps",
    message: "the URL is http, but events are delivered over https only",
    hint: "use https://; other kinds are eventbridge://account/region/suffix and workflow:id",
  },
  {
    what: "a repeated pool URL, spelt differently",
    text: text({}, "  endpointPool:\n    - https://a.example.com/x\n    - https://A.example.com:443/x\n"),
    at: "11:7",
    code: "endpointPool/repeated",
    message: "this endpoint is in the pool already, at line 10",
    hint: "remove one of them; to give the other more event types, give it a weight",
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

describe("an endpoint is an absolute https URL on an allowed host, once in its pool", () => {
  testMistakes(endpoints);
});
