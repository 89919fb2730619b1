// Partner event sources and their buses: one test for each fact about AWS that the sandbox enforces. Sources: the API's
// definition of 2015-10-07 ("definition"), its documentation ("documented"), or public issues, which are named.
import { expect, test } from "vitest";
import { arnOf, makeAssociated, makeAwsClient, makeFeed, onBus, pattern, source } from "./aws-client.ts";
import type { AwsClient } from "./aws-client.ts";

const associate = { Name: source, EventSourceName: source };
const named = { Name: source };
const twoWeeksMs = 14 * 86_400_000;

function stateIn(client: AwsClient): unknown {
  const { json, error } = client.aws("DescribeEventSource", named);
  return error ?? (json as { readonly State: string }).State;
}

test("an enabled, complete integration has a source, which is pending (documented by the partner)", () => {
  const client = makeAwsClient();
  expect(client.aws("ListEventSources").json).toEqual({ EventSources: [] });
  makeFeed(client);
  const start = client.nowMs / 1_000;
  expect(client.aws("ListEventSources").json).toEqual({
    EventSources: [
      {
        Arn: `arn:aws:events:us-east-1::event-source/${source}`,
        CreatedBy: "aws.partner/genesys.com",
        CreationTime: start,
        ExpirationTime: start + 14 * 86_400,
        ...{ Name: source, State: "PENDING" },
      },
    ],
  });
});

test("an integration without a complete configuration has no source, nor one that was never enabled", () => {
  const client = makeAwsClient();
  const path = "/api/v2/integrations";
  const body = { name: "feed", integrationType: { id: "amazon-eventbridge-source" } };
  const { id } = client.call("POST", path, body).json as { readonly id: string };
  client.call("PATCH", `${path}/${id}`, { intendedState: "ENABLED" });
  expect(client.aws("ListEventSources").json).toEqual({ EventSources: [] });
  const other = makeFeed(client);
  client.call("PATCH", `${path}/${other}`, { intendedState: "DISABLED" });
  expect(stateIn(client)).toBe("PENDING");
});

test("a source belongs to the account and region of its integration (documented)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  const elsewhere = {
    authorization: "AWS4-HMAC-SHA256 Credential=sandbox/1/eu-west-1/events/aws4_request",
  };
  expect(client.aws("ListEventSources", {}, elsewhere).json).toEqual({ EventSources: [] });
  expect(client.aws("DescribeEventSource", named, elsewhere).error).toBe("ResourceNotFoundException");
});

test("CreateEventBus with both names associates it (aws docs; amzn/selling-partner-api-models#4638)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  expect(client.aws("CreateEventBus", associate)).toMatchObject({
    status: 200,
    json: { EventBusArn: arnOf(`event-bus/${source}`) },
    changed: true,
  });
  expect(stateIn(client)).toBe("ACTIVE");
  expect(client.aws("DescribeEventSource", named).json).not.toHaveProperty("ExpirationTime");
  expect(client.aws("CreateEventBus", associate).error).toBe("ResourceAlreadyExistsException");
});

test("a bus named aws.… without its source is refused (amzn/selling-partner-api-models#4638)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  expect(client.aws("CreateEventBus", named)).toMatchObject({
    error: "ValidationException",
    message: "EventBus name starting with 'aws.' is not valid.",
  });
});

test("the bus has the name of its source (documented)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  const other = client.aws("CreateEventBus", { Name: "events", EventSourceName: source });
  expect(other.error).toBe("ValidationException");
});

test("a bus for a source that does not exist is refused (definition)", () => {
  const client = makeAwsClient();
  expect(client.aws("CreateEventBus", associate).error).toBe("ResourceNotFoundException");
  expect(client.aws("DescribeEventSource", named).error).toBe("ResourceNotFoundException");
});

test("ActivateEventSource does not associate a source (aws/aws-sdk-js-v3#4788)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  expect(client.aws("ActivateEventSource", named)).toMatchObject({
    error: "ResourceNotFoundException",
    message: `Event source ${source} or event bus ${source} does not exist.`,
  });
});

