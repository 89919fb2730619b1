// The embedded AWS in the state file.
import { expect, test } from "vitest";
import { makeAwsState } from "../../../src/sandbox/aws/aws-state.ts";
import { formatState, parseState } from "../../../src/sandbox/state-text.ts";
import { arnOf, makeAssociated, makeDestination, onBus, pattern, source, targetOf } from "./aws-client.ts";

test("what is formatted is parsed back; what is counted, and changes still to come, are not kept", () => {
  const client = makeAssociated({ quirks: { ruleLagMs: 1_000 } });
  const AuthParameters = {};
  client.aws("CreateConnection", { Name: "second", AuthorizationType: "API_KEY", AuthParameters });
  client.aws("PutRule", {
    ...{ Name: "alpha-1", ...onBus, EventPattern: pattern, Description: "ours" },
    Tags: [{ Key: "a", Value: "" }],
  });
  const RetryPolicy = { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 };
  const Targets = [targetOf(makeDestination(client), { RetryPolicy })];
  client.aws("PutTargets", { Rule: "alpha-1", ...onBus, Targets });
  const { counts, versions } = makeAwsState();
  const parsed = parseState(formatState(client.state));
  expect(parsed.ok && parsed.state.aws).toEqual({ ...client.state.aws, counts, versions });
  expect(parsed.ok && parsed.state.aws.rules.size).toBe(1);
});

test("a state file without AWS is read as before", () => {
  const parsed = parseState('{"formatVersion":1,"webhooks":[]}');
  expect(parsed.ok && parsed.state.aws).toEqual(makeAwsState());
});

test.each([
  ["rule 1 is not valid", { rules: [{ key: "x", Name: "a/b" }] }],
  ["event source 1 is not valid", { eventSources: [{ key: "x", Name: source }] }],
  ["event bus 1 is not valid", { eventBuses: [null] }],
  ["API destination 1 is not valid", { apiDestinations: [{}] }],
  ["its connections are not a list", { connections: {} }],
])("refuses a file: %s", (problem, lists) => {
  const text = JSON.stringify({ formatVersion: 1, webhooks: [], ...lists });
  expect(parseState(text)).toEqual({ ok: false, problem });
});

test("a source that is pending is parsed back as such", () => {
  const client = makeAssociated();
  client.aws("DeleteEventBus", { Name: source });
  const parsed = parseState(formatState(client.state));
  const stored = parsed.ok ? parsed.state.aws.sources.get(arnOf(`event-source/${source}`)) : undefined;
  expect(stored).toEqual({
    ...{ Name: source, createdAtMs: client.nowMs, pendingSinceMs: client.nowMs },
    ...{ activeFromMs: null, isDeactivated: false, isDeleted: false },
  });
});
