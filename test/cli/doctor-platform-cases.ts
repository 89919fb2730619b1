// What `doctor` may find amiss on the platform: the network, permissions, and what the organisation offers.
import { answer, type Intercept } from "../support/world.ts";
import {
  broken,
  delivers,
  files,
  instead,
  offering,
  pageOfTen,
  platform,
  scoped,
  scopedLater,
  set,
  source,
  withDate,
  workflow,
  type DoctorCase,
} from "./doctor-world.ts";

const network = [
  ["network/unreachable", "ENOTFOUND"],
  ["network/unreachable", "SELF_SIGNED_CERT_IN_CHAIN"],
  ["network/unreachable", "ECONNREFUSED"],
  ["proxy/refused", "EXXX"],
] as const;

const connection: readonly DoctorCase[] = [
  {
    given: "a wrong secret",
    argv: "doctor --skip-endpoints",
    options: () => set({ GENESYS_CLIENT_SECRET: "another-secret" }),
    is: { token: "failed", api: "notChecked" },
  },
  ...network.flatMap(([code, system]): DoctorCase[] => [
    {
      given: `a login that answers ${system}`,
      options: () => ({ intercept: instead("login.mypurecloud.com", broken(code, system)) }),
      is: { token: "failed" },
    },
    {
      given: `an API that answers ${system}`,
      options: () => ({ intercept: instead("api.mypurecloud.com", broken(code, system)) }),
      is: { api: "failed", permissions: "notChecked" },
    },
  ]),
  {
    given: "a login over its limit",
    options: () => ({
      intercept: instead("/oauth/token", () =>
        answer(400, { error: "invalid_request", description: "rate limit exceeded" }),
      ),
    }),
    is: { token: "failed", api: "notChecked" },
  },
  {
    given: "an address that is not allowed",
    options: () => ({
      intercept: instead("api.mypurecloud.com", () => answer(401, { code: "ip.not.authorized" })),
    }),
    is: { token: "passed", api: "failed", permissions: "notChecked" },
  },
  {
    given: "a scope that the OAuth client lacks",
    options: () => ({
      files: delivers("a", source),
      intercept: instead("/api/v2/integrations", () =>
        answer(403, { code: "app.not.authorized.for.scope" }),
      ),
    }),
    is: { api: "passed", resources: "passed", permissions: "failed" },
  },
  {
    given: "a portal in place of the API",
    options: () => ({ intercept: instead("/api/v2/webhooks", () => answer(200, { hello: "portal" })) }),
    is: { api: "failed" },
  },
  {
    given: "an outage",
    options: () => ({ intercept: instead("/api/v2/webhooks", () => answer(503, { message: "later" })) }),
    is: { api: "failed" },
  },
  ...(
    [
      ["90 s behind", -90_000, "warning"],
      ["10 min ahead", 600_000, "warning"],
      ["30 s ahead", 30_000, "passed"],
    ] as const
  ).map(([given, awayMs, clock]): DoctorCase => ({
    given: `a platform's clock that is ${given}`,
    options: () => {
      const atMs = Date.UTC(2026, 0, 1) + awayMs;
      return { intercept: async (request, forward) => withDate(await platform(request, forward), atMs) };
    },
    is: { clock },
  })),
  {
    given: "a rate limit that others use up",
    options: () => ({
      intercept: limited({ "inin-ratelimit-count": "270", "inin-ratelimit-allowed": "300" }),
    }),
    is: { "rate limit": "warning" },
  },
  {
    given: "a rate limit that no answer names",
    options: () => ({ intercept: limited({}) }),
    is: { "rate limit": "notChecked" },
  },
];

function limited(headers: Readonly<Record<string, string>>): Intercept {
  return instead("/api/v2/webhooks", () => ({ ...answer(200, pageOfTen), headers }));
}

const ofSources = (scope: string) => ({ files: delivers("a", source), intercept: scoped(scope) });
const someScopes = "webhook:read webhook:write integrations:integration:view integrations:integration:edit";

