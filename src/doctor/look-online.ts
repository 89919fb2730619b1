// Reads from the platform with the client that every pass uses, and notes what the answers' headers report: the date,
// and how much of the rate limit is used.
import { makeApi, type Api } from "../genesys/client/api.ts";
import { isObject, parseJsonObject } from "../genesys/client/json.ts";
import { logRequests } from "../genesys/client/log-requests.ts";
import { parseCount } from "../genesys/client/parse-count.ts";
import { shownText } from "../genesys/client/server-text.ts";
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Kind } from "../model/kind.ts";
import type { HttpResponse, Send } from "../model/http.ts";
import type { PlatformAccess } from "../app/settings.ts";
import type { World } from "../app/world.ts";
import type { AnswerOrError, Login, Online, TokenOwner } from "./check.ts";
import { isAnswered } from "./check-platform.ts";
import { platformKinds } from "./resources.ts";

export async function lookOnline(
  platform: PlatformAccess,
  options: { readonly world: World; readonly rateShare: number; readonly verbose: boolean },
): Promise<Online> {
  const { clock, random, interrupted, kinds, openSend, openLog } = options.world;
  const observed = observeResponses(openSend(platform.proxies), { clock, tokenUrl: platform.tokenUrl });
  const api = makeApi({
    ...platform,
    kinds,
    send: observed.send,
    clock,
    random,
    rateShare: options.rateShare,
    readOnly: true,
    interrupted,
    onRequest: logRequests(await openLog({ level: options.verbose ? "debug" : "warn", format: "short" })),
  });
  const [first, ...others] = platformKinds(kinds);
  const answer = await get(api, first.probePath);
  const { login } = observed.facts();
  if (login === null) {
    if (!(answer instanceof ReconcileError)) throw new Error("bug in reconcile: an answer without a login");
    return { ...nothing, login: answer, aheadMs: observed.facts().aheadMs };
  }
  const known = { ...nothing, login, answers: new Map([[first, answer]]) };
  // If the platform does not answer this request, the others would only take as long again.
  if (!isAnswered(answer, first)) return { ...known, ...observed.facts(), login };
  const [more, caps, token] = await Promise.all([
    Promise.all(others.map(async (kind) => [kind, await get(api, kind.probePath)] as const)),
    Promise.all(
      [first, ...others].flatMap((kind) =>
        kind.cap ? [get(api, kind.cap.path).then((cap) => [kind, cap] as const)] : [],
      ),
    ),
    get(api, "/api/v2/tokens/me"),
  ]);
  const answers = new Map([[first, answer] as const, ...more]);
  return {
    ...{ ...known, answers, caps: new Map(caps), token: parseOwner(token) },
    ...{ ...observed.facts(), login },
  };
}

const nothing = {
  ...{ answers: new Map<Kind, AnswerOrError>(), caps: new Map<Kind, AnswerOrError>() },
  ...{ token: null, aheadMs: null, rate: null },
};

async function get(api: Api, path: string): Promise<AnswerOrError> {
  try {
    return await api.request("GET", path);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}

interface ResponseFacts extends Pick<Online, "aheadMs" | "rate"> {
  /** Null until a login succeeded. */
  readonly login: Login | null;
}

/** Sends as `send` does, and collects what the answers report beside their bodies. */
function observeResponses(
  send: Send,
  { clock, tokenUrl }: { readonly clock: Clock; readonly tokenUrl: string },
): { readonly send: Send; readonly facts: () => ResponseFacts } {
  let facts: ResponseFacts = { login: null, aheadMs: null, rate: null };
  return {
    facts: () => facts,
    send: async (request) => {
      const sentAtMs = clock.now();
      const response = await send(request);
      const isLogin = request.url === tokenUrl && response.status === 200;
      const midwayMs = (sentAtMs + clock.now()) / 2;
      facts = {
        login: isLogin ? parseLogin(response) : facts.login,
        aheadMs: parseAhead(response, midwayMs) ?? facts.aheadMs,
        rate: parseRate(response) ?? facts.rate,
      };
      return response;
    },
  };
}

function parseLogin({ body }: HttpResponse): Login {
  const { expires_in: life, scope } = parseJsonObject(body) ?? {};
  const scopes = typeof scope === "string" ? shownText(scope).split(" ").filter(Boolean) : null;
  return { lifeSeconds: typeof life === "number" ? life : null, scopes };
}

/** The Date header is cut off to whole seconds, so the true time is half a second later on average. */
function parseAhead({ headers }: HttpResponse, midwayMs: number): number | null {
  const dateMs = Date.parse(headers["date"] ?? "");
  return Number.isNaN(dateMs) ? null : midwayMs - (dateMs + 500);
}

function parseRate({ headers }: HttpResponse): Online["rate"] {
  const used = parseCount(headers["inin-ratelimit-count"]);
  const allowed = parseCount(headers["inin-ratelimit-allowed"]);
  return used === undefined || !allowed ? null : { used, allowed };
}

/** Parses the answer of `GET /api/v2/tokens/me`, which every token may call; what it leaves out is null. */
function parseOwner(answer: AnswerOrError): TokenOwner | null {
  if (answer instanceof ReconcileError || !isObject(answer.body)) return null;
  const { organization, authorizedScope } = answer.body;
  const { name = null, id = null } = isObject(organization) ? organization : {};
  const isList = Array.isArray(authorizedScope) && authorizedScope.every((it) => typeof it === "string");
  return {
    organizationId: typeof id === "string" ? id : null,
    organisation: typeof name === "string" && name !== "" ? shownText(name) : null,
    scopes: isList ? (authorizedScope as readonly string[]).map((scope) => shownText(scope)) : null,
  };
}
