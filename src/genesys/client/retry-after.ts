// How long an answer asks to be left alone, and how long a request waits at most.
import type { HttpResponse } from "../../model/http.ts";
import { longestWaitMs, untilRetryMs } from "./rate-limit.ts";

/** The delay that an answer asks for, by `Retry-After` or as a rate limit otherwise tells it; 0 without one. */
export function retryAfterMs(response: HttpResponse): number {
  return headerMs(response) || untilRetryMs(response);
}

/** 0 without the header, or if it is no whole number of seconds. */
function headerMs({ headers }: HttpResponse): number {
  const text = headers["retry-after"] ?? "";
  // A number of a hundred thousand digits is too long a wait as well.
  return /^\d{1,15}$/.test(text) ? Number(text) * 1000 : /^\d+$/.test(text) ? Infinity : 0;
}

/** Added to the message of a failure; empty if its answer asks for no wait. */
export function sayRetryAfter(response: HttpResponse): string {
  const askedMs = retryAfterMs(response);
  return askedMs === 0 ? "" : `, and asks to be left alone for ${sayMs(askedMs)}`;
}

/** The way out if the answer asks for too long a wait; null if it does not. */
export function hintForRetryAfter(response: HttpResponse): string | null {
  if (retryAfterMs(response) <= longestWaitMs) return null;
  return `try again after that time: reconcile waits for a request at most ${sayMs(longestWaitMs)}`;
}

export function sayMs(ms: number): string {
  return Number.isFinite(ms) ? `${ms / 1000} s` : "more seconds than a number holds";
}
