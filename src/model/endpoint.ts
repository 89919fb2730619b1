// Endpoints compare by meaning, travel as written, and are shown without their query string and their login.

/** The partner event source that an EventBridge integration makes in AWS. */
export interface EventSource {
  /** 12 digits. */
  readonly awsAccountId: string;
  readonly awsRegion: string;
  /** 1 to 64 letters, digits and . _ - */
  readonly suffix: string;
}

/** The longest suffix of an event source. */
export const maxSuffixLength = 64;

/** Parses `eventbridge://<awsAccountId>/<awsRegion>/<suffix>`; null for any other endpoint. */
export function parseEventSource(endpoint: string): EventSource | null {
  const form = /^eventbridge:\/\/(\d{12})\/([a-z]{2,4}(?:-[a-z]+)+-\d)\/((?!\.{1,2}$)[A-Za-z0-9._-]+)$/;
  const [, awsAccountId, awsRegion, suffix] = form.exec(endpoint) ?? [];
  return awsAccountId && awsRegion && suffix && suffix.length <= maxSuffixLength
    ? { awsAccountId, awsRegion, suffix }
    : null;
}

/** Parses `workflow:<id>`; null for any other endpoint. */
export function parseWorkflowId(endpoint: string): string | null {
  return /^workflow:([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(endpoint)?.[1] ?? null;
}

/** `init` writes these into a first manifest, in place of the user's own account or workflow. */
export const placeholders = {
  awsAccountId: "000000000000",
  workflowId: "00000000-0000-4000-8000-000000000000",
} as const;

/** Equal for two endpoints that mean the same: `https://A.example.com:443/x` and `https://a.example.com/x`. */
export function endpointKey(url: string): string {
  try {
    return new URL(url).href;
  } catch {
    return url;
  }
}

export function sameEndpoint(a: string, b: string): boolean {
  return a === b || endpointKey(a) === endpointKey(b);
}

/**
 * Returns the endpoint for people to read. A query string may hold a secret, so it becomes `?…`. So may a login before an
 * `@`, which no manifest may have but which someone may have set by hand.
 */
export function shownEndpoint(url: string): string {
  const query = url.indexOf("?");
  const shown = query < 0 ? url : `${url.slice(0, query)}?…`;
  return shown.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1…@");
}
