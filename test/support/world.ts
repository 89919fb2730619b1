// Runs a whole command in one process: memory files, a clock that jumps, captured output, and a platform without a
// network.
import { openAws } from "../../src/aws/open-aws.ts";
import { builtInDrivers } from "../../src/kinds/drivers.ts";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { run } from "../../src/cli/run.ts";
import type { AcceptedHead, UnsignedBefore } from "../../src/model/audit-record.ts";
import type { World } from "../../src/app/world.ts";
import type { RunProvenance } from "../../src/model/audit-record.ts";
import type { Repository } from "../../src/git/provenance.ts";
import type { WorkingTree } from "../../src/git/working-tree.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import type { HttpRequest, HttpResponse, Send } from "../../src/model/http.ts";
import { sandboxOrganisation, type SandboxOrganisation } from "../../src/sandbox/sandbox-organisation.ts";
import { handle } from "../../src/sandbox/handle.ts";
import type { SandboxQuirks } from "../../src/sandbox/quirks.ts";
import type { SandboxResource } from "../../src/sandbox/resource.ts";
import { makeState, makeWebhook, type SandboxState } from "../../src/sandbox/state.ts";
import { checks, expectNoSecret, secretsIn, secretsInFiles, tokensIn } from "./canary.ts";
import { filesOfSuite, findCopyOfSuite, openStoreOfSuite } from "./suite-store.ts";
import { makeFakeClock, type FakeClock } from "./fake-clock.ts";
import { webhooks, type TestKind } from "./kinds.ts";
import { makeMemoryFiles, type MemoryFiles } from "./memory-files.ts";

export const credentials = { clientId: "client-of-tests", clientSecret: "the-secret-of-tests" };

export const loggedIn = {
  GENESYS_CLIENT_ID: credentials.clientId,
  GENESYS_CLIENT_SECRET: credentials.clientSecret,
};

/** It has no name, so that headings stay short. */
export const organisationOfTests: SandboxOrganisation = { ...sandboxOrganisation, name: "" };

/** Asks which organisation it is. */
export const asksOrganisation = "GET /api/v2/tokens/me";

export interface WorldOptions {
  /** Default: the product's kinds. */
  readonly kinds?: World["kinds"];
  readonly openDrivers?: World["openDrivers"];
  /** Opens AWS; default: the product's, over the network of this world. */
  readonly openAws?: World["openAws"];
  /** Opens the shared store that the config names; default: an earlier command's, else none. */
  readonly openStore?: World["openStore"];
  /** Looks at that store for `doctor`; default: as `openStore`. */
  readonly checkStore?: World["checkStore"];
  /** Default: the remote `origin` leads to the code alone, and no remote answers without a login. */
  readonly stateRemote?: World["stateRemote"];
  /** The resources of the platform in memory; default: the product's. */
  readonly resources?: readonly SandboxResource[];
  /** The organisation that the platform in memory is; an earlier command's by default. */
  readonly organisation?: SandboxOrganisation;
  /** How the platform in memory differs from its usual answers; an earlier command's by default. */
  readonly quirks?: SandboxQuirks;
  /** A list of words, or a line that is split at its spaces. */
  readonly argv: string | readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Default: `loggedIn`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** An earlier command, whose disk, platform and time this one takes over. */
  readonly from?: TestWorld;
  /** Stands between the client and the platform; returns what `forward` answers, or something else. */
  readonly intercept?: Intercept;
  /** The login that the platform in memory takes at this moment; default: `credentials`. */
  readonly credentials?: () => typeof credentials;
  /** Replaces the platform in memory by a real network. */
  readonly send?: Send;
  /** Replaces it in the same way, for tests of proxies. */
  readonly openSend?: World["openSend"];
  readonly terminal?: boolean;
  /** The width of the terminal; default: 100. */
  readonly columns?: number;
  /**
   * What a person types, a line at a question; then the input ends. A function is called at each question, such as to
   * change something meanwhile. Without it nobody is at the keyboard, and stdin is no terminal.
   */
  readonly answers?: readonly (string | ((world: TestWorld) => string | null | Promise<string | null>))[];
  readonly colours?: boolean;
  readonly commit?: string | null;
  /** The error that kept Git from being asked for the commit. */
  readonly refusal?: ReconcileError;
  readonly provenance?: RunProvenance;
  /** The CI run, without a person. */
  readonly place?: string;
  readonly repository?: Partial<Repository>;
  readonly nodeVersion?: string;
  /** The files of each Git revision, by ref and by path. */
  readonly revisions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly processes?: Partial<World["processes"]>;
  /** Default: no Git. */
  readonly workingTree?: Partial<WorkingTree>;
  readonly service?: World["service"];
  readonly fetchRevision?: World["fetchRevision"];
  /** Default: no Git. */
  readonly findAncestry?: World["findAncestry"];
  /** Opens the revisions that `revisions` does not name. */
  readonly openRevision?: World["openRevision"];
  /** True if time moves only when the test advances it. */
  readonly manualClock?: boolean;
}

