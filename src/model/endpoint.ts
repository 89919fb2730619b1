// Endpoints compare by meaning, travel as written, and are shown without their query string and their login.

/** The partner event source that an EventBridge integration makes in AWS. */
export interface EventSource {
  /** 12 digits. */
  readonly awsAccountId: string;
  readonly awsRegion: string;
  /** 1 to 64 letters, digits and . _ - */
  readonly suffix: string;
}

/** Of an event source. */
export const maxSuffixLength = 64;

/** `eventbridge://<awsAccountId>/<awsRegion>/<suffix>`; null where it is anything else. */
export function parseEventSource(endpoint: string): EventSource | null {
  const form = /^eventbridge:\/\/(\d{12})\/([a-z]{2,4}(?:-[a-z]+)+-\d)\/((?!\.{1,2}$)[A-Za-z0-9._-]+)$/;
  const [, awsAccountId, awsRegion, suffix] = form.exec(endpoint) ?? [];
  return awsAccountId && awsRegion && suffix && suffix.length <= maxSuffixLength
    ? { awsAccountId, awsRegion, suffix }
    : null;
}

/** `workflow:<id>`; null where it is anything else. */
export function parseWorkflowId(endpoint: string): string | null {
  return /^workflow:([A-Za-z0-9][A-Za-z0-9._-]{0,127})$/.exec(endpoint)?.[1] ?? null;
}

/** What a first manifest names before it has an account or a workflow of its own. */
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
 * For people's eyes: a query string may hold a secret, so it is shown as `?…`; so may what somebody has put before an
 * `@` by hand, which no manifest may.
 */
export function shownEndpoint(url: string): string {
  const query = url.indexOf("?");
  const shown = query < 0 ? url : `${url.slice(0, query)}?…`;
  return shown.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1…@");
}
