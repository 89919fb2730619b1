// Tells receivers of a run's result, if the config asks for it. Otherwise the code for it is not loaded.
import type { Config, NotifyTopic } from "../model/config.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Result } from "../model/result.ts";
import type { MessageData } from "../notify/make-messages.ts";
import type { WantingReceiver } from "../notify/receivers.ts";
import type { RunScope } from "../notify/judge.ts";
import { proxyVariables, type Variables } from "../genesys/client/proxy.ts";
import { givenBy, readSecret } from "./read-secret.ts";
import { nameEnvironment } from "./settings.ts";
import { notifyVariables } from "./secret-variables.ts";
import { requireStateDirectory, stateDirectory } from "../state/files/state-directory.ts";
import type { World } from "./world.ts";

/** The receivers that the config asks for, and what a message says of this installation. */
export interface Notifying {
  readonly receivers: readonly WantingReceiver[];
  /** The kinds that the config names, whether their addresses are good or not. */
  readonly wantedKinds: ReadonlySet<string>;
  readonly environment: string;
  readonly owner: string;
  /** The variables that name the proxy. */
  readonly proxies: Variables;
}

interface FoundNotifying {
  readonly notifying: Notifying;
  readonly diagnostics: readonly Diagnostic[];
}

export const noNotifying = { notifying: null, diagnostics: [] } as const;

/** The addresses and the secret, from their variables or from the files that these name. Throws ReconcileError `secret/…`. */
export async function readAddresses(
  variables: Variables,
  files: Pick<World["files"], "read">,
): Promise<Variables> {
  const read = async (name: (typeof notifyVariables)[number]) =>
    [name, await readSecret(name, variables, files)] as const;
  return Object.fromEntries(await Promise.all(notifyVariables.map(read)));
}

/** The diagnostics hold an error for each receiver without a good address. */
export async function readNotifying(
  config: Config,
  variables: Variables,
  files: Pick<World["files"], "read">,
): Promise<FoundNotifying> {
  const environment = nameEnvironment(variables, config);
  const wantedKinds = new Set(config.notify.map(({ kind }) => kind));
  const about = { environment, owner: config.owner, wantedKinds };
  if (config.notify.length === 0)
    return { notifying: { receivers: [], ...about, proxies: {} }, diagnostics: [] };
  const { findReceivers } = await import("../notify/receivers.ts");
  let addresses: Variables;
  try {
    addresses = await readAddresses(variables, files);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { notifying: { receivers: [], ...about, proxies: {} }, diagnostics: [diagnosticOf(error)] };
  }
  const { receivers, diagnostics } = findReceivers(config, addresses, (name) => givenBy(name, variables));
  const proxies = Object.fromEntries(proxyVariables.map((name) => [name, variables[name]]));
  return { notifying: { receivers, ...about, proxies }, diagnostics };
}

/** A receiver that does not answer must not hold a pass up for long. */
const requestTimeoutMs = 10_000;

type NotifyingWorld = Pick<World, "clock" | "random" | "files" | "processes" | "interrupted" | "openSend">;

/** Returns the result, with a warning for what was not told. A run that was interrupted tells nothing. */
export async function notifyOfRun(
  result: Result,
  notifying: Notifying | null,
  { scope, world }: { readonly scope: RunScope; readonly world: NotifyingWorld },
): Promise<Result> {
  if (notifying === null || notifying.receivers.length === 0 || world.interrupted.aborted) return result;
  const { receivers, wantedKinds, environment, owner, proxies } = notifying;
  const { clock, random, files, processes, interrupted } = world;
  // A folder that leads elsewhere has ended the run, which says so.
  const isUsable = await requireStateDirectory(files).then(
    () => true,
    () => false,
  );
  if (!isUsable) return result;
  const { notify } = await import("../notify/notify.ts");
  const organization = result.organization ?? null;
  const about = { environment: result.environment ?? environment, owner, organization, task: scope.task };
  const installation = `${environment}/${owner}`;
  const warnings = await notify(
    { result, scope, about, installation, receivers, wantedKinds, directory: stateDirectory },
    { clock, random, files, processes, interrupted, send: world.openSend(proxies, { requestTimeoutMs }) },
  );
  return { ...result, diagnostics: [...result.diagnostics, ...warnings] };
}

/** Returns which groups a pass with these flags plans. */
export function scopeOfPass(
  task: RunScope["task"],
  flags: { readonly group?: readonly string[]; readonly selector?: object },
): RunScope {
  const isPart = flags.group !== undefined || flags.selector !== undefined;
  return { task, isPart, named: flags.group ?? [] };
}

interface OneMessage extends Pick<MessageData, "summary" | "details"> {
  readonly topic: NotifyTopic;
  /** Finds the organisation; called if a receiver wants the message. */
  readonly recallOrganization: () => Promise<Organization | null>;
}

/** Sends one message that no run made, to each receiver that wants its topic. */
export async function notifyOnce(
  { topic, summary, details, recallOrganization }: OneMessage,
  notifying: Notifying,
  { clock, random, openSend }: Pick<World, "clock" | "random" | "openSend">,
): Promise<{ readonly sent: readonly string[]; readonly failures: readonly string[] }> {
  const { receivers, environment, owner, proxies } = notifying;
  const [sent, failures]: [string[], string[]] = [[], []];
  const wanting = receivers.filter(({ wanted }) => wanted.has(topic));
  if (wanting.length === 0) return { sent, failures };
  const [{ deliver }, { makeData }] = await Promise.all([
    import("../notify/deliver.ts"),
    import("../notify/make-messages.ts"),
  ]);
  const send = openSend(proxies, { requestTimeoutMs });
  const organization = await recallOrganization();
  const about = { environment, owner, organization, command: "notify", runId: null };
  const data = makeData({ ...about, summary, details, groups: [] });
  const timestamp = new Date(clock.now()).toISOString();
  for (const receiver of wanting) {
    const message = { id: `msg_${random.id()}`, topic, timestamp, data };
    const { failure } = await deliver([message], receiver, { send, clock });
    if (failure === null) sent.push(receiver.kind);
    else failures.push(failure);
  }
  return { sent, failures };
}
