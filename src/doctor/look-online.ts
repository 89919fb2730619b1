// Asks the platform, by reads alone, with the client of every pass; beside it listens to what the answers say of
// themselves: their date, and how much of the rate limit is used.
import { makeApi, type Api } from "../genesys/client/api.ts";
import { isObject, parseJsonObject } from "../genesys/client/json.ts";
import { logRequests } from "../genesys/client/log-requests.ts";
import { parseCount } from "../genesys/client/pace.ts";
import { shownText } from "../genesys/client/server-text.ts";
import type { Clock } from "../lib/clock.ts";
import { ReconcileError } from "../model/errors.ts";
import type { HttpResponse, Send } from "../model/http.ts";
import type { Platform } from "../app/settings.ts";
import type { World } from "../app/world.ts";
import type { Answer, Login, Online, TokenOwner } from "./check.ts";
import { isAnswered } from "./check-platform.ts";

export async function lookOnline(
  platform: Platform,
  options: { readonly world: World; readonly rateShare: number; readonly verbose: boolean },
): Promise<Online> {
  const { clock, random, interrupted, openSend, openLog } = options.world;
  const heard = listen(openSend(platform.proxies), { clock, tokenUrl: platform.tokenUrl });
  const api = makeApi({
    ...platform,
    send: heard.send,
    clock,
    random,
    rateShare: options.rateShare,
    readOnly: true,
    interrupted,
    onRequest: logRequests(await openLog({ level: options.verbose ? "debug" : "warn", format: "short" })),
  });
  const webhooks = await get(api, "/api/v2/webhooks?pageSize=1&pageNumber=1");
  const { login } = heard.said();
  if (login === null) {
    if (!(webhooks instanceof ReconcileError))
      throw new Error("bug in reconcile: an answer without a login");
    return { ...nothing, login: webhooks, aheadMs: heard.said().aheadMs };
  }
  const known = { ...nothing, login, webhooks };
  // Where this much gets no answer, the rest would only take as long again.
  if (!isAnswered(webhooks)) return { ...known, ...heard.said(), login };
  const [integrations, triggers, token] = await Promise.all([
    get(api, "/api/v2/integrations?pageSize=1"),
    get(api, "/api/v2/processautomation/triggers?pageSize=1"),
    get(api, "/api/v2/tokens/me"),
  ]);
  return { ...known, integrations, triggers, token: parseOwner(token), ...heard.said(), login };
}

const nothing = {
  ...{ webhooks: null, integrations: null, triggers: null, token: null },
  ...{ aheadMs: null, rate: null },
};

async function get(api: Api, path: string): Promise<Answer> {
  try {
    return await api.request("GET", path);
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}

interface Said extends Pick<Online, "aheadMs" | "rate"> {
  /** Null before a login went well. */
  readonly login: Login | null;
}

function listen(
  send: Send,
  { clock, tokenUrl }: { readonly clock: Clock; readonly tokenUrl: string },
): { readonly send: Send; readonly said: () => Said } {
  let said: Said = { login: null, aheadMs: null, rate: null };
  return {
    said: () => said,
    send: async (request) => {
      const sentAtMs = clock.now();
      const response = await send(request);
      const isLogin = request.url === tokenUrl && response.status === 200;
      const midwayMs = (sentAtMs + clock.now()) / 2;
      said = {
        login: isLogin ? parseLogin(response) : said.login,
        aheadMs: parseAhead(response, midwayMs) ?? said.aheadMs,
        rate: parseRate(response) ?? said.rate,
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

/** The header tells whole seconds, cut off: half a second is what it means on average. */
function parseAhead({ headers }: HttpResponse, midwayMs: number): number | null {
  const dateMs = Date.parse(headers["date"] ?? "");
  return Number.isNaN(dateMs) ? null : midwayMs - (dateMs + 500);
}

function parseRate({ headers }: HttpResponse): Online["rate"] {
  const used = parseCount(headers["inin-ratelimit-count"]);
  const allowed = parseCount(headers["inin-ratelimit-allowed"]);
  return used === undefined || !allowed ? null : { used, allowed };
}

/** Of `GET /api/v2/tokens/me`, which every token may ask; whatever it does not say is not known. */
function parseOwner(answer: Answer): TokenOwner | null {
  if (answer instanceof ReconcileError || !isObject(answer.body)) return null;
  const { organization, authorizedScope } = answer.body;
  const name = isObject(organization) ? organization["name"] : null;
  const isList = Array.isArray(authorizedScope) && authorizedScope.every((it) => typeof it === "string");
  return {
    organisation: typeof name === "string" && name !== "" ? shownText(name) : null,
    scopes: isList ? (authorizedScope as readonly string[]).map((scope) => shownText(scope)) : null,
  };
}
