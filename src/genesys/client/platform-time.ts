// The platform's time, by the `Date` of its last answer: several machines can compare it, whatever their own clocks say.
import type { Clock } from "../../lib/clock.ts";
import type { HttpResponse } from "../../model/http.ts";

export interface PlatformTime {
  readonly see: (response: HttpResponse) => void;
  /** Milliseconds since 1970, at most a second and the way of an answer behind; null if it is unknown. */
  readonly now: () => number | null;
}

/** A machine that slept, or whose clock was set, since the last answer shows this difference between its two clocks. */
const mostDifferenceMs = 2_000;

/** The form that HTTP prescribes, such as `Sun, 29 Nov 2026 22:13:20 GMT`; `Date.parse` alone takes nearly anything. */
const dateForm = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

export function makePlatformTime(clock: Pick<Clock, "now" | "monotonic">): PlatformTime {
  let last: { readonly platformMs: number; readonly wallMs: number; readonly monotonicMs: number } | null =
    null;
  return {
    see: ({ headers }) => {
      const text = headers["date"] ?? "";
      const platformMs = dateForm.test(text) ? Date.parse(text) : Number.NaN;
      if (Number.isNaN(platformMs)) return;
      last = { platformMs, wallMs: clock.now(), monotonicMs: clock.monotonic() };
    },
    now: () => {
      if (!last) return null;
      const passedMs = clock.monotonic() - last.monotonicMs;
      const isSteady = Math.abs(clock.now() - last.wallMs - passedMs) <= mostDifferenceMs;
      return isSteady ? last.platformMs + passedMs : null;
    },
  };
}
