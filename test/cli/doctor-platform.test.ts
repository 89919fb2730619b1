// `doctor` on the platform: the API, what the organisation offers, permissions, the clock and the rate limit.
import { expect, test } from "vitest";
import type { HttpResponse } from "../../src/model/http.ts";
import { answer, type Intercept } from "../support/world.ts";
import {
  delivers,
  doctor,
  files,
  instead,
  pageOfTen,
  platform,
  source,
  withDate,
  workflow,
} from "./doctor-world.ts";

test("api: something else that answers there, and an outage", async () => {
  const portal = await doctor({
    intercept: instead("/api/v2/webhooks", () => answer(200, { hello: "portal" })),
  });
  expect(portal.about("api")).toBe(
    "✗ api api.mypurecloud.com answers, but expected was entities to be an array\n" +
      "→ check GENESYS_ENVIRONMENT and GENESYS_API_URL, and that no proxy or portal stands between",
  );
  const outage = await doctor({
    intercept: instead("/api/v2/webhooks", () => answer(503, { message: "later" })),
  });
  expect(outage.about("api")).toBe(
    "✗ api GET /api/v2/webhooks: the platform failed (503): later\n→ try again later; status.mypurecloud.com shows outages",
  );
});

test.each([
  [
    "the login's",
    (scope: string) => instead("/oauth/token", (_, forward) => withBody(forward(), { scope })),
  ],
  [
    "tokens/me's, where the login names none",
    (scope: string): Intercept =>
      (request, forward) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/oauth/token") return withBody(forward(), { scope: undefined });
        if (pathname !== "/api/v2/tokens/me") return platform(request, forward);
        return answer(200, { authorizedScope: scope.split(" ") });
      },
  ],
])("permissions: by %s scopes a client that may only read is told apart", async (_, intercept) => {
  const reads = await doctor({ intercept: intercept("webhook:read") });
  expect([reads.status, reads.about("permissions")]).toEqual([
    0,
    "! permissions webhooks can be listed, and webhook:write is not among the token's scopes: webhook:read\n" +
      "→ for a client that only plans that is right; one that applies needs webhook:write, too",
  ]);
  const writes = await doctor({ intercept: intercept("webhook:read webhook:write") });
  expect(writes.about("permissions")).toContain(
    "✓ permissions webhooks can be listed; scopes webhook:read",
  );
  const silent = await doctor({ intercept: intercept("notifications") });
  expect(silent.about("permissions")).toBe(
    "✓ permissions webhooks can be listed; whether they may be written is not said before a write, and none is tried here\n" +
      "a sync takes webhook:write",
  );
});

function withBody(response: HttpResponse, more: object): HttpResponse {
  return { ...response, body: JSON.stringify({ ...(JSON.parse(response.body) as object), ...more }) };
}

/** The platform, but for the resources that have another status. */
function offering(statuses: Partial<Record<keyof typeof paths, number>>): Intercept {
  return (request, forward) => {
    const { pathname } = new URL(request.url);
    const found = Object.entries(statuses).find(([name]) => paths[name as keyof typeof paths] === pathname);
    return found ? answer(found[1], { message: "no" }) : platform(request, forward);
  };
}

const paths = {
  webhooks: "/api/v2/webhooks",
  integrations: "/api/v2/integrations",
  triggers: "/api/v2/processautomation/triggers",
};

test("resources: manifests for webhooks where there are none: what to write in their place", async () => {
  const { status, about } = await doctor({ intercept: offering({ webhooks: 404, integrations: 403 }) });
  expect(about("resources")).toBe(
    "✗ resources this organisation does not offer webhooks, which the manifests name: /api/v2/webhooks answers 404\n" +
      "webhooks (/api/v2/webhooks): not offered (404)\n" +
      "EventBridge integrations (/api/v2/integrations): there, but not to be seen without the permission integrations:integration:view (403)\n" +
      "Process Automation triggers (/api/v2/processautomation/triggers): offered\n" +
      "→ webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether they can be had, or write endpoints of what is offered: eventbridge://… or workflow:…; reconcile init --scheme eventbridge (or workflow) writes such a manifest where there is none yet",
  );
  expect(about("permissions")).toBe("- permissions not checked: webhooks are not offered, see resources");
  expect(status).toBe(1);
});

