// `reconcile init`: writes a repository's first files. It keeps files that exist already.
import { posix } from "node:path";
import type { EntryKind } from "../../lib/files.ts";
import { findFiles } from "../../manifest/find-files.ts";
import { readCatalog, readConfig } from "../../manifest/read.ts";
import type { Config, StateConfig } from "../../model/config.ts";
import { ReconcileError, refusalReason, systemErrorCode } from "../../model/errors.ts";
import type { Kind } from "../../model/kind.ts";
import type { Topic } from "../../model/topic.ts";
import { ignoredFiles } from "../../init/ignored-files.ts";
import { configPath, examplePath, sharedStateLine, startingFiles } from "../../init/starting-files.ts";
import { nextSteps, startChoices } from "../../init/starting-manifest.ts";
import { linesToFillIn, warningsOf, type InitState } from "../../init/warnings.ts";
import type { Repository } from "../../git/provenance.ts";
import { plain } from "../../lib/plain.ts";
import { isAttended } from "../../app/approval.ts";
import { askScheme } from "../ask-scheme.ts";
import { leadsOut } from "../../app/config-paths.ts";
import type { World } from "../../app/world.ts";

const ownerForm = /^[A-Za-z0-9._-]{1,63}$/;
const ignorePath = ".gitignore";

export interface InitFlags {
  readonly owner?: string;
  /** As `startChoices` names it. Without it a person at a terminal is asked; else it is the first one. */
  readonly scheme?: string;
  /** The source of this package for the workflows. */
  readonly from?: string;
}

export async function runInit({ scheme, ...flags }: InitFlags, world: World): Promise<number> {
  const repository = await world.repository();
  const owner = flags.owner ?? repository.name;
  if (!ownerForm.test(owner)) {
    const hint = "use letters, digits, `.`, `_` and `-`, at most 63, as in --owner contact-centre";
    throw new ReconcileError("owner/malformed", `"${owner}" cannot be an owner`, { hint });
  }
  const config = await readExistingConfig(world);
  const { manifests } = config;
  const chosen = await chooseKind(scheme, config, world);
  const { kind } = chosen;
  const catalog = await readEntries(config.catalog, world);
  const start = {
    owner,
    manifests,
    kind,
    catalog,
    ...optionsOf(repository, config),
    from: flags.from ?? "",
  };
  const files = Object.entries(startingFiles(start));
  const existing = new Set<string>();
  for (const path of [...files.map(([path]) => path), ignorePath]) {
    await checkFolders(path, world);
    await requireInside(path, world);
    if ((await findEntryKind(path, world)) !== null) existing.add(path);
  }
  const isExampleWanted = existing.has(examplePath(manifests)) || !(await hasManifests(manifests, world));
  for (const [path, text] of files) {
    // Beside existing manifests, the example would be one more resource to create.
    if (path === examplePath(manifests) && !isExampleWanted) continue;
    if (!existing.has(path)) await withPath(path, () => world.files.write(path, text));
    world.stdout.write(`${existing.has(path) ? "kept   " : "written"}  ${plain(path)}\n`);
  }
  await ignoreLocalFiles(existing.has(ignorePath), world);
  for (const warning of warningsOf(start, { ...chosen, existing, isExampleWanted, plain }))
    world.stderr.write(warning);
  // A workflow that cannot be read was there before, and its error shows the lines.
  const toFillIn = await linesToFillIn(start, (path) => readText(path, world).catch(() => ""));
  const stateLine = start.store === "files" ? sharedStateLine : null;
  world.stdout.write(nextSteps(kind, { sourceLines: toFillIn, stateLine }));
  return 0;
}

function optionsOf({ branch, folder, hasOrigin }: Repository, { store }: ExistingConfig) {
  const possible = hasOrigin ? ("git" as const) : ("files" as const);
  return { folder, branch: branch ?? "main", store: store ?? possible };
}

interface ChosenKind extends Pick<InitState, "isDefault" | "isConfigFit"> {
  readonly kind: Kind;
}

/** If nobody chooses, it is what the config, if there is one, has for the first scheme. Throws ReconcileError `init/unanswered`. */
async function chooseKind(
  scheme: string | undefined,
  { whole }: ExistingConfig,
  world: World,
): Promise<ChosenKind> {
  const { kinds } = world;
  const choices = startChoices(kinds);
  const given = scheme ?? (isAttended(world) ? await askScheme(choices, world) : undefined);
  const kind = choices.find(({ name }) => name === given)?.kind;
  if (kind) return { kind, isDefault: false, isConfigFit: !whole || (kind.isChosen?.(whole) ?? true) };
  const [first] = kinds.all;
  const usual = whole && kinds.under(whole).choose(first.scheme);
  return { kind: usual ?? first, isDefault: true, isConfigFit: true };
}

