// What keeps a request from being answered, in words: the name, the way, or the TLS in between.
import { areaOf, ReconcileError, systemErrorCode } from "../model/errors.ts";

export interface NetworkFault {
  /** `its name is unknown to DNS (ENOTFOUND)`. */
  readonly says: string;
  readonly toDo: string;
}

interface Row {
  readonly codes: RegExp;
  readonly says: string;
  readonly toDo: string;
}

/** Node's error codes; the first match counts. */
const table: readonly Row[] = [
  {
    codes: /^(?:ENOTFOUND|EAI_)/,
    says: "its name is unknown to DNS",
    toDo: "check the name, and this machine's DNS; behind a proxy, set HTTPS_PROXY: then the proxy looks it up",
  },
  {
    codes: /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO)/,
    says: "its TLS certificate is not trusted here",
    toDo:
      "where a proxy opens TLS, name its certificate authority's file in NODE_EXTRA_CA_CERTS; " +
      "else have the certificate mended, or this machine's clock set",
  },
  {
    codes: /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EHOSTDOWN)$/,
    says: "nothing lets this machine connect to it",
    toDo: "have it opened in the firewall; behind a proxy, set HTTPS_PROXY",
  },
];

/** Null of an error that is not the network's: something answered. */
export function findNetworkFault(error: ReconcileError): NetworkFault | null {
  const area = areaOf(error);
  if (area !== "network" && area !== "proxy") return null;
  const code = findCode(error);
  const row = code === undefined ? undefined : table.find(({ codes }) => codes.test(code));
  if (row && code !== undefined && area === "network")
    return { says: `${row.says} (${code})`, toDo: row.toDo };
  return { says: error.problem, toDo: error.hint ?? "check the network and, behind a proxy, HTTPS_PROXY" };
}

/** Of the system call at the bottom of it. */
function findCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = at instanceof ReconcileError ? undefined : systemErrorCode(at);
    if (code !== undefined) return code;
  }
  return undefined;
}
