// Talks to the embedded AWS as a client would, and to the Genesys Cloud that it belongs to.
import { sandboxAws } from "../../../src/sandbox/aws/aws-account.ts";
import { partnerSourceName } from "../../../src/sandbox/aws/partner-sources.ts";
import { handleAws } from "../../../src/sandbox/aws/handle-aws.ts";
import type { SandboxContext } from "../../../src/sandbox/context.ts";
import { sandboxOrganisation } from "../../../src/sandbox/sandbox-organisation.ts";
import { makeIds, makeSandboxClient, type SandboxClient } from "../sandbox-client.ts";

export interface AwsReply {
  readonly status: number;
  readonly json: unknown;
  /** The name of the exception; undefined if the call succeeded. */
  readonly error: string | undefined;
  readonly message: string | undefined;
  readonly changed: boolean;
}

export interface AwsClient extends SandboxClient {
  aws(action: string, input?: object, headers?: Readonly<Record<string, string>>): AwsReply;
}

export const region = "us-east-1";
export const source = partnerSourceName(sandboxOrganisation, "events");
export const onBus = { EventBusName: source };
export const pattern = '{"detail-type":["v2.users.{id}.presence"]}';
export const arnOf = (resource: string): string =>
  `arn:aws:events:${region}:${sandboxAws.account}:${resource}`;
export const connection = arnOf("connection/pipeline/0a1b2c3d");

export function makeAwsClient(options: Pick<SandboxContext, "quirks"> = {}): AwsClient {
  const client = makeSandboxClient(options);
  const random = makeIds();
  const scope = `${sandboxAws.accessKeyId}/20261201/${region}/events/aws4_request`;
  return Object.assign(client, {
    aws: (action: string, input: object = {}, headers: Readonly<Record<string, string>> = {}) => {
      const request = {
        method: "POST",
        url: "/",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSEvents.${action}`,
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
          ...headers,
        },
        body: JSON.stringify(input),
      };
      const aws = { connections: [connection] };
      const context = { nowMs: client.nowMs, random, aws, ...options };
      const { response, changed } = handleAws(client.state, request, context);
      const json: unknown = response.body === "" ? undefined : JSON.parse(response.body);
      const { __type: error, message } = (json ?? {}) as { __type?: string; message?: string };
      return { status: response.status, json, error, message, changed };
    },
  });
}

/** Makes an integration of the source; returns its id. */
export function makeFeed(client: SandboxClient, suffix = "events"): string {
  const path = "/api/v2/integrations";
  const body = { name: "feed", integrationType: { id: "amazon-eventbridge-source" } };
  const { id } = client.call("POST", path, body).json as { readonly id: string };
  const current = `${path}/${id}/config/current`;
  const properties = {
    ...{ awsAccountId: sandboxAws.account, awsAccountRegion: region, eventSourceSuffix: suffix },
    eventFilter: ["v2.users.{id}.presence"],
  };
  client.call("PUT", current, { ...(client.call("GET", current).json as object), properties });
  client.call("PATCH", `${path}/${id}`, { intendedState: "ENABLED" });
  return id;
}

/** A client whose event source is associated with a bus. */
export function makeAssociated(options: Pick<SandboxContext, "quirks"> = {}): AwsClient {
  const client = makeAwsClient(options);
  makeFeed(client);
  client.aws("CreateEventBus", { Name: source, EventSourceName: source });
  return client;
}

/** A target that calls an API destination. */
export function targetOf(destinationArn: string, more: object = {}): object {
  const RoleArn = `arn:aws:iam::${sandboxAws.account}:role/deliver`;
  return { Id: "a", Arn: destinationArn, RoleArn, ...more };
}

/** Creates an API destination; returns its ARN. */
export function makeDestination(client: AwsClient, Name = "alpha-1"): string {
  const { json } = client.aws("CreateApiDestination", {
    ...{ Name, ConnectionArn: connection, HttpMethod: "POST" },
    InvocationEndpoint: "https://pipeline.example.com/genesys",
  });
  return (json as { readonly ApiDestinationArn: string }).ApiDestinationArn;
}
