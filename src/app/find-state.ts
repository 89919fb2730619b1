// A pull request can change the config. What the config says about the state and about AWS is therefore read from the base
// revision, so that no pull request chooses where credentials go, or which trail a plan is made with.
import { resolve } from "node:path";
import { findBaseBranch } from "../git/find-base-branch.ts";
import { isWithin } from "../lib/is-within.ts";
import { readConfig } from "../manifest/read.ts";
import type { AwsConfig, Config, StateConfig } from "../model/config.ts";
import { isCode, ReconcileError } from "../model/errors.ts";
import type { World } from "./world.ts";

type BaseWorld = Pick<World, "environment" | "openRevision" | "repository">;

/**
 * The `state` that counts for a pass with this config: its own, or, in a run of a pull request, that of the base revision.
 * A config that is new in the pull request counts as one without the key. Throws ReconcileError `base/…`, `git/…` and
 * `state/baseInvalid`.
 */
export async function findState(config: Config, world: BaseWorld): Promise<StateConfig> {
  return findTrusted("state", config, world);
}

/** The `aws` that counts, as `findState` finds the `state`. */
export async function findAws(config: Config, world: BaseWorld): Promise<AwsConfig | null> {
  return findTrusted("aws", config, world);
}

async function findTrusted<Key extends "state" | "aws">(
  key: Key,
  config: Config,
  world: BaseWorld,
): Promise<Config[Key]> {
  const branch = findBaseBranch(world.environment);
  if (branch === null || !(await isOfRepository(config.file, world))) return config[key];
  try {
    return (await readBaseConfig(branch, { file: config.file, key }, world))[key];
  } catch (error) {
    // Most repositories have neither, and their runs need no more than the last commit.
    const isUnset = config.places[key] === undefined;
    if (isUnset && isCode(error, "base/unknown", "base/noRepository")) return config[key];
    throw error;
  }
}

/** A config outside of the repository is nothing that a pull request changes. */
async function isOfRepository(file: string, world: BaseWorld): Promise<boolean> {
  const { folder } = await world.repository();
  const up = folder.split("/").flatMap((part) => (part === "" ? [] : [".."]));
  return isWithin(resolve(file), resolve(".", ...up));
}

async function readBaseConfig(
  branch: string,
  { file, key }: { readonly file: string; readonly key: keyof typeof whatFor },
  world: BaseWorld,
): Promise<Config> {
  const { files } = await world.openRevision(`refs/remotes/origin/${branch}`).catch((error: unknown) => {
    throw explain(error, key);
  });
  const config = await readConfig(file, files, { required: false });
  if (config.ok) return config.value;
  const { message = "" } = config.diagnostics[0] ?? {};
  const code = key === "state" ? "state/baseInvalid" : "aws/baseInvalid";
  throw new ReconcileError(code, `${whatFor[key]}, but it is not valid: ${message}`, {
    hint: `correct ${file} on the branch that this pull request goes to`,
  });
}

const whatFor = {
  state: "on a pull request, the config of the base revision says where the state is kept",
  aws: "on a pull request, the config of the base revision says how AWS is used",
};

/** The reasons are worded for `--base`, which this run need not have. */
function explain(error: unknown, key: keyof typeof whatFor): unknown {
  if (!(error instanceof ReconcileError)) return error;
  const { code, problem, hint, cause } = error;
  const why = code === "base/noRepository" ? "there is no Git repository here" : problem;
  return new ReconcileError(code, `${whatFor[key]}, but ${why}`, {
    ...(hint === null ? {} : { hint }),
    cause,
  });
}
