// The routes in the sandbox's AWS, as another user would see, make, remove or switch them.
import { sandboxAws } from "../../src/sandbox/aws/aws-account.ts";
import { busArnOf, makeArn, ruleArnOf } from "../../src/sandbox/aws/arns.ts";
import type { AwsState, StoredRule } from "../../src/sandbox/aws/aws-state.ts";
import { partnerSourceName, sourceArnOf } from "../../src/sandbox/aws/partner-sources.ts";
import { sandboxOrganisation } from "../../src/sandbox/sandbox-organisation.ts";
import { parseJson, type SandboxState } from "../../src/sandbox/state.ts";
import type { MadeByHand, Stored } from "./stored.ts";

/** Returns all routes, complete or not, in the order of their creation; one that leads nowhere has an empty endpoint. */
export function routesIn({ aws }: SandboxState): readonly Stored[] {
  return [...aws.rules.values()].map((rule) => ({
    id: rule.Name,
    endpoint: endpointOf(aws, rule),
    eventTypes: eventTypesOf(rule),
    state: rule.State === "DISABLED" ? "disabled" : "enabled",
    description: rule.Description ?? "",
  }));
}

/** Adds a whole route: its destination, its rule and its target, and its bus where there is none. */
export function putRoute(
  { aws }: SandboxState,
  { name, endpoint, eventTypes, description }: Omit<MadeByHand, "id">,
  { suffix = "default", connectionArn = makeArn(sandboxAws, "connection/pipeline/0a1b2c3d") } = {},
): void {
  const busArn = associateByHand(aws, suffix);
  const key = makeArn(sandboxAws, `api-destination/${name}`);
  const times = { createdAtMs: 0, modifiedAtMs: 0 };
  const destination = {
    ...{ Name: name, Description: description, ApiDestinationArn: `${key}/${name}`, ...times },
    ...{ ConnectionArn: connectionArn, InvocationEndpoint: endpoint },
    ...{ HttpMethod: "POST", InvocationRateLimitPerSecond: 300 },
  };
  const target = {
    ...{ Id: name, Arn: destination.ApiDestinationArn },
    RoleArn: `arn:aws:iam::${sandboxAws.account}:role/genesys-deliver`,
    RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
  };
  aws.destinations.set(key, destination);
  setRule(aws, ruleArnOf(busArn, name), {
    ...{ Name: name, busArn, Description: description, State: "ENABLED" },
    EventPattern: JSON.stringify({ "detail-type": [...eventTypes] }),
    ...{ Targets: [target], Tags: [] },
  });
}

/** Removes the rules of that name, with their targets; the destination stays. */
export function removeRoute({ aws }: SandboxState, id: string): void {
  for (const [arn, { Name }] of aws.rules) if (Name === id) setRule(aws, arn, null);
}

export function switchRoutesOff({ aws }: SandboxState): void {
  for (const [arn, rule] of aws.rules) setRule(aws, arn, { ...rule, State: "DISABLED" });
}

/** A change by hand is in effect at once, whatever changes of the rule are still to come. */
function setRule({ rules, versions }: AwsState, arn: string, rule: StoredRule | null): void {
  versions.delete(arn);
  if (rule) rules.set(arn, rule);
  else rules.delete(arn);
}

/** Returns the ARN of the bus, which is made where there is none; a source that waits for it is then active. */
function associateByHand({ buses, sources }: AwsState, suffix: string): string {
  const Name = partnerSourceName(sandboxOrganisation, suffix);
  const busArn = busArnOf(sandboxAws, Name);
  if (buses.has(busArn)) return busArn;
  buses.set(busArn, { Name, createdAtMs: 0, Tags: [] });
  const source = sources.get(sourceArnOf(sandboxAws, Name));
  if (source) sources.set(sourceArnOf(sandboxAws, Name), { ...source, activeFromMs: 0 });
  return busArn;
}

function endpointOf({ destinations }: AwsState, { Targets }: StoredRule): string {
  const arns = Targets.map(({ Arn }) => Arn);
  const found = [...destinations.values()].find(({ ApiDestinationArn }) =>
    arns.includes(ApiDestinationArn),
  );
  return found?.InvocationEndpoint ?? "";
}

function eventTypesOf({ EventPattern = "" }: StoredRule): readonly string[] {
  const pattern = parseJson(EventPattern) as { readonly "detail-type"?: readonly string[] } | undefined;
  return pattern?.["detail-type"] ?? [];
}