interface ExistingConfig extends Pick<Config, "manifests" | "catalog"> {
  /** Null if there is none that can be read. */
  readonly whole: Config | null;
  /** The store of the state; null without a config that can be read. */
  readonly store: StateConfig["store"] | null;
}

/** Returns the defaults if there is no config. Throws ReconcileError if the config has another name. */
async function readExistingConfig(world: World): Promise<ExistingConfig> {
  const config = await readConfig(configPath, world.files, { required: false });
  const isThere = (await findEntryKind(configPath, world)) !== null;
  if (config.ok && isThere)
    return { ...config.value, whole: config.value, store: config.value.state.store };
  if (config.ok) return { ...config.value, whole: null, store: null };
  const misnamed = config.diagnostics.find(({ code }) => code === "config/misnamed");
  if (misnamed) {
    const hint = `rename it to ${configPath}, and run init again`;
    throw new ReconcileError(misnamed.code, `${misnamed.file ?? ""}: ${misnamed.message}`, { hint });
  }
  return { manifests: "subscriptions", catalog: null, whole: null, store: null };
}

/** Returns null without a catalogue that can be read. */
async function readEntries(catalog: string | null, { files }: World): Promise<readonly Topic[] | null> {
  const read = catalog === null ? null : await readCatalog(catalog, files);
  return read?.ok ? read.value : null;
}

async function hasManifests(folder: string, { files }: World): Promise<boolean> {
  const { found, diagnostics } = await findFiles(folder, files);
  return found.size > 0 || diagnostics.some(({ code }) => code !== "folder/missing");
}

/** All folders are checked before the first file is written, so that init never stops halfway for this reason. */
async function checkFolders(path: string, world: World): Promise<void> {
  for (let above = posix.dirname(path); posix.dirname(above) !== above; above = posix.dirname(above)) {
    const kind = await findEntryKind(above, world);
    if (kind === null || kind === "directory") continue;
    const hint = `move ${above} away, and run init again; nothing has been written`;
    const message = `${above} is a file, but ${path} needs a folder of that name`;
    throw new ReconcileError("init/notAFolder", message, { hint });
  }
}

/** A repository that somebody else made may hold links. Throws ReconcileError `init/outside`. */
async function requireInside(path: string, { files }: World): Promise<void> {
  const here = await files.realPath(".");
  for (let at = path; posix.dirname(at) !== at; at = posix.dirname(at)) {
    if (!(await withPath(at, () => leadsOut(at, [here], files)))) continue;
    const hint = `remove the link, or move ${at} away, and run init again; nothing has been written`;
    const message = `${at} leads out of this folder and of the Git work tree around it, so ${path} cannot be written`;
    throw new ReconcileError("init/outside", message, { hint });
  }
}

/** Returns null when nothing exists at the path. */
async function findEntryKind(path: string, { files }: World): Promise<EntryKind | null> {
  return withPath(path, async () => {
    try {
      return (await files.stat(path)).kind;
    } catch (error) {
      // ENOTDIR: a folder of the path is a file, which the check of that folder reports.
      if (/^(?:ENOENT|ENOTDIR)$/.test(systemErrorCode(error) ?? "")) return null;
      throw error;
    }
  });
}

/** Throws ReconcileError with the path when the disk refuses the action. */
async function withPath<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    const hint = "give this user write permission on the folder, or run init in another folder";
    throw new ReconcileError("init/unwritable", `${path} cannot be written: ${refusalReason(code)}`, {
      hint,
      cause,
    });
  }
}

/** A `.gitignore` or a workflow has a few kilobytes. */
const maxBytes = 1024 * 1024;

async function readText(path: string, { files }: World): Promise<string> {
  return new TextDecoder().decode(await files.read(path, maxBytes));
}

/** Adds to `.gitignore` the lines that it lacks. */
async function ignoreLocalFiles(hasIgnoreFile: boolean, world: World): Promise<void> {
  const { files, stdout } = world;
  const text = hasIgnoreFile ? await withPath(ignorePath, () => readText(ignorePath, world)) : "";
  const lines = new Set(text.split(/\r?\n/));
  const missing = ignoredFiles.filter((name) => !lines.has(name));
  if (missing.length === 0) {
    stdout.write(`kept     ${ignorePath}\n`);
    return;
  }
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await withPath(ignorePath, () =>
    files.write(ignorePath, `${text}${gap}${missing.join("\n")}\n`, { throughLinks: true }),
  );
  stdout.write(`added    ${missing.join(", ")} to ${ignorePath}\n`);
}
