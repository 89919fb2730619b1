// `reconcile sandbox`: serves the embedded Genesys Cloud until Ctrl-C, and delivers events by what is live there.
import { accountOf, openSandbox, type OpenSandbox } from "../../app/sandbox.ts";
import type { World } from "../../app/world.ts";
import { count } from "../../lib/count.ts";
import { plain } from "../../lib/plain.ts";
import { readConfig } from "../../manifest/read.ts";
import { isCode, ReconcileError } from "../../model/errors.ts";
import type { Send } from "../../model/http.ts";
import {
  answerTimeoutMs,
  startDeliveries,
  type Deliveries,
  type DeliveryOptions,
  type Totals,
} from "../../sandbox/deliver/deliver.ts";
import type { Way } from "../../sandbox/deliver/ways.ts";

export interface SandboxFlags {
  readonly port: number;
  /** Print the variables that reach the embedded AWS, too. */
  readonly aws?: true;
  readonly deliver?: true;
  /** Events a second; default: 1. */
  readonly traffic?: number;
  readonly route?: readonly Way[];
  /** Hosts that get their events as they are. */
  readonly deliverTo?: readonly string[];
}

/** How often the totals are shown, if they changed. */
const showEveryMs = 10_000;

/**
 * The embedded AWS is the account of the config's `aws.webhooks`, with its connections. Returns the exit status. Throws ReconcileError `deliver/missing`, and as `openSandbox` does.
 */
export async function runSandbox(flags: SandboxFlags, world: World): Promise<number> {
  requireDeliver(flags);
  const config = await readConfig("reconcile.yaml", world.files, { required: false });
  const account = config.ok ? accountOf(config.value) : {};
  const sandbox = await openSandbox(world, { port: flags.port, writes: true, account });
  world.stdout.write(variablesOf(sandbox, flags));
  world.stderr.write("The sandbox runs until Ctrl-C; its resources are kept in .reconcile/sandbox.json\n");
  const deliveries = flags.deliver ? startShowing(sandbox, flags, world) : null;
  await new Promise<void>((resolve) => {
    if (world.interrupted.aborted) resolve();
    world.interrupted.addEventListener("abort", () => {
      resolve();
    });
  });
  await deliveries?.close();
  await sandbox.close();
  return 0;
}

function requireDeliver({ deliver, traffic, route, deliverTo }: SandboxFlags): void {
  if (deliver) return;
  const given = { "--traffic": traffic, "--route": route, "--deliver-to": deliverTo };
  const [flag] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (flag === undefined) return;
  throw new ReconcileError("deliver/missing", `${flag} counts only with --deliver`, {
    hint: `add --deliver, or leave out ${flag}`,
  });
}

function variablesOf({ aws, platform }: OpenSandbox, flags: SandboxFlags): string {
  const { credentials, apiUrl, tokenUrl } = platform;
  return [
    `GENESYS_CLIENT_ID=${credentials.clientId}`,
    `GENESYS_CLIENT_SECRET=${credentials.clientSecret}`,
    `GENESYS_API_URL=${apiUrl}`,
    `GENESYS_TOKEN_URL=${tokenUrl}`,
    ...(flags.aws
      ? [
          `AWS_ENDPOINT_URL=${aws.endpointUrl}`,
          `AWS_ACCESS_KEY_ID=${aws.accessKeyId}`,
          `AWS_SECRET_ACCESS_KEY=${aws.secretAccessKey}`,
          `AWS_REGION=${aws.region}`,
        ]
      : []),
    "",
  ].join("\n");
}

/** Delivers events, and shows the totals on stderr while they change, and at the end. */
function startShowing(
  { state, organisation }: OpenSandbox,
  { traffic = 1, route = [], deliverTo = [] }: SandboxFlags,
  world: World,
): Pick<Deliveries, "close"> {
  const { clock, random, stderr } = world;
  const say = (text: string): void => {
    stderr.write(`${plain(text)}\n`);
  };
  const deliveries = startDeliveries({
    ...{ state, organisation, traffic, clock, random, onNotice: say },
    ways: { routes: route, hosts: deliverTo },
    post: postThrough(world.openSend(world.environment, { requestTimeoutMs: answerTimeoutMs })),
  });
  const events = traffic === 1 ? "1 event" : `${traffic} events`;
  say(`It makes ${events} a second of the event types that are subscribed.`);
  for (const { from, to } of route) say(`  ${from} leads to ${to.href}`);
  for (const host of deliverTo) say(`  ${host} gets its events`);
  let shown = sayTotals(deliveries.totals());
  const show = (): void => {
    const now = sayTotals(deliveries.totals());
    if (now !== shown) say(now);
    shown = now;
  };
  const stop = clock.repeat(showEveryMs, show);
  return {
    close: async () => {
      stop();
      await deliveries.close();
      say(sayTotals(deliveries.totals()));
      for (const [queue, size] of deliveries.totals().queued)
        say(`${count(size, "event")} in the queue ${queue}`);
    },
  };
}

function postThrough(send: Send): DeliveryOptions["post"] {
  return async (url, body, headers) => {
    try {
      return (await send({ method: "POST", url, headers, body })).status;
    } catch (error) {
      return isCode(error, "network/timeout") ? "timeout" : "unreachable";
    }
  };
}

function sayTotals({ made, delivered, repeated, queued, lost, notRouted, open }: Totals): string {
  const inQueues = [...queued.values()].reduce((sum, size) => sum + size, 0);
  return (
    `${made} made, ${delivered} delivered, ${repeated} repeated, ${open} open, ${inQueues} in a queue, ${lost} lost, ` +
    `${notRouted} not routed`
  );
}
