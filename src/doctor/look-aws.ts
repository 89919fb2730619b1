// Asks AWS, by reads alone, for what a pass needs of it: whose the credentials are, what they may read, and what is there.
import { openSessionAws } from "../app/session-aws.ts";
import type { PlatformAccess } from "../app/settings.ts";
import type { World } from "../app/world.ts";
import { isObject } from "../genesys/client/json.ts";
import {
  eventSourceName,
  type AwsApi,
  type CallerIdentity,
  type EventBridgeAction,
  type EventBridgeApi,
} from "../model/aws-api.ts";
import type { AwsWebhooks, Config } from "../model/config.ts";
import { isCode, ReconcileError } from "../model/errors.ts";
import { attempt } from "./attempt.ts";

export interface AwsLook {
  /** Who AWS says the credentials belong to. */
  readonly caller: CallerIdentity | ReconcileError;
  /** Null if the caller is not known, is of another account, or the config has no routes. */
  readonly events: EventsLook | null;
}

/** What EventBridge has in the region of the config; an error in place of what could not be read. */
export interface EventsLook {
  /** The reads that a pass needs and that AWS refused. */
  readonly refused: readonly ReconcileError[];
  /** How many reads were tried. */
  readonly tried: number;
  /** What IAM says of the writes of a sync; null if it may not be asked, or does not answer. */
  readonly writes: WritesLook | null;
  /** Whether the role that EventBridge assumes may call API destinations, as far as IAM tells. */
  readonly role: "allows" | "refuses" | "missing" | "unknown";
  /** Null if the platform does not tell the organisation, after which sources are named. */
  readonly source: SourceLook | null;
  readonly connections: readonly ConnectionLook[];
}

export interface WritesLook {
  readonly asked: number;
  /** Such as `events:PutRule`. */
  readonly denied: readonly string[];
}

export interface SourceLook {
  readonly name: string;
  /** Such as `PENDING`; null if it is not there. */
  readonly state: string | null | ReconcileError;
  /** When a source that nobody associates is deleted; null if AWS does not say. */
  readonly expiresAtMs: number | null;
  readonly hasBus: boolean | ReconcileError;
  /** How many rules are on the bus, those of others included; null without a bus. */
  readonly rules: number | null;
}

export interface ConnectionLook {
  readonly arn: string;
  readonly hosts: readonly string[];
  /** Such as `AUTHORIZED`; null if it is not there. */
  readonly state: string | null | ReconcileError;
}

interface Looking {
  readonly world: World;
  /** The id of the organisation; null if the platform does not tell. */
  readonly organizationId: string | null;
}

/** Null if the config does not use AWS. Writes nothing. */
export async function lookAtAws(
  config: Config,
  platform: PlatformAccess,
  { world, organizationId }: Looking,
): Promise<AwsLook | ReconcileError | null> {
  if (config.aws === null) return null;
  return attempt(async () => {
    const { api, config: counts } = await openSessionAws(
      { settings: { config }, platform },
      {
        world,
        log: () => undefined,
        send: world.openSend(platform.proxies),
        interrupted: world.interrupted,
        organization: { find: () => Promise.resolve(null) },
        ...{ guard: undefined, readOnly: true },
        onWait: () => undefined,
      },
    );
    const webhooks = counts?.webhooks ?? null;
    const caller = await attempt(() => api.identify());
    if (caller instanceof ReconcileError || caller.account !== webhooks?.account)
      return { caller, events: null };
    const associate = counts?.associate === true;
    const writes = await lookAtWrites({ webhooks, caller, associate, organizationId }, api);
    const role = await lookAtRole(webhooks, api);
    const events = await lookAtEvents(webhooks, api.eventBridge(webhooks.region), organizationId);
    return { caller, events: { ...events, writes, role } };
  });
}

/** No rule and no destination has this name; whoever may read is told so. */
const absent = "reconcile-doctor";

async function lookAtEvents(
  { source, connections, account, region }: AwsWebhooks,
  api: EventBridgeApi,
  organizationId: string | null,
): Promise<Omit<EventsLook, "writes" | "role">> {
  const refused: ReconcileError[] = [];
  let tried = 0;
  /** Null if what it asks for is not there. */
  const ask: Ask = async (action, input) => {
    tried += 1;
    const answer = await attempt(() => api.call(action, input));
    if (!(answer instanceof ReconcileError)) return isObject(answer) ? answer : {};
    if (isCode(answer, "api/notFound")) return null;
    refused.push(answer);
    return answer;
  };
  const found: ConnectionLook[] = [];
  for (const { arn, hosts } of connections) {
    const answer = await ask("DescribeConnection", { Name: arn.split("/")[1] ?? "" });
    const state =
      answer === null || answer instanceof ReconcileError ? answer : textOf(answer["ConnectionState"]);
    // AWS finds it by its name alone; one that was deleted and made again has another ARN.
    const isOther =
      isObject(answer) && !(answer instanceof ReconcileError) && answer["ConnectionArn"] !== arn;
    found.push({ arn, hosts, state: isOther ? null : state });
  }
  await ask("DescribeApiDestination", { Name: absent });
  await ask("ListApiDestinations", { Limit: 1 });
  if (organizationId === null) return { refused, tried, source: null, connections: found };
  const name = eventSourceName(organizationId, source);
  await ask("ListEventSources", { NamePrefix: name, Limit: 1 });
  await ask("DescribeRule", { Name: absent, EventBusName: name });
  await ask("ListTargetsByRule", { Rule: absent, EventBusName: name });
  const target = `arn:aws:events:${region}:${account}:api-destination/${absent}/${absent}`;
  await ask("ListRuleNamesByTarget", { TargetArn: target, EventBusName: name });
  const its = await lookAtSource(name, ask);
  return { refused, tried, source: its, connections: found };
}

