// The settings of a pass, made from its flags, the environment variables and the config file.
import { normalize } from "node:path";
import type { Config } from "../model/config.ts";
import type { DesiredSource } from "../manifest/read-desired.ts";
import { readConfig } from "../manifest/read.ts";
import { checkConfigPaths } from "./config-paths.ts";
import { findClashes } from "./flag-clashes.ts";
import { findMovedPaths } from "./moved-paths.ts";
import { hasErrors, type Loaded } from "../model/diagnostic.ts";
import type { Kinds } from "../model/kind.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { ReportFlags } from "../report/report.ts";
import { auditKeyWarnings, environmentWarnings } from "./ignored-variables.ts";
import { noNotifying, readNotifying, type Notifying } from "./notifying.ts";
import { readAuditKeys, type AuditKeys } from "./audit-keys.ts";
import { readEnvironment } from "./environment.ts";
import { findStoreSettings, type StoreSettings } from "./store-settings.ts";
import { resolvePlatform, type PlatformAccess } from "./settings.ts";
import { sandboxTrail, stateDirectory } from "../state/files/state-directory.ts";
import type { State, StatePaths } from "../state/state.ts";
import type { World } from "./world.ts";

export interface PassFlags extends RunFlags {
  readonly dryRun?: true;
  /** Do not ask. */
  readonly yes?: true;
  readonly group?: readonly string[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly prune?: true;
  readonly pruneRemoved?: true;
  readonly adopt?: true;
  /** Another owner. */
  readonly adoptFrom?: string;
  readonly allowDeletes?: true;
  readonly createOnly?: true;
  readonly allowEmpty?: true;
  /** The file to which the plan is saved. */
  readonly out?: string;
  /** A Git revision. */
  readonly base?: string;
  readonly explain?: true;
  /** True if a daemon puts drift of unchanged groups back even while not every manifest is valid. */
  readonly keepHealing?: true;
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
  /** True if a commit may be applied that is older than the last applied one. */
  readonly allowOlder?: true;
  /** How long to wait for the right to write, in ms; without it, as long as the store's default says. */
  readonly lockTimeout?: number;
  readonly progress: boolean;
}

/** The flags that decide what a pass does, not how it is reported. */
export type SettingsFlags = Omit<PassFlags, "output" | "detailedExitcode" | "progress">;

export interface Settings extends StoreSettings {
  readonly config: Config;
  /** Null for the sandbox, which the session starts once all settings are valid. */
  readonly platform: PlatformAccess | null;
  readonly auditKeys: AuditKeys;
  /** The files of the state; where it is in a shared store, those that it would have without one. */
  readonly paths: StatePaths;
  /** Reads this machine's copy of a shared trail anew; absent until the session has opened the state. */
  readonly readAnew?: State["readAnew"];
  readonly growth?: State["growth"];
  readonly kinds: Kinds;
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
  const common = {
    ...{ trail: normalize(trail), kept: inState("metrics.json"), head: inState("head.json") },
    checkpoint: inState("checkpoint.json"),
  };
  return prefix === "" ? { ...common, moved: inState("moved.json") } : common;
}

/** Throws ReconcileError with the first fault of the config, or of the path of its trail. */
export async function requireConfig(
  { config: file, sandbox }: Pick<PassFlags, "config" | "sandbox">,
  files: World["files"],
): Promise<Config> {
  const config = await readConfig(file ?? "reconcile.yaml", files, { required: file !== undefined });
  const moved = config.ok && !sandbox ? await findMovedPaths(config.value, ["audit"], files) : [];
  if (config.ok && moved.length === 0) return config.value;
  const { code, message, hint } = [...config.diagnostics, ...moved][0] ?? unknownFault;
  throw new ReconcileError(code, message, hint === null ? {} : { hint });
}

const unknownFault = { code: "config/invalid", message: "", hint: null };

interface SettingFlags extends Pick<
  PassFlags,
  | "acceptHead"
  | "adoptFrom"
  | "config"
  | "dryRun"
  | "manifests"
  | "out"
  | "prune"
  | "pruneRemoved"
  | "sandbox"
  | "selector"
> {
  /** Another owner than the config's. */
  readonly owner?: string;
  /** The id of another organisation than the config's. */
  readonly organization?: string;
  /** The command tells receivers what changed, unless it is a dry run or uses the sandbox. */
  readonly notifies?: true;
}

export type LoadedSettings = Loaded<Settings> & {
  /** Null if the command tells nobody, or if the config cannot be read. The other settings need not be valid. */
  readonly notifying: Notifying | null;
};

export async function readSettings(flags: SettingFlags, world: World): Promise<LoadedSettings> {
  const [read, environment] = await Promise.all([
    readConfig(flags.config ?? "reconcile.yaml", world.files, { required: flags.config !== undefined }),
    readEnvironment(world.environment, world.files),
  ]);
  const config = read.ok ? { ...read, value: withFlags(read.value, flags) } : read;
  const warnings = flags.sandbox ? auditKeyWarnings(environment) : environmentWarnings(environment);
  const clash = findClashes(flags, config.ok ? config.value : null);
  if (!config.ok)
    return { ok: false, diagnostics: [...warnings, ...config.diagnostics, ...clash], notifying: null };
  const isTelling = flags.notifies === true && !flags.dryRun && !flags.sandbox;
  const told = isTelling
    ? await readNotifying(config.value, environment.variables, world.files)
    : noNotifying;
  const { notifying } = told;
  const platform = flags.sandbox ? nothing : await resolvePlatform(environment, config.value, world.files);
  const auditKeys = await load(() => readAuditKeys(environment.variables, world.files));
  const store = flags.sandbox
    ? noStore
    : await load(() => findStoreSettings(config.value, environment.variables, world));
  const checked = { manifests: flags.manifests === undefined, trail: flags.sandbox !== true };
  const astray = await checkConfigPaths(config.value, checked, world.files);
  const faults = [
    ...astray,
    ...platform.diagnostics,
    ...auditKeys.diagnostics,
    ...store.diagnostics,
    ...told.diagnostics,
    ...clash,
  ];
  const diagnostics = [...warnings, ...config.diagnostics, ...faults];
  if (!platform.ok || !auditKeys.ok || !store.ok || hasErrors(diagnostics))
    return { ok: false, diagnostics, notifying };
  const paths = statePaths(config.value, flags.sandbox === true);
  const kinds = world.kinds.under(config.value);
  const value = {
    ...{ config: config.value, platform: platform.value, auditKeys: auditKeys.value },
    ...{ paths, ...store.value, kinds },
  };
  return { ok: true, value, diagnostics, notifying };
}

function withFlags(config: Config, { owner, organization }: SettingFlags): Config {
  return {
    ...config,
    owner: owner ?? config.owner,
    organization: organization ?? config.organization,
  };
}

async function load<T>(read: () => Promise<T>): Promise<Loaded<T>> {
  try {
    return { ok: true, value: await read(), diagnostics: [] };
  } catch (error) {
    if (error instanceof ReconcileError) return { ok: false, diagnostics: [diagnosticOf(error)] };
    throw error;
  }
}

const noStore: Loaded<StoreSettings> = {
  ...{ ok: true, value: { store: null, refusesQueries: false }, diagnostics: [] },
};

const nothing: Loaded<null> = { ok: true, value: null, diagnostics: [] };

/** The manifests' folder, and the rules that the config sets for them. */
export function desiredSource(
  { config, kinds, refusesQueries }: Pick<Settings, "config" | "kinds" | "refusesQueries">,
  flags: Pick<RunFlags, "manifests">,
): Omit<DesiredSource, "allowEmpty"> {
  const { ignore, catalog, limits, allowedEndpointHosts, policy, values } = config;
  const manifests = flags.manifests ?? config.manifests;
  return {
    config,
    manifests,
    ignore,
    catalog,
    limits,
    allowedEndpointHosts,
    policy,
    values,
    kinds,
    refusesQueries,
  };
}
