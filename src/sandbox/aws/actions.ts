// All actions of EventBridge that the embedded AWS answers, each with the shape of its input.
import type { AwsHandler } from "./aws-call.ts";
import type { StructureShape } from "./check-input.ts";
import {
  createApiDestination,
  deleteApiDestination,
  describeApiDestination,
  listApiDestinations,
  updateApiDestination,
} from "./destinations.ts";
import { createConnection, deleteConnection, describeConnection, listConnections } from "./connections.ts";
import { createEventBus, deleteEventBus, describeEventBus, listEventBuses } from "./buses.ts";
import {
  activateEventSource,
  deactivateEventSource,
  describeEventSource,
  listEventSources,
} from "./event-sources.ts";
import { inputShapes, type AwsActionName } from "./input-shapes.ts";
import { deleteRule, describeRule, disableRule, enableRule, listRules, putRule } from "./rules.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { listRuleNamesByTarget, listTargetsByRule, putTargets, removeTargets } from "./targets.ts";

export interface AwsAction {
  readonly shape: StructureShape;
  /** True if it changes something; such actions can be in each other's way. */
  readonly isWrite: boolean;
  /** Its input has been checked against the shape. */
  readonly answer: AwsHandler<unknown>;
}

/** Undefined if there is no such action. */
export function findAction(name: string): AwsAction | undefined {
  return Object.hasOwn(actions, name) ? actions[name as AwsActionName] : undefined;
}

const actions: Readonly<Record<AwsActionName, AwsAction>> = {
  ListEventSources: read("ListEventSources", listEventSources),
  DescribeEventSource: read("DescribeEventSource", describeEventSource),
  ActivateEventSource: write("ActivateEventSource", activateEventSource),
  DeactivateEventSource: write("DeactivateEventSource", deactivateEventSource),
  CreateEventBus: write("CreateEventBus", createEventBus),
  DescribeEventBus: read("DescribeEventBus", describeEventBus),
  ListEventBuses: read("ListEventBuses", listEventBuses),
  DeleteEventBus: write("DeleteEventBus", deleteEventBus),
  PutRule: write("PutRule", putRule),
  DescribeRule: read("DescribeRule", describeRule),
  ListRules: read("ListRules", listRules),
  EnableRule: write("EnableRule", enableRule),
  DisableRule: write("DisableRule", disableRule),
  DeleteRule: write("DeleteRule", deleteRule),
  PutTargets: write("PutTargets", putTargets),
  ListTargetsByRule: read("ListTargetsByRule", listTargetsByRule),
  RemoveTargets: write("RemoveTargets", removeTargets),
  ListRuleNamesByTarget: read("ListRuleNamesByTarget", listRuleNamesByTarget),
  CreateApiDestination: write("CreateApiDestination", createApiDestination),
  DescribeApiDestination: read("DescribeApiDestination", describeApiDestination),
  UpdateApiDestination: write("UpdateApiDestination", updateApiDestination),
  DeleteApiDestination: write("DeleteApiDestination", deleteApiDestination),
  ListApiDestinations: read("ListApiDestinations", listApiDestinations),
  CreateConnection: write("CreateConnection", createConnection),
  DescribeConnection: read("DescribeConnection", describeConnection),
  ListConnections: read("ListConnections", listConnections),
  DeleteConnection: write("DeleteConnection", deleteConnection),
  TagResource: write("TagResource", tagResource),
  UntagResource: write("UntagResource", untagResource),
  ListTagsForResource: read("ListTagsForResource", listTagsForResource),
};

function read<Input>(name: AwsActionName, answer: AwsHandler<Input>): AwsAction {
  return { shape: inputShapes[name], isWrite: false, answer: answer as AwsHandler<unknown> };
}

function write<Input>(name: AwsActionName, answer: AwsHandler<Input>): AwsAction {
  return { ...read(name, answer), isWrite: true };
}
