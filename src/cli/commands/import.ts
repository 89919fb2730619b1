// `reconcile import`: manifests for what is live; nothing is sent that changes anything.
import { findNearest } from "../../lib/did-you-mean.ts";
import { diagnosticOf, refusalReason, systemErrorCode } from "../../model/errors.ts";
import type { ImportSource } from "../../import/imported.ts";
import { listKinds, throwIfBlind } from "../../app/list-kinds.ts";
import { makeImport } from "../../import/make-import.ts";
import { readDesired } from "../../manifest/read-desired.ts";
import { readCatalog, readManifests } from "../../manifest/read.ts";
import { nowhere, type Diagnostic, type Loaded } from "../../model/diagnostic.ts";
import { makeCommandResult } from "../../model/result.ts";
import type { Subscription } from "../../model/subscription.ts";
import type { LiveResource } from "../../model/resource.ts";
import type { PassOptions, PassPorts } from "../../app/pass.ts";
import { reportImport, type DoneImport } from "../../report/import.ts";
import { passOptions, readSettings, type PassFlags } from "../../app/pass-settings.ts";
import { makeProgress } from "../../app/progress.ts";
import { runSession } from "../../app/session.ts";
import { modeline } from "../../init/modeline.ts";
import type { World } from "../../app/world.ts";

export interface ImportFlags extends Pick<
  PassFlags,
  "manifests" | "config" | "group" | "dryRun" | "sandbox" | "progress" | "verbose"
> {
  readonly update?: true;
  readonly output: "text" | "json";
}

/** The exit status. */
export async function runImport(flags: ImportFlags, world: World): Promise<number> {
  // Of the platform it only reads, whatever it writes here.
  const passFlags: PassFlags = { ...flags, dryRun: true, adopt: true, concurrency: 1, deadline: 60 };
  const settings = await readSettings(passFlags, world);
  const around = { task: "import", flags: passFlags, world, progress: makeProgress(world, flags.progress) };
  const { facts, ending } = await runSession(settings, around, (ports, here) =>
    find(passOptions(here.settings, passFlags, here.environment), flags, ports),
  );
  const done = ending?.done ?? null;
  const dryRun = ending ? flags.dryRun === true : facts.dryRun;
  const isComplete = done !== null && done.made.refused.length === 0;
  return reportImport(makeCommandResult({ ...facts, dryRun }, isComplete), { done, flags }, world);
}

/** What an import came to; `done`: null where it did not come to manifests. */
interface Found {
  readonly done: DoneImport | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function find(options: PassOptions, flags: ImportFlags, ports: PassPorts): Promise<Found> {
  const { desired: where, plan, selection } = options;
  const desired = await readThere(options, ports);
  const catalog = where.catalog === null ? noCatalog : await readCatalog(where.catalog, ports.files);
  if (!desired.ok || !catalog.ok) return { done: null, diagnostics: desired.diagnostics };
  ports.onProgress("reading the platform", 0, 0);
  const { live, hidden } = await listLive(ports);
  const unknown = findUnknown(selection.groups ?? [], live);
  if (unknown.length > 0)
    return { done: null, diagnostics: [...desired.diagnostics, ...hidden, ...unknown] };
  const [folder] = [where.manifests].flat();
  const source = await readSource({ live, desired: desired.value, folder: folder ?? "" }, ports);
  const made = makeImport(source, {
    folder: folder ?? "",
    modeline: modeline(folder ?? ""),
    groups: selection.groups,
    update: flags.update === true,
    rules: { ...where, catalog: catalog.value },
    plan: { ...plan, prune: false, groups: null, recorded: new Map() },
  });
  const { written, diagnostics } = await writeFiles(made.files, flags, ports);
  const found = [...desired.diagnostics, ...hidden, ...made.diagnostics, ...diagnostics];
  return { done: { made, written }, diagnostics: [...found, ...made.plan.diagnostics] };
}

const noCatalog = { ok: true, value: null, diagnostics: [] } as const;

/** Of every kind that the organisation offers; one that may not be seen is a warning, unless nothing else can be. */
async function listLive(
  ports: PassPorts,
): Promise<{ readonly live: readonly LiveResource[]; readonly hidden: readonly Diagnostic[] }> {
  const all = new Set(ports.kinds.all);
  const { live, unseen } = await listKinds(all, ports);
  throwIfBlind(all, unseen);
  const forbidden = [...unseen.values()].filter(({ code }) => code === "api/forbidden");
  return { live, hidden: forbidden.map((error) => ({ ...diagnosticOf(error), severity: "warning" })) };
}

/** The manifests that are there; a folder that is not there yet will be made. */
async function readThere(
  { desired: where }: PassOptions,
  { files }: PassPorts,
): Promise<Loaded<readonly Subscription[]>> {
  const desired = await readDesired({ ...where, allowEmpty: true }, files);
  const isMissing = !desired.ok && desired.diagnostics.every(({ code }) => code === "folder/missing");
  return isMissing ? { ok: true, value: [], diagnostics: [] } : desired;
}

function findUnknown(groups: readonly string[], live: readonly LiveResource[]): readonly Diagnostic[] {
  const known = new Set(live.flatMap(({ group }) => group ?? []));
  return groups
    .filter((group) => !known.has(group))
    .map((group) => {
      const nearest = findNearest(group, known);
      const hint = nearest === undefined ? null : `did you mean "${nearest}"?`;
      const message = `nothing live is of the group "${group}"`;
      return { severity: "error", code: "group/unknown", message, hint, ...nowhere };
    });
}

async function readSource(
  found: Pick<ImportSource, "live" | "desired"> & { readonly folder: string },
  { files }: PassPorts,
): Promise<ImportSource> {
  const { live, desired, folder } = found;
  try {
    const entries = (await files.list(folder)).map(({ name }) => name);
    const { texts } = await readManifests(folder, files, { allowEmpty: true });
    return { live, desired, entries, texts: new Map(texts.map(({ file, text }) => [file, text])) };
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
    return { live, desired, entries: [], texts: new Map() };
  }
}

/** One after the other, each whole or not at all; the first that the disk refuses is the last. */
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
      await files.write(file, text);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      const message = `${file} cannot be written: ${refusalReason(code)}`;
      const hint = "what was written before it stays; run import again for the rest";
      const problem = { severity: "error", code: "import/unwritable", message, hint, ...nowhere } as const;
      return { written, diagnostics: [problem] };
    }
    written.add(file);
  }
  return { written, diagnostics: [] };
}
