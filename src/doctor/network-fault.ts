// Explains in words why a request got no answer: DNS, the connection, or TLS.
import { certificateHint, isUntrusted } from "../lib/certificates.ts";
import { areaOf, ReconcileError, systemErrorCode } from "../model/errors.ts";

export interface NetworkFault {
  /** `DNS does not resolve its name (ENOTFOUND)`. */
  readonly words: string;
  readonly toDo: string;
}

interface FaultDescription {
  readonly is: (code: string) => boolean;
  readonly words: string;
  readonly toDo: string;
}

/** Node's error codes; the first match counts. */
const table: readonly FaultDescription[] = [
  {
    is: (code) => /^(?:ENOTFOUND|EAI_)/.test(code),
    words: "DNS does not resolve its name",
    toDo: "check the name, and this machine's DNS; behind a proxy, set HTTPS_PROXY, so that the proxy resolves it",
  },
  {
    is: isUntrusted,
    words: "this machine does not trust its TLS certificate",
    toDo: certificateHint("NODE_EXTRA_CA_CERTS"),
  },
  {
    is: (code) => /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EHOSTDOWN)$/.test(code),
    words: "this machine cannot connect to it",
    toDo: "have the firewall opened for it; behind a proxy, set HTTPS_PROXY",
  },
];

/** Null if the error does not come from the network, because then something answered. */
export function findNetworkFault(error: ReconcileError): NetworkFault | null {
  const area = areaOf(error);
  if (area !== "network" && area !== "proxy") return null;
  const code = findCode(error);
  const row = code === undefined ? undefined : table.find(({ is }) => is(code));
  if (row && code !== undefined && area === "network")
    return { words: `${row.words} (${code})`, toDo: row.toDo };
  return { words: error.problem, toDo: error.hint ?? "check the network and, behind a proxy, HTTPS_PROXY" };
}

/** The code of the system call that caused the error. */
function findCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = at instanceof ReconcileError ? undefined : systemErrorCode(at);
    if (code !== undefined) return code;
  }
  return undefined;
}
