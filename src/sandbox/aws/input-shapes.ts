// The shapes that EventBridge's API definition (2015-10-07) gives to the members of its inputs.
import type { Shape, StructureShape } from "./check-input.ts";

const arn: Shape = { type: "string", min: 1, max: 1_600 };
const name = "[\\.\\-_A-Za-z0-9]+";
const path = "[/\\.\\-_A-Za-z0-9]+";
const busArn = "(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?";

/** Rules, targets, API destinations and connections are named alike. */
export const plainName: Shape = { type: "string", min: 1, max: 64, pattern: name };

export const busName: Shape = { type: "string", min: 1, max: 256, pattern: path };
const busNameOrArn: Shape = { type: "string", min: 1, max: 1_600, pattern: `${busArn}${path}` };
const sourceName: Shape = {
  ...{ type: "string", min: 1, max: 256 },
  pattern: "aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}",
};

export const description: Shape = { type: "string", max: 512 };

/** The definition allows 100 entries; the documentation says ten a request. */
const maxEntries = 10;

/** Members of all lists. */
const paging = {
  NextToken: { type: "string", min: 1, max: 2_048 },
  Limit: { type: "integer", min: 1, max: 100 },
} as const;

export const tags: Shape = {
  type: "list",
  of: structure(
    {
      Key: { type: "string", min: 1, max: 128 },
      Value: { type: "string", min: 0, max: 256 },
    },
    ["Key", "Value"],
  ),
};

/** What only other kinds of target have; the sandbox keeps it as it was sent. */
const otherParameters = [
  ...["AppSyncParameters", "BatchParameters", "EcsParameters", "HttpParameters", "InputTransformer"],
  ...["KinesisParameters", "RedshiftDataParameters", "RunCommandParameters", "SageMakerPipelineParameters"],
  "SqsParameters",
];

export const target = structure(
  {
    Id: plainName,
    Arn: arn,
    RoleArn: arn,
    Input: { type: "string", max: 8_192 },
    InputPath: { type: "string", max: 256 },
    DeadLetterConfig: structure({ Arn: arn }),
    RetryPolicy: structure({
      MaximumRetryAttempts: { type: "integer", min: 0, max: 185 },
      MaximumEventAgeInSeconds: { type: "integer", min: 60, max: 86_400 },
    }),
    ...Object.fromEntries(otherParameters.map((key) => [key, { type: "any" }])),
  },
  ["Id", "Arn"],
);

/** PutRule's members, besides the bus. */
export const ruleMembers = {
  Name: plainName,
  ScheduleExpression: { type: "string", max: 256 },
  EventPattern: { type: "string", max: 4_096 },
  State: {
    type: "string",
    values: ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"],
  },
  Description: description,
  RoleArn: arn,
  Tags: tags,
} as const;

const ofDestination = {
  Name: plainName,
  Description: description,
  ConnectionArn: {
    type: "string",
    ...{ min: 1, max: 1_600 },
    pattern:
      "arn:aws([a-z]|\\-)*:events:([a-z]|\\d|\\-)*:([0-9]{12})?:connection\\/[\\.\\-_A-Za-z0-9]+\\/[\\-A-Za-z0-9]+",
  },
  InvocationEndpoint: {
    type: "string",
    ...{ min: 1, max: 2_048 },
    pattern: "((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\\x26=+$,A-Za-z0-9])+)([).!';/?:,])?",
  },
  HttpMethod: { type: "string", values: ["POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"] },
  InvocationRateLimitPerSecond: { type: "integer", min: 1 },
} as const;

const ofRule = { Name: plainName, EventBusName: busNameOrArn };

/** The input of each action that the embedded AWS answers. */
export const inputShapes = {
  ListEventSources: structure({ NamePrefix: busName, ...paging }),
  DescribeEventSource: structure({ Name: sourceName }, ["Name"]),
  ActivateEventSource: structure({ Name: sourceName }, ["Name"]),
  DeactivateEventSource: structure({ Name: sourceName }, ["Name"]),
  CreateEventBus: structure(
    { Name: busName, EventSourceName: sourceName, Description: description, Tags: tags },
    ["Name"],
  ),
  DescribeEventBus: structure({ Name: busNameOrArn }),
  ListEventBuses: structure({ NamePrefix: busName, ...paging }),
  DeleteEventBus: structure({ Name: busName }, ["Name"]),
  PutRule: structure({ ...ruleMembers, EventBusName: busNameOrArn }, ["Name"]),
  DescribeRule: structure(ofRule, ["Name"]),
  ListRules: structure({ NamePrefix: plainName, EventBusName: busNameOrArn, ...paging }),
  EnableRule: structure(ofRule, ["Name"]),
  DisableRule: structure(ofRule, ["Name"]),
  DeleteRule: structure({ ...ofRule, Force: { type: "boolean" } }, ["Name"]),
  PutTargets: structure(
    {
      Rule: plainName,
      EventBusName: busNameOrArn,
      Targets: { type: "list", of: target, min: 1, max: maxEntries },
    },
    ["Rule", "Targets"],
  ),
  ListTargetsByRule: structure({ Rule: plainName, EventBusName: busNameOrArn, ...paging }, ["Rule"]),
  RemoveTargets: structure(
    {
      Rule: plainName,
      EventBusName: busNameOrArn,
      Ids: { type: "list", of: plainName, min: 1, max: maxEntries },
      Force: { type: "boolean" },
    },
    ["Rule", "Ids"],
  ),
  ListRuleNamesByTarget: structure({ TargetArn: arn, EventBusName: busNameOrArn, ...paging }, [
    "TargetArn",
  ]),
  CreateApiDestination: structure(ofDestination, [
    ...["Name", "ConnectionArn", "InvocationEndpoint", "HttpMethod"],
  ]),
  DescribeApiDestination: structure({ Name: plainName }, ["Name"]),
  UpdateApiDestination: structure(ofDestination, ["Name"]),
  DeleteApiDestination: structure({ Name: plainName }, ["Name"]),
  ListApiDestinations: structure({
    NamePrefix: plainName,
    ConnectionArn: ofDestination.ConnectionArn,
    ...paging,
  }),
  CreateConnection: structure(
    {
      Name: plainName,
      Description: description,
      AuthorizationType: { type: "string", values: ["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"] },
      AuthParameters: { type: "any" },
    },
    ["Name", "AuthorizationType", "AuthParameters"],
  ),
  DescribeConnection: structure({ Name: plainName }, ["Name"]),
  ListConnections: structure({
    NamePrefix: plainName,
    ConnectionState: { type: "string" },
    ...paging,
  }),
  DeleteConnection: structure({ Name: plainName }, ["Name"]),
  TagResource: structure({ ResourceARN: arn, Tags: tags }, ["ResourceARN", "Tags"]),
  UntagResource: structure(
    { ResourceARN: arn, TagKeys: { type: "list", of: { type: "string", min: 1, max: 128 } } },
    ["ResourceARN", "TagKeys"],
  ),
  ListTagsForResource: structure({ ResourceARN: arn }, ["ResourceARN"]),
} as const satisfies Readonly<Record<string, StructureShape>>;

export type AwsActionName = keyof typeof inputShapes;

export function structure(
  members: StructureShape["members"],
  required: readonly string[] = [],
): StructureShape {
  return { type: "structure", members, required };
}
