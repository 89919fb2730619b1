// `reconcile sync` and `reconcile plan`: settings, one pass, its result.
import { makeApi } from "../../genesys/client/api.ts";
import { makeWebhooksDriver } from "../../genesys/webhooks.ts";
import { count } from "../../lib/count.ts";
import type { Config } from "../../manifest/config.ts";
import { readConfig } from "../../manifest/read.ts";
import { hasErrors, nowhere, type Diagnostic, type Loaded } from "../../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../../model/errors.ts";
import { emptyPlan, makeResult, noTraffic, type Result } from "../../model/result.ts";
import { pass, type PassOptions } from "../../pass.ts";
import { plainLines } from "../output/plain.ts";
import { report } from "../output/report.ts";
import { showText } from "../output/text.ts";
import { makeProgress, type Progress } from "../progress.ts";
import { withLock } from "../state-directory.ts";
import { readEnvironment, resolvePlatform, type Platform } from "../settings.ts";
import type { World } from "../world.ts";

export interface PassFlags {
  readonly dryRun?: true;
  readonly manifests?: string;
  readonly config?: string;
  readonly group?: readonly string[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly prune?: true;
  readonly adopt?: true;
  readonly allowDeletes?: true;
  readonly allowEmpty?: true;
  readonly detailedExitcode?: true;
  readonly output: "text" | "json" | "markdown";
  readonly concurrency: number;
  /** Minutes. */
  readonly deadline: number;
  readonly sandbox?: true;
  readonly progress: boolean;
  readonly verbose?: true;
  readonly explain?: true;
}

/** The exit status. */
export async function runPass(flags: PassFlags, world: World): Promise<number> {
  const progress = makeProgress(world, flags.progress);
  const settings = await readSettings(flags, world);
  const result = settings.ok
    ? await attempt({ ...settings.value, warnings: settings.diagnostics }, { flags, world, progress })
    : refuse(settings.diagnostics, flags, world);
  const style = { colours: world.stdout.colours, verbose: flags.verbose === true };
  const isPlanned = result.ok || result.groups.length + result.orphans.length > 0;
  const text = isPlanned ? showText(result, style) : null;
  const status = await report(result, { output: flags.output, text }, world);
  return status === 0 && flags.detailedExitcode && result.operations.length > 0 ? 2 : status;
}

/** Also where the platform or the disk ends it: what it was about, and what the settings warned of. */
async function attempt(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  around: Around,
): Promise<Result> {
  const { flags, world, progress } = around;
  const result = await runOn(settings, around)
    .catch((error: unknown) =>
      refuse([...settings.warnings, describeFailure(error, flags, world)], flags, world),
    )
    .finally(() => {
      progress.clear();
    });
  const environment = settings.platform?.environment ?? "sandbox";
  return { ...result, environment, owner: settings.config.owner };
}

interface Settings {
  readonly config: Config;
  /** Null for the sandbox, which is started when all else is right. */
  readonly platform: Platform | null;
  readonly auditKey: string | undefined;
}

async function readSettings(flags: PassFlags, world: World): Promise<Loaded<Settings>> {
  const [config, environment] = await Promise.all([
    readConfig(flags.config ?? "reconcile.yaml", world.files, { required: flags.config !== undefined }),
    readEnvironment(world.environment, world.files),
  ]);
  const warnings = flags.sandbox ? [] : environment.diagnostics;
  const clash =
    flags.selector && (flags.prune ?? (config.ok && config.value.prune)) ? [pruneWithSelector] : [];
  if (!config.ok) return { ok: false, diagnostics: [...warnings, ...config.diagnostics, ...clash] };
  const platform = flags.sandbox ? noPlatform : resolvePlatform(environment.variables, config.value);
  const diagnostics = [...warnings, ...config.diagnostics, ...platform.diagnostics, ...clash];
  if (!platform.ok || hasErrors(diagnostics)) return { ok: false, diagnostics };
  const auditKey = environment.variables["RECONCILE_AUDIT_KEY"];
  return { ok: true, value: { config: config.value, platform: platform.value, auditKey }, diagnostics };
}

const noPlatform: Loaded<null> = { ok: true, value: null, diagnostics: [] };

const pruneWithSelector: Diagnostic = {
  severity: "error",
  code: "prune/withSelector",
  message: "--selector cannot be combined with pruning: a group without a manifest has no labels",
  hint: "name the groups with --group, or leave out --selector",
  ...nowhere,
};

interface Around {
  readonly flags: PassFlags;
  readonly world: World;
  readonly progress: Progress;
}

async function runOn(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  around: Around,
): Promise<Result> {
  const { flags, world } = around;
  if (flags.dryRun) return runWhere(settings, around);
  return withLock("sync", world, (interrupted) =>
    runWhere(settings, { ...around, world: { ...world, interrupted } }),
  );
}

async function runWhere(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  around: Around,
): Promise<Result> {
  if (settings.platform) return runInTime(settings, { ...around, platform: settings.platform });
  const { openSandbox } = await import("../sandbox.ts");
  const sandbox = await openSandbox(around.world, { port: 0, writes: around.flags.dryRun !== true });
  try {
    return await runInTime(settings, { ...around, platform: sandbox.platform });
  } finally {
    await sandbox.close();
  }
}

/** Past its deadline a pass stops as it does when it is interrupted. */
async function runInTime(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  around: Around & { readonly platform: Platform },
): Promise<Result> {
  const { flags, world } = around;
  const deadline = new AbortController();
  const message = `the pass ran out of its ${count(flags.deadline, "minute")} (--deadline)`;
  const cancel = world.clock.repeat(flags.deadline * 60_000, () => {
    deadline.abort(new ReconcileError("run/deadline", message));
  });
  const interrupted = AbortSignal.any([world.interrupted, deadline.signal]);
  try {
    return await runWith(settings, { ...around, world: { ...world, interrupted } });
  } finally {
    cancel();
  }
}

async function runWith(
  settings: Settings & { readonly warnings: readonly Diagnostic[] },
  around: Around & { readonly platform: Platform },
): Promise<Result> {
  const { flags, world, progress, platform } = around;
  const log = await world.openLog(flags.verbose === true);
  const options = passOptions(settings, flags, platform.environment);
  const api = makeApi({
    send: world.send,
    clock: world.clock,
    random: world.random,
    apiUrl: platform.apiUrl,
    tokenUrl: platform.tokenUrl,
    credentials: platform.credentials,
    rateShare: settings.config.rateShare,
    readOnly: options.dryRun,
    interrupted: world.interrupted,
    log,
  });
  const result = await pass(options, {
    ...world,
    log,
    driver: makeWebhooksDriver(api),
    traffic: () => api.traffic(),
    provenance: () => world.provenance(flags.manifests ?? settings.config.manifests),
    onProgress: (stage, done, total) => {
      progress.show(stage, done, total);
    },
  });
  return { ...result, diagnostics: [...settings.warnings, ...result.diagnostics] };
}

function passOptions(settings: Settings, flags: PassFlags, environment: string): PassOptions {
  const { config } = settings;
  return {
    dryRun: flags.dryRun === true,
    desired: {
      manifests: flags.manifests ?? config.manifests,
      allowEmpty: flags.allowEmpty === true,
      catalog: config.catalog,
      limits: config.limits,
      allowedEndpointHosts: config.allowedEndpointHosts,
    },
    selection: { groups: flags.group ?? null, labels: flags.selector ?? null },
    plan: {
      owner: config.owner,
      limits: config.limits,
      prune: flags.prune ?? config.prune,
      adopt: flags.adopt === true,
      allowDeletes: flags.allowDeletes === true,
      maxDeletePercent: config.maxDeletePercent,
      explain: flags.explain === true,
    },
    concurrency: flags.concurrency,
    audit: {
      path: flags.sandbox ? ".reconcile/sandbox-audit.log" : config.audit.file,
      key: settings.auditKey,
      environment,
    },
  };
}

/** What the platform or the disk did not allow; throws again what is a bug of our own. */
function describeFailure(error: unknown, flags: PassFlags, world: World): Diagnostic {
  if (!(error instanceof ReconcileError)) throw error;
  if (flags.verbose) world.stderr.write(`${plainLines(error.stack ?? "")}\n`);
  return diagnosticOf(error);
}

function refuse(diagnostics: readonly Diagnostic[], flags: PassFlags, world: World): Result {
  const run = { dryRun: flags.dryRun === true, runId: world.random.id(), traffic: noTraffic, diagnostics };
  return makeResult(emptyPlan, run);
}
