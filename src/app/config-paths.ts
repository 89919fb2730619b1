// Checks the paths that a config states. A pull request can change the config and bring links, so neither may lead out of
// the tree that it is about: the manifests and the catalogue are shown line by line, and the trail is written to.
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Files } from "../lib/files.ts";
import { isWithin } from "../lib/is-within.ts";
import type { Config } from "../model/config.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";
import { systemErrorCode } from "../model/errors.ts";
import { findMovedPaths, type MovableFiles } from "./moved-paths.ts";
import { stateDirectory } from "../state/files/state-directory.ts";

type PathFiles = Pick<Files, "entryKind" | "realPath">;

interface Checked {
  /** Whether the manifests' folder is the config's, and not one that the user named on the command line. */
  readonly manifests: boolean;
  /** Whether the trail is the config's, and not the sandbox's. */
  readonly trail: boolean;
}

/** Returns an error for each path that leads where it must not. Paths that do not exist yet are none. */
export async function checkConfigPaths(
  config: Config,
  checked: Checked,
  files: PathFiles & MovableFiles,
): Promise<readonly Diagnostic[]> {
  const here = await files.realPath(".");
  const folder = resolve(here, dirname(config.file));
  const realFolder = (await findRealPath(folder, files)) ?? folder;
  const leaves = (path: string): Promise<boolean> => leadsOut(path, [here, realFolder], files);
  const keys = [
    ...(checked.manifests ? (["manifests"] as const) : []),
    "catalog" as const,
    ...(checked.trail ? (["audit"] as const) : []),
  ];
  const moved = await findMovedPaths(config, keys, files);
  if (moved.length > 0) return moved;
  return [
    ...(checked.manifests && (await leaves(config.manifests)) ? [manifestsOutside(config)] : []),
    ...(config.catalog !== null && (await leaves(config.catalog)) ? [catalogOutside(config)] : []),
    ...(checked.trail ? await checkTrail(config, [here, folder, realFolder], { here, files }) : []),
  ];
}

/**
 * Returns the config for manifests that come from a fetched repository. A config outside of the working directory has no
 * place in that repository, so its manifests and its catalogue are below the repository's top folder.
 */
export function findPathsInRepository(config: Config): Config {
  const { manifests = config.manifests, catalog = config.catalog } = config.stated;
  return isWithin(resolve(config.file), resolve(".")) ? config : { ...config, manifests, catalog };
}

/** Whether a path leads out of the folders, and of the Git work trees around them; false if it does not exist. */
export async function leadsOut(
  path: string,
  folders: readonly string[],
  files: PathFiles,
): Promise<boolean> {
  const real = await findRealPath(path, files);
  if (real === null || folders.some((folder) => isWithin(real, folder))) return false;
  return !(await findWorkTrees(folders, files)).some((tree) => isWithin(real, tree));
}

/** Null if the path does not exist, or cannot be read: what reads it says so. */
async function findRealPath(path: string, files: PathFiles): Promise<string | null> {
  try {
    return await files.realPath(path);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return null;
  }
}

/** The work trees of Git around the folders: a monorepo's manifests may lie beside the config's folder. */
async function findWorkTrees(folders: readonly string[], files: PathFiles): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    for (let at = folder; ; at = dirname(at)) {
      if ((await files.entryKind(join(at, ".git"))) !== null) {
        found.push(at);
        break;
      }
      if (dirname(at) === at) break;
    }
  }
  return found;
}

/** A trail lies below the config's folder or the working directory, and no link is on the way to it. */
async function checkTrail(
  config: Config,
  roots: readonly string[],
  { here, files }: { readonly here: string; readonly files: PathFiles },
): Promise<readonly Diagnostic[]> {
  const path = resolve(here, config.audit.file);
  const around = roots.filter((root) => path !== root && isWithin(path, root));
  if (around.length === 0) return [trailOutside(config)];
  if (/[/\\]\.git[/\\]/i.test(path)) return [trailInGit(config)];
  if (isOfState(relative(resolve(here, stateDirectory), path))) return [trailInState(config)];
  const links = await Promise.all(around.map((root) => findLink(path, root, files)));
  const link = links.find((one) => one !== null);
  return links.includes(null) || link === undefined ? [] : [trailThroughLink(config, relative(here, link))];
}

/** Whether a pass writes or removes a file of this name, from the state directory on: it would do so to the trail. */
function isOfState(name: string): boolean {
  return (
    /^(?:(?:lock|lease|notify)\.|sandbox-|git[/\\]|(?:checkpoint|head|metrics|notified)\.json$)/.test(
      name,
    ) || /\.lock\.\d+$/.test(name)
  );
}

/** The first link below the root on the way to the path, itself included; null without one. */
async function findLink(path: string, root: string, files: PathFiles): Promise<string | null> {
  let at = root;
  for (const part of relative(root, path).split(sep)) {
    at = join(at, part);
    const kind = await files.entryKind(at).catch(() => null);
    if (kind === "link") return at;
    if (kind !== "directory") return null;
  }
  return null;
}

const ownFolders = "the config's folder, the working directory or the Git work tree around them";

function manifestsOutside(config: Config): Diagnostic {
  return errorAtKey(config, "manifests", {
    code: "manifests/outside",
    message: `the manifests' folder "${config.manifests}" leads out of ${ownFolders}`,
    hint: "pass the folder with --manifests: a path on the command line is followed wherever it leads",
  });
}

function catalogOutside(config: Config): Diagnostic {
  return errorAtKey(config, "catalog", {
    code: "catalog/outside",
    message: `the catalogue "${config.catalog ?? ""}" leads out of ${ownFolders}`,
    hint: "put a copy of the file there",
  });
}

function trailOutside(config: Config): Diagnostic {
  return errorAtKey(config, "audit", {
    code: "audit/outside",
    message: `the audit trail "${config.audit.file}" is neither below the config's folder nor below the working directory`,
    hint: "set audit.file to a path below one of them, or run reconcile in the folder that holds the trail",
  });
}

/** Git reads the files there, and runs some of them. */
function trailInGit(config: Config): Diagnostic {
  return errorAtKey(config, "audit", {
    code: "audit/inGit",
    message: `the audit trail "${config.audit.file}" lies among the files of Git`,
    hint: "set audit.file to a path outside of .git/, such as audit-logs/subscription_audit.log",
  });
}

function trailInState(config: Config): Diagnostic {
  return errorAtKey(config, "audit", {
    code: "audit/inState",
    message: `the audit trail "${config.audit.file}" has the name of a file that reconcile keeps for itself`,
    hint: `set audit.file to a path outside of ${stateDirectory}/ that does not end like a lock, such as audit-logs/subscription_audit.log`,
  });
}

function trailThroughLink(config: Config, link: string): Diagnostic {
  return errorAtKey(config, "audit", {
    code: "audit/throughLink",
    message: `the way to the audit trail "${config.audit.file}" leads through the link ${link}`,
    hint: "a trail is written through no link: put a folder or the trail itself in its place, or set audit.file to another path",
  });
}

function errorAtKey(
  config: Config,
  key: string,
  text: Pick<Diagnostic, "code" | "message" | "hint">,
): Diagnostic {
  return { severity: "error", ...text, ...nowhere, ...config.places[key] };
}
