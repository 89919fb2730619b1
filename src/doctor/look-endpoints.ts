// Asks whether a host answers at each https endpoint of the manifests. Each host gets one request without body and
// token, and without the endpoint's path and query, because these may hold a secret.
import { mapConcurrently } from "../lib/map-concurrently.ts";
import type { Variables } from "../genesys/client/proxy.ts";
import { groupBy } from "../lib/group-by.ts";
import { isPrivateHost } from "../lib/private-host.ts";
import { ReconcileError } from "../model/errors.ts";
import type { Send } from "../model/http.ts";
import type { Limits } from "../model/config.ts";
import type { Subscription } from "../model/subscription.ts";
import { poolOf } from "../plan/places.ts";
import type { World } from "../app/world.ts";
import type { EndpointHost } from "./check.ts";

/** An organisation delivers to far fewer hosts; requests to more would look like a network scan. */
const maxHosts = 100;
const concurrency = 8;
/** A host that takes longer could not keep up with events, either. */
const timeoutMs = 10_000;

/** The hosts are in the order in which the manifests name them. Endpoints of disabled groups are left out. */
export async function lookAtEndpoints(
  subscriptions: readonly Subscription[],
  { limits, variables, world }: { limits: Limits; variables: Variables; world: World },
): Promise<readonly EndpointHost[]> {
  const endpoints = subscriptions
    .filter(({ state }) => state === "enabled")
    .flatMap((subscription) =>
      poolOf(subscription, limits)
        .filter(({ url }) => subscription.kind.endpoint.findDestination(url)?.what === "host")
        .map(({ url }) => ({ url: new URL(url), group: subscription.group })),
    );
  const byHost = [...groupBy(endpoints, ({ url }) => url.host)];
  const send = world.openSend(variables);
  return mapConcurrently(byHost, concurrency, async ([host, found], index): Promise<EndpointHost> => {
    const groups = [...new Set(found.map(({ group }) => group))];
    const { hostname, origin } = found[0]?.url ?? new URL(`https://${host}`);
    if (isPrivateHost(hostname)) return { host, groups, outcome: "private" };
    if (index >= maxHosts) return { host, groups, outcome: "skipped" };
    return { host, groups, outcome: await ask(origin, send, world) };
  });
}

/** Any answer shows that the host can be reached, also an error status or an answer that is too large. */
async function ask(origin: string, send: Send, world: World): Promise<EndpointHost["outcome"]> {
  const answered = new AbortController();
  const isLate = world.clock.sleep(timeoutMs, AbortSignal.any([answered.signal, world.interrupted]));
  const late = isLate.then(
    () => new ReconcileError("network/timeout", `no answer within ${timeoutMs / 1000} s`),
    () => new ReconcileError("network/timeout", "interrupted before it answered"),
  );
  try {
    const { status } = await Promise.race([
      send({ method: "OPTIONS", url: `${origin}/`, headers: {} }),
      late.then((error) => Promise.reject(error)),
    ]);
    return { status };
  } catch (error) {
    if (error instanceof ReconcileError) return error.code === "network/tooLarge" ? { status: 200 } : error;
    throw error;
  } finally {
    answered.abort();
  }
}
