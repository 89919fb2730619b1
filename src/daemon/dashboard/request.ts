// Sends requests to the daemon, with the token that was entered in this tab.

const tokenKey = "reconcile.token";

/** Thrown when the daemon refuses a request because its token is missing or wrong. */
export class TokenRefused extends Error {}

/** Throws TokenRefused, what fetch throws, and an Error for any other status than success. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const token = sessionStorage.getItem(tokenKey);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { ...init, headers, cache: "no-store" });
  if (response.status === 401)
    throw new TokenRefused(token === null ? "" : "The daemon refused that token.");
  if (!response.ok) throw new Error(`the daemon answered ${response.status}`);
  return response;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(tokenKey, token);
}
