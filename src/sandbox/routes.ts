// All requests that the sandbox answers, except those for a token.
import { tellOrganisation, tellToken } from "./organisation.ts";
import { listLimits } from "./organisation-limits.ts";
import type { ResourceRoute, SandboxResource } from "./resource.ts";
import { listTopics } from "./topics.ts";

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** True if it answers about all resources at once. */
  readonly isList: boolean;
  readonly answer: ResourceRoute[2];
}

export function routesOf(resources: readonly SandboxResource[]): readonly Route[] {
  const known = made.get(resources);
  if (known) return known;
  const rows: readonly ResourceRoute[] = [
    ...resources.flatMap(({ routes }) => routes),
    ["GET", "/notifications/availabletopics", listTopics],
    ["GET", "/organizations/limits/namespaces/{id}", listLimits],
    ["GET", "/organizations/me", tellOrganisation],
    ["GET", "/tokens/me", tellToken],
  ];
  const routes = rows.map(([method, path, answer]) => ({
    method,
    path: new RegExp(`^/api/v2${path.replace("{id}", "([^/]+)")}$`),
    isList: method === "GET" && !path.includes("{id}"),
    answer,
  }));
  made.set(resources, routes);
  return routes;
}

/** The routes that were made for each list of resources; every request needs them again. */
const made = new WeakMap<readonly SandboxResource[], readonly Route[]>();
