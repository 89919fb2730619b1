// The daemon's HTTP routes: health, figures, state, the trail, a live stream, and the dashboard.
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import pLimit from "p-limit";
import type { AuditRecord } from "../model/audit-record.ts";
import { findRefusal, type Access } from "./access.ts";
import { hideQueries } from "../lib/hide-queries.ts";
import { makeJsonSlices, type Bytes } from "./json-slices.ts";
import { makeStatus } from "./status.ts";
import { makeStreams, unbuffered, type StreamOptions } from "./stream.ts";
import { describeProcess } from "../state/describe-holder.ts";
import type { Condition } from "./conditions.ts";
import type { DaemonView, PassResults, WakeReason } from "./view.ts";

export interface ServerOptions extends StreamOptions {
  readonly access: Access;
  /** The dashboard, as one page that loads nothing else. */
  readonly page: { readonly html: string; readonly scriptHash: string; readonly styleHash: string };
  readonly view: () => DaemonView;
  readonly results: () => PassResults;
  readonly wake: (reason: WakeReason) => void;
  /** Prometheus' text format. */
  readonly figures: () => Promise<string>;
  /** Returns records oldest first: with `after` those that follow this `seq`, without it the last ones. */
  readonly readRecords: (after: number | null, limit: number) => Promise<readonly AuditRecord[]>;
}

const mostBodyBytes = 1024;
const mostRecords = 1000;

export function makeApp(options: ServerOptions): Hono {
  const { view, wake, access } = options;
  const status = makeStatus(view, options.results);
  const stream = makeStreams(options);
  // One at a time, however many clients ask: reading a trail and making the JSON of its records takes the processor.
  const inTurn = pLimit(1);
  const app = new Hono();
  app.use(secureHeaders(headersOf(options.page)));
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    await next();
  });
  app.use(bodyLimit({ maxSize: mostBodyBytes, onError: (c) => refuse(c, 413, "the body is too large") }));

  // A probe needs no token and may use any host name. Without the token it gets the reason, but not the message.
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", (c) => {
    const present = view();
    const { ready, text } = sayReadiness(present, findRefusal(c.req, access) === null);
    // An orchestrator replaces the daemon at work only where the one that waits counts, too.
    const isWaiting = isOnStandby(present) && c.req.query("standby") === "ok";
    return c.text(text, ready || isWaiting ? 200 : 503);
  });

  app.use(async (c, next) => {
    const refusal = findRefusal(c.req, access);
    if (refusal === null) return next();
    if (refusal.status === 401) c.header("www-authenticate", 'Bearer realm="reconcile"');
    return refuse(c, refusal.status, refusal.message);
  });

  // All answers share the bytes. Of a text each client that does not read would hold copies, and needs no token for it.
  const page: Bytes = new TextEncoder().encode(options.page.html);
  const asHtml = { "content-type": "text/html; charset=UTF-8" };
  app.get("/", (c) => c.body(ReadableStream.from([page]), 200, asHtml));
  app.get("/metrics", async (c) => {
    c.header("content-type", "text/plain; version=0.0.4; charset=utf-8");
    return c.body(await options.figures());
  });
  app.get("/api/status", async (c) => {
    c.header("vary", "accept-encoding");
    if (!/\bgzip\b/.test(c.req.header("accept-encoding") ?? "")) return json(c, await status.whole());
    c.header("content-encoding", "gzip");
    return json(c, await status.packed());
  });
  app.get("/api/plan", async (c) => json(c, await status.plan()));
  app.get("/api/audit", async (c) => {
    const [after, limit] = [numberOf(c.req.query("after")), numberOf(c.req.query("limit"))];
    if (Number.isNaN(after) || Number.isNaN(limit) || limit === 0 || (limit ?? 0) > mostRecords)
      return refuse(c, 400, `after and limit are whole numbers, limit from 1 to ${mostRecords}`);
    return inTurn(async () => {
      // Its client may have gone while it waited.
      if (c.req.raw.signal.aborted) return c.body(null);
      return json(c, await makeJsonSlices({ records: await options.readRecords(after, limit ?? 100) }));
    });
  });
  app.post("/api/reconcile", (c) => {
    wake("request");
    return c.json({ accepted: true }, 202);
  });
  app.get("/events", (c) => {
    // The client of a HEAD reads no stream, so one would stay open for ever.
    if (c.req.method !== "HEAD") return stream(c) ?? refuse(c, 503, "too many listeners");
    c.header("content-type", "text/event-stream");
    c.header(...unbuffered);
    return c.body(null);
  });
  app.all("*", (c) => {
    const route = app.routes.find(({ path, method }) => path === c.req.path && method !== "ALL");
    if (!route) return refuse(c, 404, "this path does not exist");
    c.header("allow", route.method === "GET" ? "GET, HEAD" : route.method);
    return refuse(c, 405, "this path does not allow the method");
  });
  app.onError((error, c) => refuse(c, 500, error.message));
  return app;
}

