// Requests to the daemon, with the token that this tab was given.

const kept = "reconcile.token";

/** It was refused: a token is missing, or wrong. */
export class Locked extends Error {}

/** Throws Locked, and what fetch throws; any other refusal is an Error of what the daemon said. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const token = sessionStorage.getItem(kept);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(path, { ...init, headers, cache: "no-store" });
  if (response.status === 401) throw new Locked(token === null ? "" : "The daemon refused that token.");
  if (!response.ok) throw new Error(`the daemon answered ${response.status}`);
  return response;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(kept, token);
}
