// Reads who signed a request, and for which region.
import { findHeader, type SandboxRequest } from "../messages.ts";

export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** Undefined if the request has no signature of version 4. */
export function findSignature(request: SandboxRequest): Signature | undefined {
  const header = findHeader(request, "authorization") ?? "";
  const scope = /^AWS4-HMAC-SHA256 .*?Credential=([^,\s]+)/.exec(header)?.[1];
  const [accessKeyId, , region, service, ending] = scope?.split("/") ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return undefined;
  return ending === "aws4_request" ? { accessKeyId, region, service } : undefined;
}
