// Brings the schema that `init` wrote beside the config up to date with a catalogue, so that editors complete from it.
import { dirname } from "node:path";
import type { Files } from "../../lib/files.ts";
import { isManifestSchema, makeManifestSchema } from "../../init/manifest-schema.ts";
import { schemaPath } from "../../init/modeline.ts";
import { nowhere, type Diagnostic } from "../../model/diagnostic.ts";
import { refusalReason, systemErrorCode } from "../../model/errors.ts";
import type { Topic } from "../../model/topic.ts";

/** The schema with the published topics has some 30 KB. */
const maxSchemaBytes = 1024 * 1024;

interface Refreshed {
  /** The path of the schema that differs from the one for this catalogue; null if there is none. */
  readonly schema: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** `configFile` is the path of the config, whether it exists or not. A dry run writes nothing. */
export async function refreshSchema(
  { configFile, dryRun }: { readonly configFile: string; readonly dryRun: boolean },
  topics: readonly Topic[],
  files: Pick<Files, "entryKind" | "read" | "write">,
): Promise<Refreshed> {
  const path = schemaPath("webhook-subscription", dirname(configFile));
  // Without a config `init` wrote no schema, and one that lies there is not `init`'s.
  if ((await files.entryKind(configFile)) === null) return { schema: null, diagnostics: [] };
  const [before, after] = [await readIfThere(path, files), makeManifestSchema(topics.map(({ id }) => id))];
  if (before === after || !isManifestSchema(before)) return { schema: null, diagnostics: [] };
  const refusal = dryRun ? null : await findRefusal(() => files.write(path, after));
  if (refusal === null) return { schema: path, diagnostics: [] };
  const message = `${path} cannot be written: ${refusal}; so editors complete the event types that it had before`;
  const diagnostic = {
    severity: "warning",
    code: "catalog/schemaUnwritable",
    message,
    hint: null,
  } as const;
  return { schema: null, diagnostics: [{ ...diagnostic, ...nowhere }] };
}

async function readIfThere(path: string, files: Pick<Files, "read">): Promise<string> {
  try {
    return new TextDecoder().decode(await files.read(path, maxSchemaBytes));
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return "";
  }
}

async function findRefusal(write: () => Promise<void>): Promise<string | null> {
  try {
    await write();
    return null;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return refusalReason(code);
  }
}
