// Makes what AWS needs before the first route: the least IAM policy for whoever runs reconcile, and a CloudFormation template
// with the role, the queue and a connection to begin with.
import { eventSourceName } from "../model/aws-api.ts";
import type { AwsConfig, AwsWebhooks } from "../model/config.ts";

/** Its values are JSON, for YAML and for AWS alike. */
export type JsonDocument = Readonly<Record<string, unknown>>;

export interface PolicyWish {
  readonly aws: Pick<AwsConfig, "associate">;
  readonly webhooks: Pick<AwsWebhooks, "account" | "region" | "source" | "roleArn" | "deadLetterArn">;
  /** The id of the organisation that the config pins; null if it pins none. */
  readonly organization: string | null;
}

/** The account that stands in the policy until the config names one. */
export const placeholderAccount = "000000000000";

/** What the policy is made for if the config has no `aws.webhooks` yet. */
export function placeholderWebhooks(owner: string): PolicyWish["webhooks"] {
  const [account, region] = [placeholderAccount, "us-east-1"];
  return {
    ...{ account, region, source: owner },
    roleArn: `arn:aws:iam::${account}:role/genesys-deliver`,
    deadLetterArn: `arn:aws:sqs:${region}:${account}:genesys-undelivered`,
  };
}

/** Returns the IAM policy with which a pass, an association and the doctor's reads succeed, and nothing else. */
export function makeIamPolicy({ aws, webhooks, organization }: PolicyWish): JsonDocument {
  const { account, region, source, roleArn, deadLetterArn } = webhooks;
  const { partition } = arnParts(roleArn);
  const events = `arn:${partition}:events:${region}:${account}`;
  const sourceName = eventSourceName(organization ?? "*", source);
  const bus = `${events}:event-bus/${sourceName}`;
  const rules = `${events}:rule/${sourceName}/*`;
  const allow = (Sid: string, Action: readonly string[], Resource: string | readonly string[]) => ({
    ...{ Sid, Effect: "Allow", Action, Resource },
  });
  return {
    Version: "2012-10-17",
    Statement: [
      // These actions name no resource.
      allow("Lists", ["events:ListApiDestinations", "events:ListEventSources", "events:ListRules"], "*"),
      allow(
        "Sources",
        ["events:DescribeEventSource", ...(aws.associate ? ["events:ActivateEventSource"] : [])],
        `arn:${partition}:events:${region}::event-source/${sourceName}`,
      ),
      allow(
        "Bus",
        ["events:DescribeEventBus", ...(aws.associate ? ["events:CreateEventBus"] : [])],
        aws.associate ? [bus, `arn:${partition}:events:${region}::event-source/${sourceName}`] : bus,
      ),
      allow("Rules", ruleActions, rules),
      allow("RuleNames", ["events:ListRuleNamesByTarget"], [bus, rules]),
      allow("Destinations", destinationActions, `${events}:api-destination/*`),
      allow("Connections", ["events:DescribeConnection"], `${events}:connection/*`),
      // Creating and updating a destination asks for these of its connection, too.
      allow(
        "DestinationsOfConnections",
        ["events:CreateApiDestination", "events:UpdateApiDestination"],
        `${events}:connection/*`,
      ),
      {
        ...allow("PassRole", ["iam:PassRole"], roleArn),
        Condition: { StringEquals: { "iam:PassedToService": "events.amazonaws.com" } },
      },
      ...(deadLetterArn === null ? [] : [allow("Queue", ["sqs:GetQueueAttributes"], deadLetterArn)]),
    ],
  };
}

const ruleActions = [
  ...["events:DescribeRule", "events:PutRule", "events:DisableRule", "events:DeleteRule"],
  ...["events:ListTargetsByRule", "events:PutTargets", "events:RemoveTargets"],
];

const destinationActions = [
  ...["events:DescribeApiDestination", "events:CreateApiDestination"],
  ...["events:UpdateApiDestination", "events:DeleteApiDestination"],
];

/** Returns a CloudFormation template whose outputs are the ARNs that the config's `aws.webhooks` asks for. */
export function makeTemplate({ webhooks }: PolicyWish): JsonDocument {
  const { roleArn, deadLetterArn } = webhooks;
  const roleName = arnParts(roleArn).name;
  const queueName = deadLetterArn === null ? null : arnParts(deadLetterArn).name;
  return {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: "What EventBridge needs to deliver Genesys Cloud events to https endpoints.",
    Parameters: {
      ApiKeyHeader: {
        ...{ Type: "String", Default: "x-api-key" },
        Description: "The header in which the endpoints expect the key.",
      },
      ApiKey: {
        ...{ Type: "String", NoEcho: true },
        Description: "The key with which EventBridge calls the endpoints.",
      },
    },
    Resources: {
      DeliveryRole: makeRole(roleName),
      ...(queueName === null ? {} : { UndeliveredQueue: makeQueue(queueName), QueuePolicy: queuePolicy }),
      Connection: connection,
    },
    Outputs: {
      roleArn: { Value: { "Fn::GetAtt": ["DeliveryRole", "Arn"] } },
      ...(queueName === null
        ? {}
        : { deadLetterArn: { Value: { "Fn::GetAtt": ["UndeliveredQueue", "Arn"] } } }),
      connectionArn: { Value: { "Fn::GetAtt": ["Connection", "Arn"] } },
    },
  };
}

const ofThisAccount = { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } };

function makeRole(name: string): JsonDocument {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: ofThisAccount,
          },
        ],
      },
      Policies: [
        {
          PolicyName: "deliver",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "events:InvokeApiDestination",
                Resource: {
                  "Fn::Sub":
                    "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:api-destination/*",
                },
              },
            ],
          },
        },
      ],
    },
  };
}

/** Undelivered events stay for fourteen days, the longest that SQS keeps a message. */
function makeQueue(name: string): JsonDocument {
  return {
    Type: "AWS::SQS::Queue",
    Properties: { QueueName: name, MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true },
  };
}

const queuePolicy = {
  Type: "AWS::SQS::QueuePolicy",
  Properties: {
    Queues: [{ Ref: "UndeliveredQueue" }],
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: { "Fn::GetAtt": ["UndeliveredQueue", "Arn"] },
          Condition: ofThisAccount,
        },
      ],
    },
  },
};

const connection = {
  Type: "AWS::Events::Connection",
  Properties: {
    AuthorizationType: "API_KEY",
    AuthParameters: {
      ApiKeyAuthParameters: { ApiKeyName: { Ref: "ApiKeyHeader" }, ApiKeyValue: { Ref: "ApiKey" } },
    },
  },
};

interface ArnParts {
  readonly partition: string;
  /** The last part of the ARN: of a role its name without the path. */
  readonly name: string;
}

function arnParts(arn: string): ArnParts {
  const [, partition = "aws", , , , rest = ""] = arn.split(":");
  return { partition, name: rest.split("/").at(-1) ?? "" };
}