test.each([
  [
    "webhooks are missing, and the manifests name none",
    { webhooks: 404 },
    delivers("a", source),
    "✓ EventBridge integrations are offered",
    null,
  ],
  [
    "the manifests name two that are there",
    { webhooks: 404 },
    { ...delivers("a", source), ...delivers("b", workflow) },
    "✓ EventBridge integrations and Process Automation triggers are offered",
    null,
  ],
  [
    "the manifests name one that is there, and one that is not",
    { integrations: 404 },
    { ...delivers("a", source), ...delivers("b", workflow) },
    "✗ this organisation does not offer EventBridge integrations, which the manifests name: /api/v2/integrations answers 404",
    "ask Genesys Cloud whether they can be had, or write endpoints of what is offered: https://… or workflow:…; reconcile init --scheme https (or workflow) writes such a manifest where there is none yet",
  ],
  [
    "two are missing that the manifests name, and one is left",
    { integrations: 404, webhooks: 404 },
    { ...files, ...delivers("b", source) },
    "✗ this organisation does not offer webhooks and EventBridge integrations, which the manifests name: /api/v2/webhooks and /api/v2/integrations answer 404",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether they can be had, or write endpoints of what is offered: workflow:…; reconcile init --scheme workflow writes such a manifest where there is none yet",
  ],
  [
    "webhooks are missing, and no manifests say what is needed",
    { webhooks: 404, triggers: 404 },
    {},
    "! this organisation has no webhooks: /api/v2/webhooks answers 404; it offers EventBridge integrations",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether they can be had, or write endpoints of what is offered: eventbridge://…; reconcile init --scheme eventbridge writes such a manifest where there is none yet",
  ],
  [
    "all are there, and no manifests say what is needed",
    {},
    {},
    "✓ webhooks, EventBridge integrations and Process Automation triggers are offered",
    null,
  ],
  [
    "webhooks are missing, and of the others nothing is known",
    { webhooks: 404, integrations: 503, triggers: 503 },
    files,
    "✗ this organisation does not offer webhooks, which the manifests name: /api/v2/webhooks answers 404",
    "webhooks are not in the SDK that Genesys publishes: ask Genesys Cloud whether they can be had, and run doctor again for the others",
  ],
  [
    "one that the manifests name is out of order",
    { integrations: 503 },
    delivers("a", source),
    "! whether EventBridge integrations are offered, which the manifests name, is not known",
    "run doctor again later; status.mypurecloud.com shows outages",
  ],
  [
    "there are none at all",
    { webhooks: 404, integrations: 404, triggers: 404 },
    delivers("a", source),
    "✗ this organisation offers nothing that delivers events",
    "make sure that the region is this organisation's, and ask Genesys Cloud which of the resources above it can have",
  ],
])("resources: %s", async (_, statuses, manifests, seen, toDo) => {
  const { out, about } = await doctor({ files: manifests, intercept: offering(statuses) });
  const lines = about("resources").split("\n");
  const details = lines.slice(1, 4).map((line) => line.split(" (")[0]);
  expect(details).toEqual(["webhooks", "EventBridge integrations", "Process Automation triggers"]);
  expect([lines[0], ...lines.slice(4)]).toEqual([
    seen.replace(" ", " resources "),
    ...(toDo === null ? [] : [`→ ${toDo}`]),
  ]);
  // Nothing else fails but what the case is about.
  const failures = out.split("\n").filter((line) => /^✗ (?!manifests )/.test(line));
  expect(failures.length).toBe(seen.startsWith("✗") ? 1 : 0);
});

