// What a route's target and destination are to be, by its document and the config.
import { invariant, ReconcileError } from "../../model/errors.ts";
import type { AwsWebhooks } from "../../model/config.ts";
import { parseUrl } from "../../lib/parse-url.ts";
import { groupOf, partName } from "../../model/ownership.ts";
import { sameJson } from "../../model/options.ts";
import type { ResourceDocument } from "../../model/resource.ts";
import { ratePerSecond, route } from "./kind.ts";
import { findConnection } from "./connection.ts";
import { ageSecondsOf } from "./delivery-policy.ts";
import type { Destination, Target } from "./shape.ts";

/** All parts of an endpoint lead to the destination of the first one. */
export function destinationName(document: ResourceDocument): string {
  const { endpoint } = document;
  const group = groupOf(document);
  invariant(group !== null, "a route's document names its group");
  return partName(route, group, { endpoint, number: 1 });
}

/** Throws ReconcileError `aws/noConnection`. */
export function wantedDestination(
  document: ResourceDocument,
  { connections }: AwsWebhooks,
): Record<string, unknown> {
  const { endpoint, description } = document;
  const host = parseUrl(endpoint)?.hostname ?? "";
  const connection = findConnection(host, connections);
  if (!connection) {
    const message = `no connection of aws.webhooks.connections fits the host ${host}`;
    throw new ReconcileError("aws/noConnection", message, { hint: "add the host to a connection's hosts" });
  }
  return {
    ...{ Name: destinationName(document), Description: description, ConnectionArn: connection.arn },
    ...{ InvocationEndpoint: endpoint, HttpMethod: "POST", InvocationRateLimitPerSecond: ratePerSecond },
  };
}

export function sameDestination(now: Destination, wanted: Record<string, unknown>): boolean {
  const fields: Record<string, unknown> = {
    ...{ Name: now.name, Description: now.description, ConnectionArn: now.connectionArn },
    ...{ InvocationEndpoint: now.endpoint, HttpMethod: now.method },
    InvocationRateLimitPerSecond: now.ratePerSecond,
  };
  return sameJson(fields, wanted);
}

export function wantedTarget(
  { name, retryPolicy }: ResourceDocument,
  { roleArn, deadLetterArn }: AwsWebhooks,
  destinationArn: string,
): Record<string, unknown> {
  invariant(retryPolicy, "a route's document has a retry policy");
  return {
    ...{ Id: name, Arn: destinationArn, RoleArn: roleArn },
    RetryPolicy: {
      MaximumRetryAttempts: retryPolicy.retryCount,
      MaximumEventAgeInSeconds: ageSecondsOf(retryPolicy),
    },
    ...(deadLetterArn === null ? {} : { DeadLetterConfig: { Arn: deadLetterArn } }),
  };
}

/** True if all is right but what the document holds itself: attempts and age. */
export function hasRightSettings(
  target: Target,
  destination: Destination | null,
  { roleArn, deadLetterArn, connections }: AwsWebhooks,
): boolean {
  if (!destination) return false;
  const host = parseUrl(destination.endpoint)?.hostname ?? "";
  const connection = findConnection(host, connections);
  return (
    target.arn === destination.arn &&
    target.roleArn === roleArn &&
    target.deadLetterArn === deadLetterArn &&
    target.others.length === 0 &&
    destination.state !== "INACTIVE" &&
    destination.method === "POST" &&
    destination.ratePerSecond === ratePerSecond &&
    // A host that no connection fits any more is an error of the manifest, not of the route.
    (connection === null || destination.connectionArn === connection.arn)
  );
}

export function sameTarget(now: Target, wanted: Record<string, unknown>): boolean {
  const fields: Record<string, unknown> = {
    ...{ Id: now.id, Arn: now.arn, RoleArn: now.roleArn },
    RetryPolicy: { MaximumRetryAttempts: now.attempts, MaximumEventAgeInSeconds: now.ageSeconds },
    ...(now.deadLetterArn === null ? {} : { DeadLetterConfig: { Arn: now.deadLetterArn } }),
  };
  return now.others.length === 0 && sameJson(fields, wanted);
}
