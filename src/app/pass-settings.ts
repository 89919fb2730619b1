// The settings of a pass, made from its flags, the environment variables and the config file.
import { normalize } from "node:path";
import type { RecordOptions } from "../apply/on-record.ts";
import type { Config } from "../model/config.ts";
import type { DesiredSource } from "../manifest/read-desired.ts";
import { readConfig } from "../manifest/read.ts";
import { checkConfigPaths } from "./config-paths.ts";
import { hasErrors, nowhere, type Diagnostic, type Loaded } from "../model/diagnostic.ts";
import type { Kinds } from "../model/kind.ts";
import { ReconcileError } from "../model/errors.ts";
import type { ReportFlags } from "../report/report.ts";
import type { PassOptions } from "./pass.ts";
import { auditKeys, auditKeyWarnings, environmentWarnings } from "./ignored-variables.ts";
import { readEnvironment, resolvePlatform, type PlatformAccess } from "./settings.ts";
import { sandboxTrail, stateDirectory } from "./state-directory.ts";
import type { World } from "./world.ts";

export interface PassFlags extends RunFlags {
  readonly dryRun?: true;
  /** Do not ask. */
  readonly yes?: true;
  readonly group?: readonly string[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly prune?: true;
  readonly adopt?: true;
  readonly allowDeletes?: true;
  readonly createOnly?: true;
  readonly allowEmpty?: true;
  /** The file to which the plan is saved. */
  readonly out?: string;
  /** A Git revision. */
  readonly base?: string;
  readonly explain?: true;
}

/** The flags that planning and applying have in common. */
export interface RunFlags extends ReportFlags {
  readonly manifests?: string;
  readonly config?: string;
  readonly concurrency: number;
  /** Minutes. */
  readonly deadline: number;
  readonly sandbox?: true;
  /** The hash of the head with which the trail is accepted although it does not verify. */
  readonly acceptHead?: string;
  readonly progress: boolean;
}

/** The flags that decide what a pass does, without those that decide how it is reported. */
export type SettingsFlags = Omit<PassFlags, "output" | "detailedExitcode" | "progress">;

export interface Settings {
  readonly config: Config;
  /** Null for the sandbox, which the session starts once all settings are valid. */
  readonly platform: PlatformAccess | null;
  readonly auditKeys: ReturnType<typeof auditKeys>;
  readonly paths: StatePaths;
  readonly kinds: Kinds;
}

/** The files that a pass keeps. The sandbox has its own, apart from those of the real platform. */
export interface StatePaths {
  readonly trail: string;
  /** The last run and the figures. */
  readonly kept: string;
  /** The head of the trail. */
  readonly head: string;
}

export function statePaths(config: Config, isSandbox: boolean): StatePaths {
  return isSandbox ? stateFiles(sandboxTrail, "sandbox-") : stateFiles(config.audit.file, "");
}

/**
 * The files in the state directory begin with the prefix. The trail's path holds no `x/..`, which would lead elsewhere if
 * `x` were a link.
 */
export function stateFiles(trail: string, prefix: "" | "sandbox-"): StatePaths {
  const inState = (name: string): string => `${stateDirectory}/${prefix}${name}`;
  return { trail: normalize(trail), kept: inState("metrics.json"), head: inState("head.json") };
}

/** `file` is the value of `--config`. Throws ReconcileError with the first fault of the config. */
export async function requireConfig(file: string | undefined, files: World["files"]): Promise<Config> {
  const config = await readConfig(file ?? "reconcile.yaml", files, { required: file !== undefined });
  if (config.ok) return config.value;
  const { code = "config/invalid", message = "", hint = null } = config.diagnostics[0] ?? {};
  throw new ReconcileError(code, message, hint === null ? {} : { hint });
}

type SettingFlags = Pick<
  PassFlags,
  "acceptHead" | "config" | "dryRun" | "manifests" | "out" | "prune" | "sandbox" | "selector"
>;

export async function readSettings(flags: SettingFlags, world: World): Promise<Loaded<Settings>> {
  const [config, environment] = await Promise.all([
    readConfig(flags.config ?? "reconcile.yaml", world.files, { required: flags.config !== undefined }),
    readEnvironment(world.environment, world.files),
  ]);
  const warnings = flags.sandbox ? auditKeyWarnings(environment) : environmentWarnings(environment);
  const clash = [
    ...(flags.selector && (flags.prune ?? (config.ok && config.value.prune)) ? [pruneWithSelector] : []),
    ...(flags.out !== undefined && !flags.dryRun ? [outWithoutDryRun] : []),
    ...(flags.acceptHead !== undefined && flags.dryRun ? [acceptInDryRun] : []),
  ];
  if (!config.ok) return { ok: false, diagnostics: [...warnings, ...config.diagnostics, ...clash] };
  const platform = flags.sandbox ? noPlatform : resolvePlatform(environment.variables, config.value);
  const checked = { manifests: flags.manifests === undefined, trail: flags.sandbox !== true };
  const astray = await checkConfigPaths(config.value, checked, world.files);
  const diagnostics = [...warnings, ...config.diagnostics, ...astray, ...platform.diagnostics, ...clash];
  if (!platform.ok || hasErrors(diagnostics)) return { ok: false, diagnostics };
  const paths = statePaths(config.value, flags.sandbox === true);
  const kinds = world.kinds.under(config.value);
  const value = {
    config: config.value,
    platform: platform.value,
    auditKeys: auditKeys(environment.variables),
    paths,
    kinds,
  };
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

const outWithoutDryRun: Diagnostic = {
  severity: "error",
  code: "out/withoutDryRun",
  message: "--out saves a plan for later, and a sync applies its plan at once, so they cannot be combined",
  hint: "use `reconcile plan --out FILE`, then `reconcile apply FILE`",
  ...nowhere,
};

const acceptInDryRun: Diagnostic = {
  severity: "error",
  code: "acceptHead/inDryRun",
  message: "--accept-head is put on record, and a dry run records nothing, so they cannot be combined",
  hint: "look at the plan first, then run `reconcile sync --accept-head HASH`",
  ...nowhere,
};

export function passOptions(settings: Settings, flags: SettingsFlags, environment: string): PassOptions {
  const { config } = settings;
  return {
    ...recordOptions(settings, flags, environment),
    dryRun: flags.dryRun === true,
    desired: { ...desiredSource(settings, flags), allowEmpty: flags.allowEmpty === true },
    base: null,
    selection: { groups: flags.group ?? null, labels: flags.selector ?? null },
    plan: {
      kinds: settings.kinds,
      owner: config.owner,
      limits: config.limits,
      prune: flags.prune ?? config.prune,
      adopt: flags.adopt === true,
      allowDeletes: flags.allowDeletes === true,
      createOnly: flags.createOnly === true,
      maxDeletePercent: config.maxDeletePercent,
      explain: flags.explain === true,
    },
  };
}

/** The manifests' folder, and the rules that the config sets for them. */
export function desiredSource(
  { config, kinds }: Pick<Settings, "config" | "kinds">,
  flags: Pick<RunFlags, "manifests">,
): Omit<DesiredSource, "allowEmpty"> {
  const { catalog, limits, allowedEndpointHosts, policy } = config;
  const manifests = flags.manifests ?? config.manifests;
  return { manifests, catalog, limits, allowedEndpointHosts, policy, kinds };
}

export function recordOptions(
  { paths, auditKeys }: Pick<Settings, "paths" | "auditKeys">,
  { concurrency, acceptHead }: Pick<RunFlags, "concurrency" | "acceptHead">,
  environment: string,
): RecordOptions {
  const { trail: path, kept: keptPath, head: headPath } = paths;
  return {
    concurrency,
    audit: { path, keptPath, headPath, ...auditKeys, environment, acceptHead: acceptHead ?? null },
  };
}