const deciding: readonly Condition["type"][] = ["Ready", "ManifestsValid"];

/** Who may not read the page is told no data of the organisation. */
function sayReadiness(
  view: DaemonView,
  isAllowed: boolean,
): { readonly ready: boolean; readonly text: string } {
  const { ready, reason, message } = readiness(view);
  const lease = isAllowed ? sayLease(view) : "";
  const why = message !== "" && isAllowed ? `${reason}: ${message}` : reason;
  return { ready, text: ready ? `ready\n${lease}` : `not ready: ${hideQueries(why)}\n${lease}` };
}

/** A line that names the daemon at work; empty while none is known. */
function sayLease({ holder }: DaemonView): string {
  return holder ? `lease: ${describeProcess(holder)}\n` : "";
}

/**
 * Not ready: before a first pass has succeeded, while the last pass failed, while manifests are invalid, and while the store
 * of the state does not answer.
 */
export function readiness({ phase, conditions, lastPass }: DaemonView): {
  readonly ready: boolean;
  /** One or a few words that hold no data of the organisation. */
  readonly reason: string;
  readonly message: string;
} {
  const away = conditions.find(isAway);
  if (away) return { ready: false, reason: away.reason, message: away.message };
  if (phase === "standby") return { ready: false, reason: "on standby", message: "" };
  const bad = conditions.find(({ type, status }) => deciding.includes(type) && status === "False");
  if (lastPass === null) return { ready: false, reason: "no pass has ended yet", message: "" };
  return bad
    ? { ready: false, reason: bad.reason, message: bad.message }
    : { ready: true, reason: "", message: "" };
}

/** A daemon that cannot reach the store of the state could not take over, so it only waits, and does not stand by. */
function isOnStandby({ phase, conditions }: DaemonView): boolean {
  return phase === "standby" && !conditions.some(isAway);
}

function isAway({ type, status }: Condition): boolean {
  return type === "StateReachable" && status === "False";
}

/** Takes UTF-8. The slices are handed on as the client reads them, and not copied. */
function json(c: Context, slices: readonly Bytes[]): Response {
  c.header("content-type", "application/json; charset=utf-8");
  return c.body(ReadableStream.from(slices));
}

function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404 | 405 | 413 | 500 | 503,
  message: string,
): Response {
  return c.json({ error: hideQueries(message) }, status);
}

/** Returns null for a missing parameter, and NaN for one that is not a whole number. */
function numberOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function headersOf({ scriptHash, styleHash }: ServerOptions["page"]): Parameters<typeof secureHeaders>[0] {
  return {
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [`'sha256-${scriptHash}'`],
      styleSrc: [`'sha256-${styleHash}'`],
      connectSrc: ["'self'"],
      imgSrc: ["data:"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    // The daemon serves plain HTTP; a proxy that adds TLS sets this header itself.
    strictTransportSecurity: false,
  };
}
