// Sends requests to the daemon, with the token that was entered in this tab.

/** The path of the page: a proxy may serve it below one, with or without the slash at its end. */
const base = location.pathname.replace(/\/?$/, "/");

/** Each path has a token of its own, because a proxy may serve several daemons. */
const tokenKey = `reconcile.token ${base}`;

/** Thrown when the daemon refuses a request because its token is missing or wrong. */
export class TokenRefused extends Error {}

/**
 * `path` is relative to the page, such as `api/status`. Throws TokenRefused, what fetch throws, and an Error that says why for
 * any other status than success.
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const token = sessionStorage.getItem(tokenKey);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${base}${path}`, { ...init, headers, cache: "no-store" });
  if (response.status === 401)
    throw new TokenRefused(token === null ? "" : "The daemon refused that token.");
  if (!response.ok) throw new Error(await readRefusal(response));
  return response;
}

/** The daemon says why it refuses; something else, such as a proxy, has only its status. */
async function readRefusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  const why = typeof body === "object" && body !== null && "error" in body ? body.error : null;
  return typeof why === "string" ? why : `the answer was ${response.status} ${response.statusText}`.trim();
}

export function keepToken(token: string): void {
  sessionStorage.setItem(tokenKey, token);
}