test("it undoes a deactivation, and is refused where there is none (documented)", () => {
  const client = makeAssociated();
  expect(client.aws("ActivateEventSource", named).error).toBe("InvalidStateException");
  client.aws("DeactivateEventSource", named);
  expect(stateIn(client)).toBe("PENDING");
  client.aws("ActivateEventSource", named);
  expect(stateIn(client)).toBe("ACTIVE");
});

test("a source that nobody associates within two weeks is deleted (documented)", () => {
  const client = makeAwsClient();
  makeFeed(client);
  client.nowMs += twoWeeksMs - 1;
  expect(stateIn(client)).toBe("PENDING");
  client.nowMs += 1;
  expect(stateIn(client)).toBe("ResourceNotFoundException");
  expect(client.aws("CreateEventBus", associate).error).toBe("ResourceNotFoundException");
});

test("one that is associated lives on (documented)", () => {
  const client = makeAssociated();
  client.nowMs += 2 * twoWeeksMs;
  expect(stateIn(client)).toBe("ACTIVE");
});

test("the bus of a source that the partner deleted stays, with its rules (documented)", () => {
  const client = makeAwsClient();
  const id = makeFeed(client);
  client.aws("CreateEventBus", associate);
  client.aws("PutRule", { Name: "alpha-1", ...onBus, EventPattern: pattern });
  client.call("DELETE", `/api/v2/integrations/${id}`);
  expect(stateIn(client)).toBe("DELETED");
  expect(client.aws("ListRules", onBus).json).toMatchObject({ Rules: [{ Name: "alpha-1" }] });
});

test("a pending source that the partner deletes is gone (documented)", () => {
  const client = makeAwsClient();
  const id = makeFeed(client);
  client.call("DELETE", `/api/v2/integrations/${id}`);
  expect(stateIn(client)).toBe("ResourceNotFoundException");
});

test.each([
  [{}, undefined, "ACTIVE"],
  [{ oldBusIs: "refusedAndAssociated" }, "ResourceAlreadyExistsException", "ACTIVE"],
  // amzn/selling-partner-api-docs#2634: "will return an error always", "status is always pending".
  [{ oldBusIs: "refused" }, "ResourceAlreadyExistsException", "PENDING"],
] as const)("a source that was made again waits for its old bus; with %o: %s", (quirks, error, state) => {
  const client = makeAwsClient({ quirks });
  const id = makeFeed(client);
  client.aws("CreateEventBus", associate);
  client.call("DELETE", `/api/v2/integrations/${id}`);
  makeFeed(client);
  expect(stateIn(client)).toBe("PENDING");
  expect(client.aws("CreateEventBus", associate).error).toBe(error);
  expect(stateIn(client)).toBe(state);
});

test("a bus with rules cannot be deleted (anomalyco/sst#4325)", () => {
  const client = makeAssociated();
  client.aws("PutRule", { Name: "alpha-1", ...onBus, EventPattern: pattern });
  expect(client.aws("DeleteEventBus", named)).toMatchObject({
    error: "ValidationException",
    message: "EventBus can't be deleted since it has rules.",
  });
});

test("without its bus the source waits again, for two weeks (documented)", () => {
  const client = makeAssociated();
  client.nowMs += twoWeeksMs;
  client.aws("DeleteEventBus", named);
  expect(stateIn(client)).toBe("PENDING");
  client.nowMs += twoWeeksMs;
  expect(stateIn(client)).toBe("ResourceNotFoundException");
});

test("a bus that does not exist can be deleted; the default one cannot (definition)", () => {
  const client = makeAwsClient();
  expect(client.aws("DeleteEventBus", { Name: "nothing" })).toMatchObject({ status: 200, changed: false });
  expect(client.aws("DeleteEventBus", { Name: "default" }).error).toBe("ValidationException");
});

test("a source may appear late, and an association take effect late", () => {
  const client = makeAwsClient({ quirks: { sourceLagMs: 3_000, activationLagMs: 2_000 } });
  makeFeed(client);
  expect(stateIn(client)).toBe("ResourceNotFoundException");
  client.nowMs += 3_000;
  expect(stateIn(client)).toBe("PENDING");
  client.aws("CreateEventBus", associate);
  expect(stateIn(client)).toBe("PENDING");
  client.nowMs += 2_000;
  expect(stateIn(client)).toBe("ACTIVE");
});
