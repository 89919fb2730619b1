// The routes that tests make by hand are those that AWS answers with.
import { expect, test } from "vitest";
import { effectiveRules } from "../../src/sandbox/aws/effective-rules.ts";
import { makeAssociated, onBus } from "../sandbox/aws/aws-client.ts";
import { putRoute, removeRoute, routesIn, switchRoutesOff } from "./routes.ts";

const made = {
  ...{ name: "alpha-1", endpoint: "https://pipeline.example.com/genesys", description: "ours" },
  eventTypes: ["v2.users.{id}.presence", "v2.users.{id}.routingStatus"],
};

test("a route by hand is listed, delivers, is switched off and removed", () => {
  const client = makeAssociated();
  const { state } = client;
  putRoute(state, made, { suffix: "events" });
  const { name: id, ...fields } = made;
  expect(routesIn(state)).toEqual([{ id, ...fields, state: "enabled" }]);
  expect(client.aws("ListTargetsByRule", { Rule: id, ...onBus }).json).toMatchObject({
    Targets: [{ Id: id, Arn: expect.stringContaining(":api-destination/alpha-1/") as string }],
  });
  expect(client.aws("DescribeApiDestination", { Name: id }).json).toMatchObject({
    ...{ Description: "ours", InvocationEndpoint: made.endpoint, ApiDestinationState: "ACTIVE" },
  });
  expect(effectiveRules(state, client.nowMs)).toMatchObject([{ targets: [{ endpoint: made.endpoint }] }]);
  switchRoutesOff(state);
  expect(routesIn(state)).toMatchObject([{ id, state: "disabled" }]);
  expect(effectiveRules(state, client.nowMs)).toEqual([]);
  removeRoute(state, id);
  expect(routesIn(state)).toEqual([]);
});