/** The machine's network, watched paths and signals, for commands that are not the daemon. */
export const noService: World["service"] = {
  listen: () => Promise.reject(new Error("this world has no network to listen on")),
  watchPaths: () => ({ ready: Promise.resolve(), close: () => Promise.resolve() }),
  onHangup: () => () => undefined,
};

/** A revision that is given by its files has no other commit. */
export function noCommit(): never {
  throw new Error("this revision has no other commit");
}

export type Intercept = (
  request: HttpRequest,
  forward: () => HttpResponse,
) => HttpResponse | Promise<HttpResponse>;

export interface TestWorld extends World {
  /** The function that `openSend` returns without a proxy. */
  readonly send: Send;
  readonly files: MemoryFiles;
  readonly clock: FakeClock;
  readonly state: SandboxState;
  readonly quirks: SandboxQuirks;
  readonly organisation: SandboxOrganisation;
  readonly interrupt: AbortController;
  /** The requests that were sent, such as `POST /api/v2/webhooks`, in order. */
  readonly requests: string[];
  /** The lines that were logged, such as `warn: …`. */
  readonly logged: string[];
  /** The fields of each logged line, in the same order. */
  readonly logFields: Readonly<Record<string, unknown>>[];
  /** The tokens that the platform has issued to this command and those before it. */
  readonly tokens: string[];
  /** Throws if anything that the command put out holds a secret. */
  expectNoSecret(): void;
  out(): string;
  err(): string;
}

export function makeWorld(options: WorldOptions): TestWorld {
  const { from, terminal = false, columns = 100, colours = false, commit = null } = options;
  const files = from?.files ?? makeMemoryFiles(filesOfSuite(options.files));
  const clock = from?.clock ?? makeFakeClock();
  if (!options.manualClock) clock.autoAdvance();
  const state = from?.state ?? makeState();
  const quirks = options.quirks ?? from?.quirks ?? {};
  const random = from?.random ?? makeRandom();
  const interrupt = new AbortController();
  const requests: string[] = [];
  const logged: string[] = [];
  const logFields: Readonly<Record<string, unknown>>[] = [];
  const tokens = [...(from?.tokens ?? [])];
  const outputs: string[] = [];
  const errors: string[] = [];
  const answers = [...(options.answers ?? [])];
  const output = (texts: string[]) => ({
    write: (text: string) => void texts.push(text),
    flushed: () => Promise.resolve(true),
    isTerminal: terminal,
    colours,
    columns,
  });
  const forward = (request: HttpRequest): HttpResponse =>
    handle(state, request, {
      ...{ nowMs: clock.now(), random, credentials: options.credentials?.() ?? credentials, quirks },
      organisation: options.organisation ?? from?.organisation ?? organisationOfTests,
      ...(options.resources ? { resources: options.resources } : {}),
    }).response;
  const openSend: World["openSend"] = (proxies) => {
    const overNetwork = options.openSend?.(proxies) ?? options.send;
    return async (request, guard) => {
      const { pathname } = new URL(request.url);
      requests.push(`${request.method} ${pathname}`);
      const response = await (overNetwork
        ? overNetwork(request, guard)
        : (options.intercept ?? forward)(request, () => forward(request)));
      tokens.push(...tokensIn(response.body));
      return response;
    };
  };
  const textsBefore = textsOf(files);
  const environment = options.environment ?? loggedIn;
  const world: TestWorld = {
    kinds: options.kinds ?? builtInKinds,
    openDrivers: options.openDrivers ?? (() => Promise.resolve(builtInDrivers)),
    openAws: options.openAws ?? openAws,
    openStore: options.openStore ?? from?.openStore ?? openStoreOfSuite(clock),
    checkStore:
      options.checkStore ??
      from?.checkStore ??
      (() => Promise.reject(new Error("this world has no shared store"))),
    stateRemote: options.stateRemote ?? from?.stateRemote ?? privateRemotes,
    argv: typeof options.argv === "string" ? options.argv.split(" ").filter(Boolean) : options.argv,
    environment,
    stdin: {
      isTerminal: options.answers !== undefined,
      readLine: (stop) => {
        const next = answers.shift() ?? null;
        const stopped = new Promise<null>((resolve) => {
          stop.addEventListener("abort", () => {
            resolve(null);
          });
        });
        return Promise.race([typeof next === "function" ? next(world) : next, stopped]);
      },
    },
    stdout: output(outputs),
    stderr: output(errors),
    files,
    clock,
    random,
    state,
    quirks,
    organisation: options.organisation ?? from?.organisation ?? organisationOfTests,
    interrupt,
    interrupted: interrupt.signal,
    requests,
    logged,
    logFields,
    openSend,
    send: openSend({}),
    openLog: () =>
      Promise.resolve((level, message, fields) => {
        logged.push(`${level}: ${message}`);
        logFields.push(fields ?? {});
      }),
    tokens,
    expectNoSecret: () => {
      const written = Object.entries(textsOf(files)).filter(([path, text]) => textsBefore[path] !== text);
      // The sandbox's own credentials are public, and its state file is not the command's output.
      const secrets = [
        ...secretsIn(environment, textsBefore["/.env"]),
        ...secretsInFiles(environment, textsBefore),
        ...tokens,
      ];
      const log = `${logged.join("\n")}${JSON.stringify(logFields)}`;
      const places = { stdout: outputs.join(""), stderr: errors.join(""), log };
      expectNoSecret({ ...places, ...Object.fromEntries(written) }, secrets);
    },
    provenance: () =>
      Promise.resolve({
        actor: "tester@host",
        ...(options.place === undefined ? {} : { place: options.place }),
        commit,
        provenance: options.provenance ?? {},
        ...(options.refusal ? { refusal: options.refusal } : {}),
      }),
    repository: () =>
      Promise.resolve({
        name: "telephony",
        branch: "trunk",
        folder: "",
        hasOrigin: false,
        ...options.repository,
      }),
    workingTree: () => Promise.resolve({ ...noGit, ...options.workingTree }),
    findAncestry: options.findAncestry ?? (() => Promise.reject(new Error("this world has no Git"))),
    fetchRevision: options.fetchRevision ?? (() => Promise.reject(new Error("this world has no Git"))),
    openRevision: (ref) => {
      const found = options.revisions?.[ref];
      if (found)
        return Promise.resolve({
          commit: "c".repeat(40),
          files: makeMemoryFiles(found),
          openCommit: noCommit,
        });
      if (options.openRevision) return options.openRevision(ref);
      return Promise.reject(new ReconcileError("base/unknown", `this clone does not hold "${ref}"`));
    },
    version: "1.2.3",
    nodeVersion: options.nodeVersion ?? "20.19.0",
    processes: { pid: 100, host: "host", machine: "machine", isAlive: () => true, ...options.processes },
    service: options.service ?? noService,
    out: () => outputs.join(""),
    err: () => errors.join(""),
  };
  checks.push(() => {
    world.expectNoSecret();
  });
  return world;
}

