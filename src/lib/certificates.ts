// The one hint for a TLS certificate that is not trusted, whichever program found it.

/** Node's codes for it. */
export function isUntrusted(code: string): boolean {
  return /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO)/.test(code);
}

/** `variable` names the file of further certificate authorities to the program. */
export function certificateHint(variable: "NODE_EXTRA_CA_CERTS" | "GIT_SSL_CAINFO"): string {
  return (
    `if a proxy inspects TLS, set ${variable} to the file of its certificate authority; ` +
    "otherwise have the certificate renewed, or set this machine's clock"
  );
}
