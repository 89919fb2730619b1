// `reconcile init`: a repository's first files. What is there already is kept.
import { posix } from "node:path";
import type { EntryKind } from "../../lib/files.ts";
import { findFiles } from "../../manifest/find-files.ts";
import { readConfig } from "../../manifest/read.ts";
import { ReconcileError, refusalReason, systemErrorCode } from "../../model/errors.ts";
import { configPath, examplePath, startingFiles } from "../../init/starting-files.ts";
import { nextSteps } from "../../init/starting-manifest.ts";
import { linesToFillIn, warningsOf } from "../../init/warnings.ts";
import { plain } from "../../lib/plain.ts";
import type { World } from "../../app/world.ts";

const ownerForm = /^[A-Za-z0-9._-]{1,63}$/;
const ignorePath = ".gitignore";

export interface InitFlags {
  readonly owner?: string;
  readonly scheme: string;
  /** Where the workflows get this package. */
  readonly from?: string;
}

export async function runInit({ scheme, ...flags }: InitFlags, world: World): Promise<number> {
  const { name, branch, folder } = await world.repository();
  const owner = flags.owner ?? name;
  if (!ownerForm.test(owner)) {
    const hint = "letters, digits, `.`, `_` and `-`, at most 63, as in --owner contact-centre";
    throw new ReconcileError("owner/malformed", `"${owner}" cannot be an owner`, { hint });
  }
  const manifests = await findManifestsFolder(world);
  const kind = world.kinds.of({ endpoint: `${scheme}:` });
  const start = { owner, manifests, kind, folder, branch: branch ?? "main", from: flags.from ?? "" };
  const files = Object.entries(startingFiles(start));
  const there = new Set<string>();
  for (const path of [...files.map(([path]) => path), ignorePath]) {
    await checkFolders(path, world);
    if ((await kindOf(path, world)) !== null) there.add(path);
  }
  const isExampleWanted = there.has(examplePath(manifests)) || !(await hasManifests(manifests, world));
  for (const [path, text] of files) {
    // Beside manifests that are there already, an example would be one more webhook to create.
    if (path === examplePath(manifests) && !isExampleWanted) continue;
    if (!there.has(path)) await reach(path, () => world.files.write(path, text));
    world.stdout.write(`${there.has(path) ? "kept   " : "written"}  ${plain(path)}\n`);
  }
  await ignoreLocalFiles(there.has(ignorePath), world);
  const isDefaultKind = kind === world.kinds.all[0];
  for (const warning of warningsOf(start, { existing: there, isExampleWanted, isDefaultKind, plain }))
    world.stderr.write(warning);
  world.stdout.write(nextSteps(kind, linesToFillIn(start, there)));
  return 0;
}

/** The one that a config names which is there already. */
async function findManifestsFolder({ files }: World): Promise<string> {
  const config = await readConfig(configPath, files, { required: false });
  if (config.ok) return config.value.manifests;
  const misnamed = config.diagnostics.find(({ code }) => code === "config/misnamed");
  if (misnamed) {
    const hint = `rename it to ${configPath}, and run init again`;
    throw new ReconcileError(misnamed.code, `${misnamed.file ?? ""}: ${misnamed.message}`, { hint });
  }
  return "subscriptions";
}

async function hasManifests(folder: string, { files }: World): Promise<boolean> {
  const { found, diagnostics } = await findFiles(folder, files);
  return found.size > 0 || diagnostics.some(({ code }) => code !== "folder/missing");
}

/** Before anything is written: a half-made start would be taken for a whole one. */
async function checkFolders(path: string, world: World): Promise<void> {
  for (let above = posix.dirname(path); posix.dirname(above) !== above; above = posix.dirname(above)) {
    const kind = await kindOf(above, world);
    if (kind === null || kind === "directory") continue;
    const hint = `move ${above} away, and run init again; nothing has been written`;
    const message = `${above} is a file, and ${path} belongs into a folder of that name`;
    throw new ReconcileError("init/notAFolder", message, { hint });
  }
}

/** Null where there is nothing. */
async function kindOf(path: string, { files }: World): Promise<EntryKind | null> {
  return reach(path, async () => {
    try {
      return (await files.stat(path)).kind;
    } catch (error) {
      // ENOTDIR: a file is in the way further up, where it will be found.
      if (/^(?:ENOENT|ENOTDIR)$/.test(systemErrorCode(error) ?? "")) return null;
      throw error;
    }
  });
}

/** Names the path where the disk refuses it. */
async function reach<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    const hint = "give this user write permission on its folder, or run init in another one";
    throw new ReconcileError("init/unwritable", `${path} cannot be written: ${refusalReason(code)}`, {
      hint,
      cause,
    });
  }
}

const localFiles = [".env", ".reconcile/", "audit-logs/"];

/** Secrets, state and the trail do not belong in Git. */
async function ignoreLocalFiles(isThere: boolean, { files, stdout }: World): Promise<void> {
  const text = isThere
    ? new TextDecoder().decode(await reach(ignorePath, () => files.read(ignorePath)))
    : "";
  const lines = new Set(text.split(/\r?\n/));
  const missing = localFiles.filter((name) => !lines.has(name));
  if (missing.length === 0) {
    stdout.write(`kept     ${ignorePath}\n`);
    return;
  }
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  await reach(ignorePath, () => files.write(ignorePath, `${text}${gap}${missing.join("\n")}\n`));
  stdout.write(`added     ${missing.join(", ")} to ${ignorePath}\n`);
}