const privateRemotes: World["stateRemote"] = {
  leadsToOrigin: (remote) => Promise.resolve(remote === "origin"),
  askWithoutLogin: () => Promise.resolve(null),
};

const noGit: WorkingTree = {
  parentOf: () => Promise.resolve(null),
  edited: () => Promise.reject(new Error("fatal: not a git repository")),
  filesAt: () => Promise.reject(new Error("fatal: not a git repository")),
  restore: () => Promise.reject(new Error("fatal: not a git repository")),
};

/** Runs the command; returns its output, its exit status, and the world afterwards. */
export async function runWorld(options: WorldOptions): Promise<{
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly world: TestWorld;
}> {
  const world = makeWorld(options);
  const status = await run(world);
  world.expectNoSecret();
  return { status, out: world.out(), err: world.err(), world };
}

/**
 * A process that gives no sign of life while it holds a lease, as one that died or is suspended: what it is to do again and
 * again never comes.
 */
export function withoutSignsOfLife(world: TestWorld): TestWorld {
  return { ...world, clock: { ...world.clock, repeat: () => () => undefined } };
}

/** Returns the text of every file, by its path. */
function textsOf(files: MemoryFiles): Readonly<Record<string, string>> {
  return Object.fromEntries(files.paths().map((path) => [path, files.text(path)]));
}

