// Makes the SDK's clients: for the real AWS with its default chain of credentials, for the embedded one with nothing of
// this machine.
import { once } from "../lib/once.ts";
import type { AwsAccess, EmbeddedAws, EventBridgeAction, PolicyQuestion } from "../model/aws-api.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import { credentialsMissing, judgeFailure } from "./aws-errors.ts";
import { findEndpoint, type AwsService, type EndpointSource } from "./find-endpoint.ts";
import type { Sdk } from "./load-sdk.ts";
import { makeSdkHandler, type SdkHandler, type SendOptions } from "./request-handler.ts";

export interface Clients {
  /** Returns the function that sends an action once, to a region. */
  readonly eventBridge: (
    region: string,
  ) => Promise<(action: EventBridgeAction, input: object, options: SendOptions) => Promise<unknown>>;
  /** Asks once who the credentials belong to. */
  readonly identify: (options: SendOptions) => Promise<unknown>;
  /** Asks once what a principal may do. */
  readonly simulate: (question: PolicyQuestion, options: SendOptions) => Promise<unknown>;
}

interface Making {
  readonly access: AwsAccess;
  readonly settings: { readonly send: Send; readonly variables: EndpointSource["variables"] };
  readonly sdk: Sdk;
  readonly handler: SdkHandler;
}

export function makeClients(access: AwsAccess, settings: Making["settings"], sdk: Sdk): Clients {
  const making = { access, settings, sdk, handler: makeSdkHandler(settings.send) };
  const credentials = once(() => findCredentials(making));
  const region = access.region ?? settings.variables["AWS_REGION"] ?? "us-east-1";
  const sts = once(async () => {
    const source = await credentials();
    return new sdk.STSClient({ ...(await optionsOf("STS", region, making)), credentials: source });
  });
  const iam = once(async () => {
    const source = await credentials();
    return new sdk.IAMClient({ ...(await optionsOf("IAM", region, making)), credentials: source });
  });
  const made = new Map<string, Promise<InstanceType<Sdk["EventBridgeClient"]>>>();
  const eventBridge = async (its: string): Promise<InstanceType<Sdk["EventBridgeClient"]>> => {
    const source = await credentials();
    return new sdk.EventBridgeClient({
      ...(await optionsOf("EventBridge", its, making)),
      credentials: source,
    });
  };
  return {
    eventBridge: async (its) => {
      const client = made.get(its) ?? eventBridge(its);
      made.set(its, client);
      const { send } = bind(await client);
      return (action, input, options) => send(new sdk.commands[action](input as never), options);
    },
    simulate: async ({ principal, actions, resource }, options) =>
      bind(await iam()).send(
        new sdk.SimulatePrincipalPolicyCommand({
          ...{ PolicySourceArn: principal, ActionNames: [...actions], ResourceArns: [resource] },
          // iam:PassRole is allowed for one service alone.
          ContextEntries: [
            {
              ...{ ContextKeyName: "iam:PassedToService", ContextKeyType: "string" },
              ContextKeyValues: ["events.amazonaws.com"],
            },
          ],
        }),
        options,
      ),
    identify: async (options) => bind(await sts()).send(new sdk.GetCallerIdentityCommand({}), options),
  };
}

/** The SDK hands its caller's options on to the handler, which its types do not tell. */
function bind(client: { readonly send: unknown }): {
  readonly send: (command: object, options: SendOptions) => Promise<unknown>;
} {
  const { send } = client as { send: (command: object, options: SendOptions) => Promise<unknown> };
  return { send: (command, options) => send.call(client, command, options) };
}

/** Messages of the SDK would stand among ours; what matters in them becomes an error of ours. */
const silent = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (): void => undefined,
  error: (): void => undefined,
};

async function optionsOf(service: AwsService, region: string, { access, settings, sdk, handler }: Making) {
  const common = {
    region,
    // The SDK's types want a handler that takes its own classes alone.
    requestHandler: handler as never,
    maxAttempts: 1,
    retryMode: "standard",
    logger: silent,
    defaultsMode: "standard",
    userAgentAppId: "reconcile",
    // We have found the address, or there is none.
    ignoreConfiguredEndpointUrls: true,
  } as const;
  if (access.embedded) return { ...common, ...apart, endpoint: access.embedded.endpoint };
  const { profile } = access;
  const endpoint = await findEndpoint(service, { ...settings, profile }, sdk);
  return {
    ...common,
    ...(profile === null ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/** With these given, the SDK reads no variable and no file of AWS. */
const apart = {
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  authSchemePreference: () => Promise.resolve([]),
  sigv4aSigningRegionSet: () => Promise.resolve([]),
};

interface AwsCredentials extends Pick<EmbeddedAws, "accessKeyId" | "secretAccessKey"> {
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The SDK calls the result before a request, and keeps what it gets until that expires. */
async function findCredentials(making: Making): Promise<() => Promise<AwsCredentials>> {
  const { access, sdk } = making;
  if (access.embedded) {
    const { accessKeyId, secretAccessKey } = access.embedded;
    return () => Promise.resolve({ accessKeyId, secretAccessKey });
  }
  const region = access.region ?? making.settings.variables["AWS_REGION"] ?? "us-east-1";
  const client = new sdk.STSClient(await optionsOf("STS", region, making));
  const { profile, assumeRole } = access;
  const own = async (): Promise<AwsCredentials> =>
    client.config.credentials().catch((error: unknown) => {
      throw error instanceof ReconcileError ? error : credentialsMissing(profile);
    });
  if (assumeRole === null) return own;
  return async () => {
    await own();
    const command = new sdk.AssumeRoleCommand({ RoleArn: assumeRole, RoleSessionName: "reconcile" });
    const { Credentials: given } = await client.send(command).catch((error: unknown) => {
      throw explainRole(error);
    });
    if (!given?.AccessKeyId || !given.SecretAccessKey) throw credentialsMissing(profile);
    return {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
      ...(given.Expiration === undefined ? {} : { expiration: given.Expiration }),
    };
  };
}

function explainRole(error: unknown): ReconcileError {
  const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? null;
  return judgeFailure(error, { action: "AssumeRole", service: "sts", status, requestId: null }).error;
}
