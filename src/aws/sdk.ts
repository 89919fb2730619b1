// The parts of AWS's SDK that reconcile uses. This module is loaded only where AWS is configured.
import {
  ActivateEventSourceCommand,
  CreateApiDestinationCommand,
  CreateEventBusCommand,
  DeleteApiDestinationCommand,
  DeleteRuleCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  DescribeEventBusCommand,
  DescribeEventSourceCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListEventSourcesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  UpdateApiDestinationCommand,
} from "@aws-sdk/client-eventbridge";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { loadSharedConfigFiles } from "@smithy/core/config";
import type { EventBridgeAction } from "../model/aws-api.ts";

type MakeCommand = new (input: never) => object;

/** The SDK's command of each action. */
export const commands: Readonly<Record<EventBridgeAction, MakeCommand>> = {
  ActivateEventSource: ActivateEventSourceCommand,
  CreateApiDestination: CreateApiDestinationCommand,
  CreateEventBus: CreateEventBusCommand,
  DeleteApiDestination: DeleteApiDestinationCommand,
  DeleteRule: DeleteRuleCommand,
  DescribeApiDestination: DescribeApiDestinationCommand,
  DescribeConnection: DescribeConnectionCommand,
  DescribeEventBus: DescribeEventBusCommand,
  DescribeEventSource: DescribeEventSourceCommand,
  DescribeRule: DescribeRuleCommand,
  DisableRule: DisableRuleCommand,
  ListApiDestinations: ListApiDestinationsCommand,
  ListEventSources: ListEventSourcesCommand,
  ListRuleNamesByTarget: ListRuleNamesByTargetCommand,
  ListRules: ListRulesCommand,
  ListTargetsByRule: ListTargetsByRuleCommand,
  PutRule: PutRuleCommand,
  PutTargets: PutTargetsCommand,
  RemoveTargets: RemoveTargetsCommand,
  UpdateApiDestination: UpdateApiDestinationCommand,
};

export {
  AssumeRoleCommand,
  EventBridgeClient,
  GetCallerIdentityCommand,
  IAMClient,
  loadSharedConfigFiles,
  SimulatePrincipalPolicyCommand,
  STSClient,
};