const permissions: readonly DoctorCase[] = [
  ...(
    [
      ["the login names", scoped],
      ["the token's page names", scopedLater],
    ] as const
  ).flatMap(([given, intercept]): DoctorCase[] => [
    {
      given: `scopes that ${given}, for reading alone`,
      options: () => ({ intercept: intercept("webhook:read") }),
      is: { permissions: "warning" },
    },
    {
      given: `scopes that ${given}, for all of it`,
      options: () => ({ intercept: intercept("webhook:read webhook:write") }),
      is: { permissions: "passed" },
    },
    {
      given: `scopes that ${given}, for something else`,
      options: () => ({ intercept: intercept("notifications") }),
      is: { permissions: "passed" },
    },
  ]),
  ...(
    [
      ["webhooks", { webhooks: 403 }, files],
      ["event sources", { integrations: 403 }, delivers("a", source)],
      ["workflows", { triggers: 403 }, delivers("a", workflow)],
    ] as const
  ).map(([nouns, statuses, manifests]): DoctorCase => ({
    given: `manifests for ${nouns}, and a list that is forbidden`,
    options: () => ({ files: manifests, intercept: offering(statuses) }),
    is: { permissions: "failed", resources: "passed" },
  })),
  ...(
    [
      ["webhooks", { integrations: 403, triggers: 403 }, files],
      ["event sources", { triggers: 403 }, delivers("a", source)],
      ["workflows", { integrations: 403 }, delivers("a", workflow)],
    ] as const
  ).map(([nouns, statuses, manifests]): DoctorCase => ({
    given: `manifests for ${nouns}, and the other lists are forbidden`,
    options: () => ({ files: manifests, intercept: offering(statuses) }),
    is: { permissions: "passed" },
  })),
  {
    given: "some of the scopes of a second resource",
    options: () => ({ files: { ...files, ...delivers("b", source) }, intercept: scoped(someScopes) }),
    is: { permissions: "warning" },
  },
  {
    given: "an OAuth scope that is no permission",
    options: () => ofSources("integrations:readonly"),
    is: { permissions: "passed" },
  },
  {
    given: "a resource that gives no answer, and one that is not offered",
    options: () => ({
      files: { ...files, ...delivers("b", source), ...delivers("c", workflow) },
      intercept: offering({ integrations: 503, triggers: 404 }),
    }),
    is: { permissions: "notChecked", resources: "failed" },
  },
];

const both = { ...delivers("a", source), ...delivers("b", workflow) };

const resources = (
  [
    ["webhooks that are missing", { webhooks: 404, integrations: 403 }, files, "failed"],
    ["webhooks that are missing and not needed", { webhooks: 404 }, delivers("a", source), "passed"],
    ["two that are needed and there", { webhooks: 404 }, both, "passed"],
    ["one that is there and one that is missing", { integrations: 404 }, both, "failed"],
    [
      "two that are missing, and one is left",
      { integrations: 404, webhooks: 404 },
      { ...files, ...delivers("b", source) },
      "failed",
    ],
    ["no manifests, and two that are missing", { webhooks: 404, triggers: 404 }, null, "warning"],
    ["no manifests, and all are there", {}, null, "passed"],
    [
      "webhooks that are missing, and no answer of the others",
      { webhooks: 404, integrations: 503, triggers: 503 },
      files,
      "failed",
    ],
    ["integrations of another type alone", { type: 404 }, delivers("a", source), "failed"],
    ["integrations of another type alone, which are not needed", { type: 404 }, files, "passed"],
    ["a type that may not be read", { type: 403 }, delivers("a", source), "passed"],
    ["one that gives no answer", { integrations: 503 }, delivers("a", source), "warning"],
    ["none at all", { webhooks: 404, integrations: 404, triggers: 404 }, delivers("a", source), "failed"],
  ] as const
).map(([given, statuses, manifests, how]): DoctorCase => ({
  given: `resources: ${given}`,
  options: () => ({ files: manifests ?? {}, intercept: offering(statuses) }),
  is: { resources: how, ...(manifests === null && { manifests: "failed" }) },
}));

export const platformCases: readonly DoctorCase[] = [...connection, ...permissions, ...resources];
