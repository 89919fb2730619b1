// The one action of STS that the embedded AWS answers: GetCallerIdentity, in the Query protocol, whose answers are XML.
import type { SandboxAws } from "./aws-account.ts";

export interface XmlAnswer {
  readonly status: number;
  readonly body: string;
}

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

export function tellIdentity({ account }: SandboxAws, requestId: string): XmlAnswer {
  const arn = callerArn(account);
  const result = `<Arn>${arn}</Arn><UserId>AIDASANDBOX</UserId><Account>${account}</Account>`;
  return {
    status: 200,
    body:
      `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult>${result}` +
      `</GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
      `</GetCallerIdentityResponse>\n`,
  };
}

export function callerArn(account: string): string {
  return `arn:aws:iam::${account}:user/sandbox`;
}

export function refuseXml(
  refusal: { readonly status: number; readonly code: string; readonly message: string },
  requestId: string,
): XmlAnswer {
  const { status, code, message } = refusal;
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    body: `<ErrorResponse xmlns="${namespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>\n`,
  };
}
