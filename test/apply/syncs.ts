// Syncs during which requests meet something, and what became of them.
import type { HttpRequest, HttpResponse } from "../../src/model/http.ts";
import {
  makeWorld,
  manifest,
  runWorld,
  trailOf,
  type Intercept,
  type TestWorld,
} from "../support/world.ts";

export const pool = (size: number) =>
  Array.from({ length: size }, (_, index) => `https://p.example.com/${index}`);

export const eventTypes = ["e.a", "e.b", "e.c", "e.d"];

export const pooled = (size: number) =>
  manifest("beta", { pool: pool(size), eventTypes }).replace(
    "https://events.example.com/beta",
    pool(1)[0] ?? "",
  );

export interface Shown {
  readonly ok: boolean;
  readonly operations: readonly {
    action: string;
    status: string;
    endpoint: string;
    error: string | null;
  }[];
  readonly groups: readonly { moves: unknown[] }[];
  readonly summary: Record<string, number>;
  readonly diagnostics: readonly { severity: string; code: string; message: string }[];
}

export async function sync(start: TestWorld | Record<string, string>, intercept?: Intercept, flags = "") {
  const from = isWorld(start) ? start : makeWorld({ argv: "", files: start });
  const run = await runWorld({ argv: `--output json ${flags}`, from, ...(intercept ? { intercept } : {}) });
  const result = JSON.parse(run.out) as Shown;
  const became = result.operations.map(({ action, status }) => `${action} ${status}`);
  return { ...run, result, became };
}

function isWorld(start: TestWorld | Record<string, string>): start is TestWorld {
  return typeof start.files === "object";
}

/** The nth write of this kind gets this treatment; all else goes through. */
export function onWrite(
  method: HttpRequest["method"],
  treat: (forward: () => HttpResponse, request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
  which: (count: number) => boolean = (count) => count === 1,
): Intercept {
  let count = 0;
  return (request, forward) => {
    if (request.method !== method || request.url.includes("/oauth/")) return forward();
    count += 1;
    return which(count) ? treat(forward, request) : forward();
  };
}

export const events = (world: TestWorld, run?: string) =>
  trailOf(world.files)
    .filter(({ event }) => event.startsWith(run ?? "change."))
    .map(({ event, operation, success }) => `${event} ${operation ?? ""} ${String(success)}`);
