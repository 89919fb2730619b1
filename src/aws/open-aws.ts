// Opens AWS: its SDK signs and serialises, and our network sends. The SDK is loaded at the first call.
import { once } from "../lib/once.ts";
import type {
  AwsAccess,
  AwsApi,
  CallerIdentity,
  EventBridgeAction,
  EventBridgeApi,
  PolicyQuestion,
} from "../model/aws-api.ts";
import { invariant, ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import { makeClients, type Clients } from "./make-clients.ts";
import { loadSdk } from "./load-sdk.ts";
import { sendAction, type Sending, type SendingPorts } from "./send-action.ts";

export interface AwsSettings extends SendingPorts {
  readonly send: Send;
  /** Refuses every action that changes something. */
  readonly readOnly: boolean;
  /** Those of the real environment: AWS's own count nowhere else. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export function openAws(access: AwsAccess, settings: AwsSettings): AwsApi {
  const clients = once(async () => makeClients(access, settings, await loadSdk()));
  return {
    eventBridge: (region) => openEventBridge(region, clients, settings),
    identify: once(() => identify(clients, settings)),
    findDenied: (question) => findDenied(question, clients, settings),
  };
}

/** Actions with these names change nothing. */
const reads = /^(?:Describe|List)/;

function openEventBridge(
  region: string,
  clients: () => Promise<Clients>,
  settings: AwsSettings,
): EventBridgeApi {
  return {
    call: async (action: EventBridgeAction, input) => {
      const isWrite = !reads.test(action);
      invariant(!isWrite || !settings.readOnly, "a read-only client was asked to write");
      const { eventBridge } = await clients();
      const send = await eventBridge(region);
      return sendAction(
        { action, service: "events", isWrite, send: (options) => send(action, input, options) },
        settings,
      );
    },
  };
}

async function identify(clients: () => Promise<Clients>, settings: AwsSettings): Promise<CallerIdentity> {
  const { identify: send } = await clients();
  const answer = await sendAction(
    { action: "GetCallerIdentity", service: "sts", isWrite: false, send },
    settings,
  );
  const { Account: account, Arn: arn } = answer as { readonly Account?: unknown; readonly Arn?: unknown };
  if (typeof account === "string" && typeof arn === "string") return { account, arn };
  throw new ReconcileError("api/malformed", "AWS does not say whose the credentials are", {
    request: "AWS GetCallerIdentity",
  });
}

async function findDenied(
  question: PolicyQuestion,
  clients: () => Promise<Clients>,
  settings: AwsSettings,
): Promise<readonly string[]> {
  const { simulate } = await clients();
  const action = "SimulatePrincipalPolicy";
  const send: Sending["send"] = (options) => simulate(question, options);
  const answer = await sendAction({ action, service: "iam", isWrite: false, send }, settings);
  const { EvaluationResults: results } = answer as { readonly EvaluationResults?: unknown };
  if (!Array.isArray(results))
    throw new ReconcileError("api/malformed", "expected EvaluationResults", { request: `AWS ${action}` });
  return (
    results as readonly { readonly EvalActionName?: unknown; readonly EvalDecision?: unknown }[]
  ).flatMap(({ EvalActionName: name, EvalDecision: decision }) =>
    typeof name === "string" && decision !== "allowed" ? [name] : [],
  );
}
