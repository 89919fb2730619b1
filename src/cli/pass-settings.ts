// What a pass is told: its flags, the environment and the config file, each value from where it counts.
import type { Config } from "../manifest/config.ts";
import { readConfig } from "../manifest/read.ts";
import { hasErrors, nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { PassOptions } from "../pass.ts";
import { readEnvironment, resolvePlatform, type Platform } from "./settings.ts";
import { sandboxTrail, stateDirectory } from "./state-directory.ts";
import type { World } from "./world.ts";

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

export interface Settings {
  readonly config: Config;
  /** Null for the sandbox, which is started when all else is right. */
  readonly platform: Platform | null;
  readonly auditKey: string | undefined;
  readonly paths: StatePaths;
}

/** What a pass keeps, on the real platform and on the sandbox apart. */
export interface StatePaths {
  readonly trail: string;
  /** The last run and the figures. */
  readonly kept: string;
}

export function statePaths(config: Config, isSandbox: boolean): StatePaths {
  return isSandbox
    ? { trail: sandboxTrail, kept: `${stateDirectory}/sandbox-metrics.json` }
    : { trail: config.audit.file, kept: `${stateDirectory}/metrics.json` };
}

export async function readSettings(flags: PassFlags, world: World): Promise<Loaded<Settings>> {
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
  const paths = statePaths(config.value, flags.sandbox === true);
  const value = { config: config.value, platform: platform.value, auditKey, paths };
  return { ok: true, value, diagnostics };
}

const noPlatform: Loaded<null> = { ok: true, value: null, diagnostics: [] };

const pruneWithSelector: Diagnostic = {
  severity: "error",
  code: "prune/withSelector",
  message: "--selector cannot be combined with pruning: a group without a manifest has no labels",
  hint: "name the groups with --group, or leave out --selector",
  ...nowhere,
};

export function passOptions(settings: Settings, flags: PassFlags, environment: string): PassOptions {
  const { config } = settings;
  return {
    dryRun: flags.dryRun === true,
    desired: {
      manifests: flags.manifests ?? config.manifests,
      allowEmpty: flags.allowEmpty === true,
      catalog: config.catalog,
      limits: config.limits,
      allowedEndpointHosts: config.allowedEndpointHosts,
      policy: config.policy,
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
      path: settings.paths.trail,
      keptPath: settings.paths.kept,
      key: settings.auditKey,
      environment,
    },
  };
}
