// Collects everything that `doctor` checks, without judging it.
import { readDesired } from "../manifest/read-desired.ts";
import { readConfig } from "../manifest/read.ts";
import type { Config } from "../model/config.ts";
import type { Loaded } from "../model/diagnostic.ts";
import { ReconcileError } from "../model/errors.ts";
import { checkConfigPaths } from "../app/config-paths.ts";
import { desiredSource } from "../app/pass-settings.ts";
import { readEnvironment, type Environment } from "../app/environment.ts";
import { resolvePlatform, type PlatformAccess } from "../app/settings.ts";
import { findQueryRefusal } from "../app/state-remote.ts";
import { findDoubts } from "../app/secret-doubts.ts";
import { readAddresses } from "../app/notifying.ts";
import type { World } from "../app/world.ts";
import { attempt } from "./attempt.ts";
import type { Observations } from "./check.ts";
import { lookAtDisk } from "./look-disk.ts";
import { lookAtEndpoints } from "./look-endpoints.ts";
import { lookAtAws } from "./look-aws.ts";
import { lookOnline } from "./look-online.ts";
import { lookAtStore } from "./look-store.ts";

export interface DoctorFlags {
  readonly config?: string;
  readonly output: "text" | "json";
  readonly sandbox?: true;
  readonly skipEndpoints?: true;
  readonly verbose?: true;
}

export async function look(flags: DoctorFlags, world: World): Promise<Observations> {
  const isSandbox = flags.sandbox === true;
  const [config, environment] = await Promise.all([
    loadConfig(flags, world.files),
    attempt(() => readEnvironment(world.environment, world.files)),
  ]);
  const folder = config.ok ? config.value.manifests : "subscriptions";
  const always = {
    isSandbox,
    kinds: world.kinds,
    nodeVersion: world.nodeVersion,
    config,
    environment,
    doubts:
      environment instanceof ReconcileError
        ? []
        : await findDoubts(environment, { files: world.files, isSandbox }),
    addresses:
      environment instanceof ReconcileError
        ? {}
        : await attempt(() => readAddresses(environment.variables, world.files)),
    git: await world.provenance(folder),
  };
  if (!config.ok) return { ...always, ...nothing };
  const variables = environment instanceof ReconcileError ? null : environment.variables;
  const refusesQueries = !isSandbox && (await findQueryRefusal(config.value.state, world));
  const manifests = await readDesired(
    {
      ...desiredSource(
        { config: config.value, kinds: world.kinds.under(config.value), refusesQueries },
        {},
      ),
      allowEmpty: false,
    },
    world.files,
  );
  const wanted = manifests.ok && !isSandbox && !flags.skipEndpoints && variables ? manifests.value : null;
  const [{ platform, online, aws }, endpoints, { store, ...kept }] = await Promise.all([
    lookAtPlatform(config.value, environment, { flags, world }),
    wanted && lookAtEndpoints(wanted, { limits: config.value.limits, variables: variables ?? {}, world }),
    lookAtStore(config.value, variables ?? {}, { flags, world }),
  ]);
  const disk = await lookAtDisk(kept, { variables: variables ?? {}, flags, world });
  return { ...always, platform, online, aws, manifests, endpoints, store, disk };
}

const nothing = {
  ...{ platform: null, online: null, aws: null, manifests: null, endpoints: null },
  ...{ store: null, disk: null },
};

/** A config whose paths lead astray is not valid, as for a pass. */
async function loadConfig(
  { config: file, sandbox }: DoctorFlags,
  files: World["files"],
): Promise<Loaded<Config>> {
  const config = await readConfig(file ?? "reconcile.yaml", files, { required: file !== undefined });
  if (!config.ok) return config;
  const astray = await checkConfigPaths(config.value, { manifests: true, trail: !sandbox }, files);
  return astray.length > 0 ? { ok: false, diagnostics: astray } : config;
}

interface DoctorContext {
  readonly flags: DoctorFlags;
  readonly world: World;
}

async function lookAtPlatform(
  config: Config,
  environment: Environment | ReconcileError,
  { flags, world }: DoctorContext,
): Promise<Pick<Observations, "platform" | "online" | "aws">> {
  const ask = async (platform: PlatformAccess): Promise<Pick<Observations, "online" | "aws">> => {
    const online = await lookOnline(platform, {
      ...{ world, rateShare: config.rateShare, verbose: flags.verbose === true },
    });
    const organizationId = config.organization ?? online.token?.organizationId ?? null;
    const isLoggedIn = !(online.login instanceof ReconcileError);
    return {
      online,
      aws: isLoggedIn ? await lookAtAws(config, platform, { world, organizationId }) : null,
    };
  };
  if (!flags.sandbox) {
    if (environment instanceof ReconcileError) return { platform: null, online: null, aws: null };
    const platform = await resolvePlatform(environment, config, world.files);
    return { platform, ...(platform.ok ? await ask(platform.value) : { online: null, aws: null }) };
  }
  const { accountOf, openSandbox } = await import("../app/sandbox.ts");
  const sandbox = await openSandbox(world, { port: 0, writes: false, account: accountOf(config) });
  try {
    const platform = { ok: true, value: sandbox.platform, diagnostics: [] } as const;
    return { platform, ...(await ask(sandbox.platform)) };
  } finally {
    await sandbox.close();
  }
}