interface Writing {
  readonly webhooks: AwsWebhooks;
  readonly caller: CallerIdentity;
  readonly associate: boolean;
  readonly organizationId: string | null;
}

/** A user's ARN stands for itself; who has assumed a role is asked for as the role. */
function principalOf({ account, arn }: CallerIdentity): string {
  const [, partition = "aws", role] = /^arn:([^:]+):sts::\d+:assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition}:iam::${account}:role/${role}`;
}

async function lookAtWrites(
  { webhooks, caller, associate, organizationId }: Writing,
  api: Pick<AwsApi, "findDenied">,
): Promise<WritesLook | null> {
  const { account, region, source, roleArn } = webhooks;
  const [, partition = "aws"] = roleArn.split(":");
  const events = `arn:${partition}:events:${region}`;
  const name = eventSourceName(organizationId ?? absent, source);
  const ofSource = [
    { actions: ["events:CreateEventBus"], resource: `${events}:${account}:event-bus/${name}` },
    { actions: ["events:ActivateEventSource"], resource: `${events}::event-source/${name}` },
  ];
  const questions = [
    { actions: ruleWrites, resource: `${events}:${account}:rule/${name}/${absent}` },
    { actions: destinationWrites, resource: `${events}:${account}:api-destination/${absent}` },
    { actions: ["iam:PassRole"], resource: roleArn },
    ...(associate ? ofSource : []),
  ];
  const principal = principalOf(caller);
  const denied = await attempt(() =>
    Promise.all(questions.map((question) => api.findDenied({ principal, ...question }))),
  );
  if (denied instanceof ReconcileError) return null;
  return { asked: questions.flatMap(({ actions }) => actions).length, denied: denied.flat() };
}

async function lookAtRole(
  { roleArn, account, region }: AwsWebhooks,
  api: Pick<AwsApi, "findDenied">,
): Promise<EventsLook["role"]> {
  const [, partition = "aws"] = roleArn.split(":");
  const resource = `arn:${partition}:events:${region}:${account}:api-destination/${absent}/${absent}`;
  const question = { principal: roleArn, actions: ["events:InvokeApiDestination"], resource };
  const denied = await attempt(() => api.findDenied(question));
  if (!(denied instanceof ReconcileError)) return denied.length === 0 ? "allows" : "refuses";
  return denied.platformCode?.startsWith("NoSuchEntity") === true ? "missing" : "unknown";
}

const ruleWrites = [
  ...["events:PutRule", "events:DisableRule", "events:DeleteRule"],
  ...["events:PutTargets", "events:RemoveTargets"],
];
const destinationWrites = ["Create", "Update", "Delete"].map((verb) => `events:${verb}ApiDestination`);

type Ask = (
  action: EventBridgeAction,
  input: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>> | null | ReconcileError>;

async function lookAtSource(name: string, ask: Ask): Promise<SourceLook> {
  const source = await ask("DescribeEventSource", { Name: name });
  const bus = await ask("DescribeEventBus", { Name: name });
  const isThere = source !== null && !(source instanceof ReconcileError);
  return {
    name,
    state: isThere ? textOf(source["State"]) : source,
    expiresAtMs: isThere ? timeOf(source["ExpirationTime"]) : null,
    hasBus: bus instanceof ReconcileError ? bus : bus !== null,
    rules: bus === null || bus instanceof ReconcileError ? null : await countRules(name, ask),
  };
}

const mostPages = 20;

async function countRules(bus: string, ask: Ask): Promise<number | null> {
  let [count, more]: [number, Record<string, unknown>] = [0, {}];
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await ask("ListRules", { EventBusName: bus, Limit: 100, ...more });
    if (answer === null || answer instanceof ReconcileError) return null;
    const { Rules: rules, NextToken: next } = answer;
    count += Array.isArray(rules) ? rules.length : 0;
    if (typeof next !== "string") return count;
    more = { NextToken: next };
  }
  return count;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "in no state that AWS names";
}

function timeOf(value: unknown): number | null {
  return value instanceof Date ? value.getTime() : null;
}
