// `reconcile import`: writes manifests for live resources. It changes nothing live.
import { dirname } from "node:path";
import { findNearest } from "../../lib/did-you-mean.ts";
import { diagnosticOf, refusalReason, systemErrorCode } from "../../model/errors.ts";
import type { ImportOptions, ImportSource } from "../../import/imported.ts";
import {
  describeHidden,
  isForbidden,
  listKinds,
  possibleKinds,
  throwIfAllUnlisted,
} from "../../app/list-kinds.ts";
import { makeImport } from "../../import/make-import.ts";
import { readDesired } from "../../manifest/read-desired.ts";
import { readCatalog, readManifests } from "../../manifest/read.ts";
import { nowhere, type Diagnostic, type Loaded } from "../../model/diagnostic.ts";
import { makeCommandResult } from "../../model/result.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { Listing } from "../../model/listing.ts";
import type { LiveResource } from "../../model/resource.ts";
import type { PassOptions, PassPorts } from "../../app/pass.ts";
import { reportImport, type DoneImport } from "../../report/import.ts";
import { readSettings, type PassFlags } from "../../app/pass-settings.ts";
import { passOptions } from "../../app/run-options.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import { modeline, schemaPath } from "../../init/modeline.ts";
import type { World } from "../../app/world.ts";

export interface ImportFlags extends Pick<
  PassFlags,
  "manifests" | "config" | "group" | "dryRun" | "sandbox" | "progress" | "verbose"
> {
  readonly update?: true;
  readonly output: "text" | "json";
}

/** Returns the exit status. */
export async function runImport(flags: ImportFlags, world: World): Promise<number> {
  // For the platform this is a dry run: the command writes files on this machine only.
  const passFlags: PassFlags = { ...flags, dryRun: true, adopt: true, concurrency: 1, deadline: 60 };
  const settings = await readSettings(passFlags, world);
  const source = { task: "import", flags: passFlags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, source, (ports, here) => {
    const schema = schemaPath("webhook-subscription", dirname(here.settings.config.file));
    return find({ ...passOptions(here.settings, passFlags, here.environment), schema }, flags, ports);
  });
  const done = ending?.done ?? null;
  const dryRun = ending ? flags.dryRun === true : facts.dryRun;
  const isComplete = done !== null && done.made.refused.length === 0;
  return reportImport(makeCommandResult({ ...facts, dryRun }, isComplete), { done, flags }, world);
}

