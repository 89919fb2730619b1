// Reads and checks the manifests and the catalogue: the desired state.
import type { Loaded } from "../model/diagnostic.ts";
import type { Subscription } from "../model/subscription.ts";
import { limitDiagnostics } from "./problem.ts";
import type { ReadableFiles } from "../lib/files.ts";
import { nextTurn } from "../lib/next-turn.ts";
import { asTyped } from "./file-faults.ts";
import { readCatalog, readManifests } from "./read.ts";
import type { RuleOptions } from "./rules/rule.ts";
import { startValidation, type ManifestFile, type Validation } from "./validate.ts";

export interface DesiredSource extends Omit<RuleOptions, "catalog"> {
  /** Folders, or files. */
  readonly manifests: string | readonly string[];
  /** Patterns of files and folders below the folder of the manifests that are not read. */
  readonly ignore?: readonly string[];
  /** True if the user allows a folder without manifests. */
  readonly allowEmpty: boolean;
  /** Path of the catalogue; null allows any event type. */
  readonly catalog: string | null;
}

/** The desired state; even if it is not valid, `faultless` holds the groups in whose manifests no fault was found. */
export type Desired = Loaded<readonly Subscription[]> & { readonly faultless: readonly Subscription[] };

/** Keeps the order of the files and their documents. An unreadable file does not keep the others from being checked. */
export async function readDesired(source: DesiredSource, files: ReadableFiles): Promise<Desired> {
  const { manifests, ignore = [], allowEmpty, ...options } = source;
  const [read, catalog] = await Promise.all([
    readManifests(manifests, files, { allowEmpty, ignore }),
    source.catalog === null ? anyEventType : readCatalog(source.catalog, files),
  ]);
  const rules = { ...options, catalog: catalog.ok ? catalog.value : null };
  const folders = [manifests].flat().map(asTyped);
  const { made, faultless } = await validate(read.texts, startValidation(rules, { folders, ignore }));
  const diagnostics = limitDiagnostics([...read.diagnostics, ...made.diagnostics, ...catalog.diagnostics]);
  return made.ok && catalog.ok && read.diagnostics.length === 0
    ? { ok: true, value: made.value.subscriptions, diagnostics, faultless }
    : { ok: false, diagnostics, faultless };
}

/** So many characters of manifests take some 50 ms. In between, a daemon answers probes. */
const sliceLength = 64 * 1024;

async function validate(
  texts: readonly ManifestFile[],
  validation: Validation,
): Promise<{ readonly made: ReturnType<Validation["end"]> } & Pick<Desired, "faultless">> {
  let length = 0;
  for (const manifest of texts) {
    validation.add(manifest);
    length += manifest.text.length;
    if (length < sliceLength) continue;
    length = 0;
    await nextTurn();
  }
  return { made: validation.end(), faultless: validation.faultless() };
}

const anyEventType = { ok: true, value: null, diagnostics: [] } as const;
