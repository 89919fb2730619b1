// The embedded AWS: answers EventBridge's JSON protocol, STS' question of who asks, and IAM's of what that one may do.
import type { SandboxContext } from "../context.ts";
import type { HandledRequest } from "../handle.ts";
import { findHeader, type SandboxRequest, type SandboxResponse } from "../messages.ts";
import type { SandboxQuirks } from "../quirks.ts";
import { sandboxOrganisation } from "../sandbox-organisation.ts";
import { parseJson, type SandboxState } from "../state.ts";
import { findAction } from "./actions.ts";
import { sandboxAws, type SandboxAws } from "./aws-account.ts";
import { refuseAws, type AwsAnswer } from "./aws-call.ts";
import { findSignature, type Signature } from "./aws-credentials.ts";
import type { AwsState } from "./aws-state.ts";
import { callerArn, refuseXml, tellIdentity, type XmlAnswer } from "./caller-identity.ts";
import { pickMembers, refuseInput } from "./check-input.ts";
import { simulatePolicy } from "./principal-policy.ts";
import { syncSources } from "./partner-sources.ts";

/** True for a request that AWS answers; all others are for Genesys Cloud. */
export function isForAws({ method, url }: SandboxRequest): boolean {
  return method === "POST" && /^(?:https?:\/\/[^/?]+)?(?:\/|\/aws\/?)?$/.test(url);
}

/** Changes `state` in place. Never throws; the same state, request and context give the same response. */
export function handleAws(
  state: SandboxState,
  request: SandboxRequest,
  context: SandboxContext,
): HandledRequest {
  const requestId = context.random.id();
  const account = { ...sandboxAws, ...context.aws };
  const { nowMs, organisation = sandboxOrganisation } = context;
  const appeared = syncSources(state, { nowMs, organisation });
  const finish = (status: number, body: string, type: string): SandboxResponse => ({
    status,
    headers: {
      ...(body !== "" && { "content-type": type }),
      date: new Date(nowMs).toUTCString(),
      "x-amzn-requestid": requestId,
    },
    body,
  });
  if (findHeader(request, "x-amz-target") === undefined && isForm(request)) {
    const { status, body } = answerQuery(request, { account, requestId, quirks: context.quirks ?? {} });
    return { response: finish(status, body, "text/xml"), changed: appeared };
  }
  const answer = answerJson({ state, request, context, account });
  const body = answer.json === undefined ? "" : JSON.stringify(answer.json);
  return {
    response: finish(answer.status, body, "application/x-amz-json-1.1"),
    changed: appeared || answer.changed === true,
  };
}

function isForm(request: SandboxRequest): boolean {
  const type = findHeader(request, "content-type") ?? "";
  return type.toLowerCase().startsWith("application/x-www-form-urlencoded");
}

interface QueryContext {
  readonly account: SandboxAws;
  readonly requestId: string;
  readonly quirks: SandboxQuirks;
}

function answerQuery(request: SandboxRequest, { account, requestId, quirks }: QueryContext): XmlAnswer {
  if (findSignature(request)?.accessKeyId !== account.accessKeyId) {
    const message = "The security token included in the request is invalid.";
    return refuseXml({ status: 403, code: "InvalidClientTokenId", message }, requestId);
  }
  const query = new URLSearchParams(request.body ?? "");
  if (query.get("Action") === "GetCallerIdentity") return tellIdentity(account, requestId);
  if (query.get("Action") === "SimulatePrincipalPolicy")
    return simulatePolicy(query, { account, requestId, denied: quirks.deniedActions ?? [] });
  const message = "The action is not valid for this web service.";
  return refuseXml({ status: 400, code: "InvalidAction", message }, requestId);
}

interface JsonCall {
  readonly state: SandboxState;
  readonly request: SandboxRequest;
  readonly context: SandboxContext;
  readonly account: SandboxAws;
}

function answerJson({ state, request, context, account }: JsonCall): AwsAnswer {
  const signature = findSignature(request);
  if (signature?.accessKeyId !== account.accessKeyId) {
    const message = "The security token included in the request is invalid.";
    return refuseAws("UnrecognizedClientException", message);
  }
  const [service, name = ""] = (findHeader(request, "x-amz-target") ?? "").split(".");
  const action = service === "AWSEvents" ? findAction(name) : undefined;
  if (!action) return refuseAws("UnknownOperationException", "");
  const { quirks = {}, nowMs, random } = context;
  const refusal =
    refuseAccess(name, signature, { quirks, account }) ??
    refuseRate(state.aws, nowMs, quirks) ??
    (action.isWrite ? refuseConflict(state.aws, quirks) : null);
  if (refusal) return refusal;
  const input = parseJson(request.body ?? "");
  const place = { account: account.account, region: signature.region };
  const wrong = refuseInput(action.shape, input);
  if (wrong) return wrong;
  return action.answer({
    input: pickMembers(action.shape, input),
    ...{ aws: state.aws, nowMs, quirks, place, account },
    newId: () => random.id(),
  });
}

function refuseAccess(
  name: string,
  { region }: Signature,
  { quirks, account }: { readonly quirks: SandboxQuirks; readonly account: SandboxAws },
): AwsAnswer | null {
  if (!quirks.deniedActions?.includes(name)) return null;
  const resource = `arn:aws:events:${region}:${account.account}:*`;
  const message = `User: ${callerArn(account.account)} is not authorized to perform: events:${name} on resource: ${resource}`;
  return refuseAws("AccessDeniedException", message);
}

function refuseRate({ counts }: AwsState, nowMs: number, quirks: SandboxQuirks): AwsAnswer | null {
  counts.calls += 1;
  if (nowMs < counts.secondStartMs || nowMs >= counts.secondStartMs + 1_000)
    Object.assign(counts, { secondStartMs: nowMs, inSecond: 0 });
  counts.inSecond += 1;
  const { throttlesEvery = Infinity, callsASecond = Infinity } = quirks;
  if (counts.inSecond <= callsASecond && counts.calls % throttlesEvery !== 0) return null;
  return refuseAws("ThrottlingException", "Rate exceeded");
}

function refuseConflict(
  { counts }: AwsState,
  { conflictsEvery = Infinity }: SandboxQuirks,
): AwsAnswer | null {
  counts.writes += 1;
  if (counts.writes % conflictsEvery !== 0) return null;
  const message = "Another change of this resource is under way.";
  return refuseAws("ConcurrentModificationException", message);
}