test.each([
  ["webhooks", "webhooks", files, "webhook:read", "webhook:write"],
  [
    "EventBridge integrations",
    "integrations",
    delivers("a", source),
    "integrations:integration:view",
    "integrations:integration:add, integrations:integration:edit and integrations:integration:delete",
  ],
  [
    "Process Automation triggers",
    "triggers",
    delivers("a", workflow),
    "processautomation:trigger:view",
    "processautomation:trigger:add, processautomation:trigger:edit and processautomation:trigger:delete",
  ],
])("permissions: of %s, those that the manifests take", async (nouns, key, manifests, list, write) => {
  const path = paths[key as keyof typeof paths];
  const shut = await doctor({ files: manifests, intercept: offering({ [key]: 403 }) });
  expect([shut.status, shut.about("permissions")]).toEqual([
    1,
    `✗ permissions ${nouns} cannot be listed: GET ${path}: forbidden (403): no\n` +
      `→ in Admin → Integrations → OAuth give the client a role with the permissions ${list} (plan) and ${write} (sync); a change of roles counts from the next token on`,
  ]);
  expect(shut.about("resources").split("\n")[0]).toBe(
    `✓ resources ${nouns} are there, but not to be seen (403)`,
  );
  const others = Object.keys(paths).filter((name) => name !== key && name !== "webhooks");
  const intercept = offering(Object.fromEntries(others.map((name) => [name, 403])));
  const open = await doctor({ files: manifests, intercept });
  expect(open.status).toBe(0);
  expect(open.about("permissions")).toContain(`✓ permissions ${nouns} can be listed`);
});

test("permissions: where the token names some of a resource's, the others are missing; the worst comes first", async () => {
  const scope = "webhook:read webhook:write integrations:integration:view integrations:integration:edit";
  const intercept = instead("/oauth/token", (_, forward) => withBody(forward(), { scope }));
  const two = { ...files, ...delivers("b", source) };
  const { status, about } = await doctor({ files: two, intercept });
  expect([status, about("permissions")]).toEqual([
    0,
    "! permissions EventBridge integrations can be listed, and integrations:integration:add and integrations:integration:delete are not among the token's scopes: " +
      `${scope}\nwebhooks can be listed; scopes ${scope}\n` +
      "→ for a client that only plans that is right; one that applies needs integrations:integration:add and integrations:integration:delete, too",
  ]);
});

test("permissions: an OAuth scope that is no permission says nothing of one", async () => {
  const intercept = instead("/oauth/token", (_, forward) =>
    withBody(forward(), { scope: "integrations:readonly" }),
  );
  const { about } = await doctor({ files: delivers("a", source), intercept });
  expect(about("permissions")).toBe(
    "✓ permissions EventBridge integrations can be listed; whether they may be written is not said before a write, and none is tried here\n" +
      "a sync takes integrations:integration:add, integrations:integration:edit and integrations:integration:delete",
  );
});

test("permissions: of a resource that gives no answer nothing is said, and the others are checked", async () => {
  const all = { ...files, ...delivers("b", source), ...delivers("c", workflow) };
  const { about } = await doctor({ files: all, intercept: offering({ integrations: 503, triggers: 404 }) });
  expect(about("permissions")).toBe(
    "- permissions not checked: it takes an answer about EventBridge integrations, see resources\n" +
      "Process Automation triggers are not offered, see resources\n" +
      "webhooks can be listed; scopes webhook:read webhook:write",
  );
});

test.each([
  [-90_000, "! clock this machine's clock is 90 s ahead of the platform's"],
  [600_000, "! clock this machine's clock is 10 min behind the platform's"],
  [30_000, "✓ clock within 31 s of the platform's"],
])("clock: the platform's date %i ms away", async (awayMs, expected) => {
  const atMs = Date.UTC(2026, 0, 1) + awayMs;
  const intercept: Intercept = async (request, forward) => withDate(await platform(request, forward), atMs);
  const { status, about } = await doctor({ intercept });
  expect(about("clock").split("\n→")[0]).toBe(expected);
  expect(status).toBe(0);
});

test("rate limit: nearly used up by others, and not told", async () => {
  const limit = (headers: Record<string, string>): Intercept =>
    instead("/api/v2/webhooks", () => ({ ...answer(200, pageOfTen), headers }));
  const headers = { "inin-ratelimit-count": "270", "inin-ratelimit-allowed": "300" };
  const { status, about } = await doctor({ intercept: limit(headers) });
  expect([status, about("rate limit")]).toEqual([
    0,
    "! rate limit 270 of 300 requests of this window are used\n" +
      "→ others use this OAuth client too: give reconcile a client of its own, or lower rateShare in the config",
  ]);
  const silent = await doctor({ intercept: limit({}) });
  expect(silent.about("rate limit")).toBe(
    "- rate limit not checked: no answer said how much of it is used",
  );
});
