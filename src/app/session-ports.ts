// Makes the ports of a pass: the platform behind its drivers, the disk, the clock, a log. Each port is listed here, so
// that a pass reaches nothing else of the process, such as its environment variables or the credentials.
import { makeApi, type MadeRequest } from "../genesys/client/api.ts";
import { logRequests } from "../genesys/client/log-requests.ts";
import type { TokenMemory } from "../genesys/client/token.ts";
import { joinDrivers, type Drivers } from "../genesys/drivers.ts";
import type { DriverPorts } from "../genesys/driver.ts";
import { readTopics, type OfferedTopics } from "../genesys/topics.ts";
import { makeWriteMemory, type WriteMemory } from "../genesys/write-memory.ts";
import { plain, plainLines } from "../lib/plain.ts";
import type { Log } from "../model/deps.ts";
import type { ReconcileError } from "../model/errors.ts";
import type { Organization } from "../model/organization.ts";
import type { Kind } from "../model/kind.ts";
import type { Traffic } from "../model/result.ts";
import { confirmAccount, openSessionAws } from "./session-aws.ts";
import { openOrganization } from "./open-organization.ts";
import type { OrganizationAnswers, OrganizationMemory } from "./organization-memory.ts";
import type { PassMemory, PassPorts } from "./pass.ts";
import type { PassFlags, Settings } from "./pass-settings.ts";
import type { Progress } from "./progress.ts";
import type { PlatformAccess } from "./settings.ts";
import { describeRun } from "./describe-run.ts";
import { noLease, type RunLease } from "./run-lease.ts";
import type { World } from "./world.ts";
import type { FetchedRevision } from "../git/revision-files.ts";

export interface SessionPorts extends PassPorts {
  readonly readTopics: () => Promise<OfferedTopics>;
}

/** The values that the ports are made from. */
export interface PortsSource {
  readonly flags: Pick<
    PassFlags,
    "dryRun" | "deadline" | "lockTimeout" | "verbose" | "manifests" | "group" | "selector"
  >;
  readonly world: World;
  readonly progress: Progress;
  /** Fires when the session has to stop; without it, only the user's interrupt stops the session. */
  readonly interrupted?: AbortSignal;
  /** A daemon's log; without it, the session opens one on stderr. */
  readonly log?: Log;
  /** A daemon, which runs many sessions, reuses one token in all of them. */
  readonly tokenMemory?: TokenMemory;
  /** The memories of the writes that earlier sessions of a daemon made, by kind. */
  readonly writeMemories?: Map<Kind, WriteMemory>;
  /** A daemon keeps this from one pass to the next. */
  readonly memory?: PassMemory;
  /** What asked a daemon for this session; absent outside a daemon. */
  readonly wokenBy?: readonly string[];
  /** Called after each request to the platform. */
  readonly onRequest?: (request: MadeRequest) => void;
  /** The Git revision that holds the manifests, if they do not come from the disk. */
  readonly revision?: FetchedRevision;
  /** Whether the session may carry out this plan; without it, every plan. */
  readonly approves?: SessionPorts["approves"];
  /** Remembers which organisation a client belongs to; without it, a file of the state directory does. */
  readonly organizations?: OrganizationMemory;
  /** A daemon keeps these from one pass to the next. */
  readonly organizationAnswers?: OrganizationAnswers;
  /** True if the state needs the organisation, as a shared store does. */
  readonly needsOrganization?: boolean;
  /** Called once the organisation is known. */
  readonly onOrganization?: (organization: Organization) => void;
  /** A dry run has none, because it writes nothing. */
  readonly lease?: RunLease;
}

/** The platform, or the sandbox, on which the session works. */
export interface SessionTarget {
  readonly settings: Settings;
  readonly platform: PlatformAccess;
}