/** Makes a valid manifest; `kind` is that of its resources, by default a webhook. */
export function manifest(
  group: string,
  more: {
    eventTypes?: readonly string[];
    pool?: readonly string[];
    labels?: string;
    tail?: string;
    kind?: Pick<TestKind, "endpointOf" | "eventTypes">;
  } = {},
): string {
  const { kind = webhooks, pool = [], labels = "", tail = "" } = more;
  const { eventTypes = kind.eventTypes } = more;
  return [
    "apiVersion: reconcile.genesys/v1",
    "kind: WebhookSubscription",
    "metadata:",
    `  name: ${group}`,
    ...(labels ? [`  labels: { ${labels} }`] : []),
    "spec:",
    `  endpointUrl: ${kind.endpointOf(group)}`,
    ...(pool.length > 0 ? [`  endpointPool: [${pool.join(", ")}]`, "  rebalance: { mode: always }"] : []),
    `  eventTypes: [${eventTypes.map(quoted).join(", ")}]`,
    `  offsetTracking: { stateFile: /var/data/${group}.json }`,
    ...(tail ? [tail] : []),
    "",
  ].join("\n");
}

/** Puts an event type with `{id}` in quotes, because YAML would read a map. */
function quoted(eventType: string): string {
  return /[{}]/.test(eventType) ? JSON.stringify(eventType) : eventType;
}

/** Puts a webhook on the platform, as another user could. */
export function putWebhook(
  state: SandboxState,
  webhook: {
    id: string;
    group: string;
    name?: string;
    endpoint?: string;
    owner?: string;
    eventTypes?: readonly string[];
  },
): void {
  const { id, group, owner } = webhook;
  const marker = owner === undefined ? "" : ` | Managed by: reconcile (${owner})`;
  state.webhooks.set(
    id,
    makeWebhook(id, {
      name: webhook.name ?? `${group}-by-hand`,
      endpoint: webhook.endpoint ?? `https://events.example.com/${group}`,
      eventTypes: [...(webhook.eventTypes ?? ["a.created", "a.ended"])],
      retryPolicy: { retryCount: 3, retryInterval: "PT1M", retryOnTimeout: true },
      state: "enabled",
      description: `Consumer group: ${group}${marker}`,
    }),
  );
}

/** Makes an answer of the platform. */
export function answer(status: number, body: unknown = {}): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** Returns the requests that change something on the platform, such as `PUT /api/v2/webhooks/id`. */
export function writesOf({ requests }: TestWorld): string[] {
  return requests.filter((sent) => !/^GET|\/oauth\//.test(sent));
}

/** Returns the methods of these requests. */
export function methodsOf(world: TestWorld): string[] {
  return writesOf(world).map((sent) => sent.slice(0, sent.indexOf(" ")));
}

/** Throws the error of a connection that broke after the request had left. */
export function brokenOff(): never {
  throw new ReconcileError("network/reset", "the connection broke off");
}

/** The trail's default path. */
export const trailPath = "audit-logs/subscription_audit.log";

/** Keeps the head of the trail that this machine saw last. */
export const headPath = ".reconcile/head.json";

/** Puts a trail where this machine, which has not seen one before, finds it. */
export function plantTrail(files: MemoryFiles, text: string): void {
  files.set(trailPath, text);
  forgetHead(files);
}

/** Removes the trail of a machine, and what it remembers of it. */
export function forgetTrail(files: MemoryFiles): void {
  files.take(trailPath);
  forgetHead(files);
}

function forgetHead(files: MemoryFiles): void {
  if (files.paths().includes(`/${headPath}`)) files.take(headPath);
}

/** Returns the path of the trail, which a suite with a shared store has in this machine's copy. */
export function trailPathOf(files: MemoryFiles, given = trailPath): string {
  return findCopyOfSuite(files) ?? given;
}

/** Returns the trail's records. */
export function trailOf(files: MemoryFiles, given = trailPath): readonly Entry[] {
  const path = trailPathOf(files, given);
  if (!files.paths().includes(`/${path}`)) return [];
  const lines = files.text(path).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Entry);
}

export interface Entry {
  readonly seq: number;
  readonly timestamp: string;
  readonly platformTime?: string;
  readonly runId: string;
  readonly rollbackOf?: string;
  readonly keptHealing?: true;
  readonly intent: number | null;
  readonly webhookId: string | null;
  readonly after: unknown;
  readonly event: string;
  readonly operation: string | null;
  readonly group: string | null;
  readonly success: boolean | null;
  readonly latencyMs: number | null;
  readonly attempted: boolean | null;
  readonly carried?: true;
  readonly metrics: Readonly<Record<string, number>>;
  readonly error: string | null;
  readonly actor: string;
  readonly environment: string;
  readonly accepted?: AcceptedHead;
  readonly unsignedBefore?: UnsignedBefore;
  readonly hash: string;
  readonly prevHash: string;
  readonly source: { readonly file: string; readonly line: number; readonly commit: string | null } | null;
}

/** Makes ids that count up: `id-1`, `id-2` and so on. */
function makeRandom(): World["random"] {
  let count = 0;
  return { next: () => 0.5, id: () => `id-${(count += 1)}` };
}
