// Reads and checks the manifests and the catalogue: the desired state.
import { makeDigest } from "../lib/hash.ts";
import type { Config } from "../model/config.ts";
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
  /** The whole config, on a part of which `kinds` depend; only a memory needs it. */
  readonly config?: Config;
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

/** What a daemon keeps from one pass to the next: manifests that nobody changed are neither parsed nor checked again. */
export interface DesiredMemory {
  last: { readonly hash: string; readonly desired: Desired } | null;
}

/** Keeps the order of the files and their documents. An unreadable file does not keep the others from being checked. */
export async function readDesired(
  { config, ...source }: DesiredSource,
  files: ReadableFiles,
  memory?: DesiredMemory,
): Promise<Desired> {
  const { manifests, ignore = [], allowEmpty, ...options } = source;
  const [read, catalog] = await Promise.all([
    readManifests(manifests, files, { allowEmpty, ignore }),
    source.catalog === null ? anyEventType : readCatalog(source.catalog, files),
  ]);
  const rules = { ...options, catalog: catalog.ok ? catalog.value : null };
  const isReadable = read.diagnostics.length === 0 && catalog.ok;
  const hash = memory && isReadable ? hashOf([config, manifests, ignore, rules.catalog], read.texts) : null;
  if (hash !== null && memory?.last?.hash === hash) return memory.last.desired;
  const folders = [manifests].flat().map(asTyped);
  const { made, faultless } = await validate(read.texts, startValidation(rules, { folders, ignore }));
  const diagnostics = limitDiagnostics([...read.diagnostics, ...made.diagnostics, ...catalog.diagnostics]);
  const desired: Desired =
    made.ok && isReadable
      ? { ok: true, value: made.value.subscriptions, diagnostics, faultless }
      : { ok: false, diagnostics, faultless };
  if (memory) memory.last = hash === null ? null : { hash, desired };
  return desired;
}

/** Over all on which the check depends. */
function hashOf(settings: readonly unknown[], texts: readonly ManifestFile[]): string {
  const digest = makeDigest();
  digest.update(JSON.stringify(settings));
  for (const { file, text } of texts) digest.update(`${JSON.stringify(file)}${text.length}:${text}`);
  return digest.hex();
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
