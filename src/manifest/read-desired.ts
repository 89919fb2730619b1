// Reads and checks the manifests and the catalogue: the desired state.
import { makeDigest } from "../lib/hash.ts";
import type { Config } from "../model/config.ts";
import type { Kind } from "../model/kind.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
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

/** A daemon keeps this from one pass to the next, so that it neither parses nor checks unchanged manifests again. */
export interface DesiredMemory {
  last: { readonly hash: string; readonly desired: Desired } | null;
}

interface ReadOptions {
  readonly memory?: DesiredMemory | undefined;
  /** Called while many manifests are being checked, with the kinds of those that were, as long as no fault was found. */
  readonly onSound?: ((kinds: ReadonlySet<Kind>) => void) | undefined;
}

/** Keeps the order of the files and their documents. An unreadable file does not keep the others from being checked. */
export async function readDesired(
  { config, ...source }: DesiredSource,
  files: ReadableFiles,
  { memory, onSound }: ReadOptions = {},
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
  const validation = startValidation(rules, { folders, ignore });
  const checked = await validate(read.texts, validation, isReadable ? onSound : undefined);
  const desired = joinFaults(checked, [read.diagnostics, catalog.diagnostics], isReadable);
  if (memory) memory.last = hash === null ? null : { hash, desired };
  return desired;
}

/** The desired state, with what is wrong with the files before and with the catalogue after what is wrong with the manifests. */
function joinFaults(
  { made, faultless }: Awaited<ReturnType<typeof validate>>,
  [ofFiles, ofCatalog]: readonly [readonly Diagnostic[], readonly Diagnostic[]],
  isReadable: boolean,
): Desired {
  const diagnostics = limitDiagnostics([...ofFiles, ...made.diagnostics, ...ofCatalog]);
  return made.ok && isReadable
    ? { ok: true, value: made.value.subscriptions, diagnostics, faultless }
    : { ok: false, diagnostics, faultless };
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
  onSound: ReadOptions["onSound"],
): Promise<{ readonly made: ReturnType<Validation["end"]> } & Pick<Desired, "faultless">> {
  let length = 0;
  for (const manifest of texts) {
    validation.add(manifest);
    length += manifest.text.length;
    if (length < sliceLength) continue;
    length = 0;
    onSound?.(validation.soundKinds());
    await nextTurn();
  }
  return { made: validation.end(), faultless: validation.faultless() };
}

const anyEventType = { ok: true, value: null, diagnostics: [] } as const;
