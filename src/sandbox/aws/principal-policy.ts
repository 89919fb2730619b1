// The one action of IAM that the embedded AWS answers: SimulatePrincipalPolicy, in the Query protocol.
import type { SandboxAws } from "./aws-account.ts";
import { callerArn, refuseXml, type XmlAnswer } from "./caller-identity.ts";

const namespace = "https://iam.amazonaws.com/doc/2010-05-08/";

/** Everything is allowed but the actions that the sandbox denies, and that of asking may be one of them. */
export function simulatePolicy(
  query: URLSearchParams,
  {
    account,
    requestId,
    denied,
  }: { readonly account: SandboxAws; readonly requestId: string; readonly denied: readonly string[] },
): XmlAnswer {
  const arn = callerArn(account.account);
  if (denied.includes("SimulatePrincipalPolicy")) {
    const message = `User: ${arn} is not authorized to perform: iam:SimulatePrincipalPolicy on resource: ${arn}`;
    return refuseXml({ status: 403, code: "AccessDenied", message }, requestId);
  }
  const actions = [...query]
    .filter(([name]) => /^ActionNames\.member\.\d+$/.test(name))
    .map(([, value]) => value);
  const members = actions.map((action) => {
    const decision = denied.includes(action.split(":")[1] ?? "") ? "implicitDeny" : "allowed";
    const fields = `<EvalActionName>${action}</EvalActionName><EvalDecision>${decision}</EvalDecision>`;
    return `<member>${fields}</member>`;
  });
  const result = `<EvaluationResults>${members.join("")}</EvaluationResults><IsTruncated>false</IsTruncated>`;
  return {
    status: 200,
    body:
      `<SimulatePrincipalPolicyResponse xmlns="${namespace}"><SimulatePrincipalPolicyResult>${result}` +
      `</SimulatePrincipalPolicyResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
      `</SimulatePrincipalPolicyResponse>\n`,
  };
}