export async function makePorts(
  { settings, platform }: SessionTarget,
  source: PortsSource & { readonly runId: string; readonly interrupted: AbortSignal },
): Promise<{ readonly ports: SessionPorts; readonly traffic: () => Traffic }> {
  const { flags, world, progress, revision, runId, interrupted } = source;
  const { clock, random, files } = world;
  const level = flags.verbose ? "debug" : "warn";
  const open = source.log ?? (await world.openLog({ level, format: "short" }));
  const log: Log = (level, message, fields) => {
    open(level, message, { runId, ...fields });
  };
  const logRequest = logRequests(log);
  // Git is asked once a run, by whoever needs the answer first.
  let told: ReturnType<SessionPorts["provenance"]> | undefined;
  let opened: ReturnType<World["openRevision"]> | undefined;
  const showWait = (words: string): string => {
    const said = plain(`waiting: ${words}`);
    progress.show(said, 0, 0);
    return said;
  };
  const [send, dryRun] = [world.openSend(platform.proxies), flags.dryRun === true];
  const api = makeApi({
    ...{ send, clock, random },
    kinds: settings.kinds,
    apiUrl: platform.apiUrl,
    tokenUrl: platform.tokenUrl,
    credentials: platform.credentials,
    readCredentials: platform.readCredentials,
    rateShare: settings.config.rateShare,
    readOnly: dryRun,
    ...{ interrupted, guard: source.lease, tokenMemory: source.tokenMemory },
    onWait: (words) => {
      log("warn", showWait(words));
    },
    onRequest: (request) => {
      logRequest(request);
      source.onRequest?.(request);
    },
  });
  const reached = { settings, platform };
  const organization = openOrganization(reached, { ...source, api, log });
  const opening = { world, log, send, interrupted, organization, onWait: showWait };
  const aws = await openSessionAws(reached, { ...opening, guard: source.lease, readOnly: dryRun });
  const drivers = await makeDrivers({ api, clock, random, interrupted, onWait: showWait, aws }, source);
  const ports: SessionPorts = {
    ...{ clock, random, files, interrupted, log, runId },
    kinds: settings.kinds,
    driverOf: (kinds) => joinDrivers(drivers, kinds),
    readTopics: () => readTopics(api, settings.kinds),
    ...{ organization, confirmAccount: () => confirmAccount(aws) },
    lease: source.lease ?? noLease,
    platformNow: () => api.platformNow(),
    ...(source.approves ? { approves: source.approves } : {}),
    ...(source.memory ? { memory: source.memory } : {}),
    ...(revision ? { manifestFiles: revision.files } : {}),
    findAncestry: (question) => (revision ?? world).findAncestry(question),
    openCommit: async (commit) =>
      (revision ?? (await (opened ??= world.openRevision(commit)))).openCommit(commit),
    provenance: () => (told ??= tellProvenance(settings, source, log)),
    onProgress: (stage, done, total) => {
      progress.show(stage, done, total);
    },
    onError: (error) => {
      showStack(error, source);
    },
  };
  return { ports, traffic: () => api.traffic() };
}

async function tellProvenance(
  { config, platform }: Settings,
  { flags, world, revision, wokenBy }: PortsSource,
  log: Log,
): ReturnType<SessionPorts["provenance"]> {
  const here = await world.provenance(flags.manifests ?? config.manifests);
  if (here.refusal) log("warn", here.refusal.message, { hint: here.refusal.hint });
  const client = platform?.credentials.clientId;
  const known = { client, revision, wokenBy, host: world.processes.host };
  return describeRun(here, known, config.audit.actors);
}

async function makeDrivers(
  ports: Omit<DriverPorts, "memory">,
  { world, writeMemories = new Map() }: Pick<PortsSource, "world" | "writeMemories">,
): Promise<Drivers> {
  const makers = await world.openDrivers();
  return new Map(
    [...makers].map(([kind, make]) => {
      const memory = writeMemories.get(kind) ?? makeWriteMemory();
      writeMemories.set(kind, memory);
      return [kind, make({ ...ports, memory })];
    }),
  );
}

export function showStack(
  { stack = "" }: ReconcileError,
  { flags, world }: Pick<PortsSource, "flags" | "world">,
): void {
  if (flags.verbose) world.stderr.write(`${plainLines(stack)}\n`);
}
