// `--base REF`: what a pass would go by as of that Git revision.
import type { BaseOptions } from "./base.ts";
import { readConfig } from "../manifest/read.ts";
import { nowhere, type Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import { passOptions, type SettingsFlags, type Settings } from "./pass-settings.ts";
import type { World } from "./world.ts";

/** What GitHub says of a push that has nothing before it. */
const nothingBefore = /^0{40}(?:0{24})?$/;

/** Null without `--base`. */
export async function readBase(
  flags: SettingsFlags,
  settings: Settings,
  world: Pick<World, "openRevision">,
): Promise<Loaded<BaseOptions | null>> {
  const { base: ref } = flags;
  if (ref === undefined) return { ok: true, value: null, diagnostics: [] };
  if (!flags.dryRun) return { ok: false, diagnostics: [withoutDryRun] };
  if (nothingBefore.test(ref))
    return { ok: true, value: { ref, commit: null, source: null }, diagnostics: [] };
  try {
    const { commit, files } = await world.openRevision(ref);
    const config = await readConfig(flags.config ?? "reconcile.yaml", files, { required: false });
    if (!config.ok) {
      const source = `its config is not valid: ${config.diagnostics[0]?.message ?? ""}`;
      return { ok: true, value: { ref, commit, source }, diagnostics: [] };
    }
    const { environment } = config.value;
    if (environment !== settings.config.environment && !flags.sandbox) {
      const source = `it is about ${environment}, and this one about ${settings.config.environment}`;
      return { ok: true, value: { ref, commit, source }, diagnostics: [] };
    }
    const { desired, plan } = passOptions({ ...settings, config: config.value }, flags, environment);
    return { ok: true, value: { ref, commit, source: { files, desired, plan } }, diagnostics: [] };
  } catch (error) {
    if (error instanceof ReconcileError) return { ok: false, diagnostics: [diagnosticOf(error)] };
    throw error;
  }
}

const withoutDryRun = {
  severity: "error",
  code: "base/withoutDryRun",
  message: "--base shows what a change does, and a sync does all that is to be done",
  hint: "use it with `reconcile plan` or --dry-run",
  ...nowhere,
} as const;
