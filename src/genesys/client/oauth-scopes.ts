// The OAuth scopes that the platform may ask of a client, beside the permissions of its role.

/** Each part of the API with its scope. */
const scopes: readonly (readonly [path: string, scope: string])[] = [
  ["/api/v2/integrations/", "integrations"],
  ["/api/v2/processautomation/", "process-automation"],
  ["/api/v2/notifications/", "notifications"],
];

/** Null if the scope of a path is not known. */
export function scopeFor(path: string): string | null {
  return scopes.find(([start]) => `${path}/`.startsWith(start))?.[1] ?? null;
}