/** `done`: null when an error came before manifests were made. */
interface ImportEnding {
  readonly done: DoneImport | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** `schema` is the path where `init` writes the schema of manifests. */
async function find(
  options: PassOptions & { readonly schema: string },
  flags: ImportFlags,
  ports: PassPorts,
): Promise<ImportEnding> {
  const { desired: where, plan, selection } = options;
  const desired = await readExisting(options, ports);
  const catalog = where.catalog === null ? noCatalog : await readCatalog(where.catalog, ports.files);
  if (!desired.ok || !catalog.ok) return { done: null, diagnostics: desired.diagnostics };
  ports.onProgress("reading the platform", 0, 0);
  const { live, unread, warnings } = await listLive(ports);
  const unknownGroups = findUnknownGroups(selection.groups ?? [], live);
  if (unknownGroups.length > 0)
    return { done: null, diagnostics: [...desired.diagnostics, ...warnings, ...unknownGroups] };
  const [folder] = [where.manifests].flat();
  const found = { live, desired: desired.value, folder: folder ?? "", ignore: where.ignore ?? [] };
  const source = await readSource(found, ports);
  const made = makeImport(source, {
    folder: folder ?? "",
    ignore: where.ignore ?? [],
    modeline: (await hasSchema(options.schema, ports)) ? modeline(folder ?? "", options.schema) : null,
    groups: selection.groups,
    update: flags.update === true,
    rules: { ...where, catalog: catalog.value },
    plan: { ...plan, prune: false, groups: null, recorded: new Map(), unread },
  });
  const { written, diagnostics } = await writeFiles(made.files, flags, ports);
  const all = [...desired.diagnostics, ...warnings, ...made.diagnostics, ...diagnostics];
  return { done: { made, written }, diagnostics: [...all, ...made.plan.diagnostics] };
}

const noCatalog = { ok: true, value: null, diagnostics: [] } as const;

/**
 * Lists the live resources of every kind that the organisation offers. A kind that the client may not list is a warning.
 * Throws ReconcileError when no kind can be listed.
 */
async function listLive(
  ports: PassPorts,
): Promise<Pick<Listing, "live" | "unread"> & { readonly warnings: readonly Diagnostic[] }> {
  const all = new Set(possibleKinds(ports.kinds));
  const { live, unread, unlisted, hiddenOf } = await listKinds(all, ports);
  throwIfAllUnlisted(all, unlisted);
  const forbidden = [...unlisted.values()].filter(isForbidden);
  const refused = forbidden.map((error) => ({ ...diagnosticOf(error), severity: "warning" as const }));
  return { live, unread, warnings: [...refused, ...describeHidden(hiddenOf)] };
}

/** Reads the existing manifests. A missing folder is no error, because import creates it. */
async function readExisting(
  { desired: where }: PassOptions,
  { files }: PassPorts,
): Promise<Loaded<readonly Subscription[]>> {
  const desired = await readDesired({ ...where, allowEmpty: true }, files);
  const isMissing = !desired.ok && desired.diagnostics.every(({ code }) => code === "folder/missing");
  return isMissing ? { ok: true, value: [], diagnostics: [] } : desired;
}

function findUnknownGroups(
  groups: readonly string[],
  live: readonly LiveResource[],
): readonly Diagnostic[] {
  const liveGroups = new Set(live.flatMap(({ group }) => group ?? []));
  return groups
    .filter((group) => !liveGroups.has(group))
    .map((group) => {
      const nearest = findNearest(group, liveGroups);
      const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
      const message = `no live resource belongs to the group "${group}"`;
      return { severity: "error", code: "group/unknown", message, hint, ...nowhere };
    });
}

async function readSource(
  found: Pick<ImportSource, "live" | "desired"> & Pick<ImportOptions, "folder" | "ignore">,
  { files }: PassPorts,
): Promise<ImportSource> {
  const { live, desired, folder, ignore } = found;
  try {
    const entries = (await files.list(folder)).map(({ name }) => name);
    const { texts } = await readManifests(folder, files, { allowEmpty: true, ignore });
    return { live, desired, entries, texts: new Map(texts.map(({ file, text }) => [file, text])) };
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
    return { live, desired, entries: [], texts: new Map() };
  }
}

/** Whether the schema is there; a repository that was set up without `init` may lack it. */
async function hasSchema(path: string, { files }: PassPorts): Promise<boolean> {
  return files.stat(path).then(
    ({ kind }) => kind === "file",
    () => false,
  );
}

/** Writes the files one after the other, each whole or not at all, and stops at the first that the disk refuses. */
async function writeFiles(
  made: ReadonlyMap<string, string>,
  flags: ImportFlags,
  { files, interrupted }: PassPorts,
): Promise<{ readonly written: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] }> {
  const written = new Set<string>();
  if (flags.dryRun) return { written, diagnostics: [] };
  for (const [file, text] of made) {
    if (interrupted.aborted) break;
    try {
      await files.write(file, text, { throughLinks: true });
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      const message = `${file} cannot be written: ${refusalReason(code)}`;
      const hint = "the files written before it stay; run import again for the rest";
      const problem = { severity: "error", code: "import/unwritable", message, hint, ...nowhere } as const;
      return { written, diagnostics: [problem] };
    }
    written.add(file);
  }
  return { written, diagnostics: [] };
}
