// `--base REF`: finds what a pass on that Git revision would read.
import type { BaseOptions } from "./base.ts";
import { readConfig } from "../manifest/read.ts";
import { nowhere, type Loaded } from "../model/diagnostic.ts";
import { diagnosticOf, ReconcileError } from "../model/errors.ts";
import type { SettingsFlags, Settings } from "./pass-settings.ts";
import { passOptions } from "./run-options.ts";
import type { World } from "./world.ts";

/** GitHub passes this as the earlier commit of a push that creates a branch. */
const nothingBefore = /^0{40}(?:0{24})?$/;

/** Opens the base revision that the flags name; its value is null without `--base`. */
export async function openBase(
  flags: SettingsFlags,
  settings: Settings,
  world: Pick<World, "openRevision" | "kinds">,
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
      const source = `its config is for ${environment}, and this one for ${settings.config.environment}`;
      return { ok: true, value: { ref, commit, source }, diagnostics: [] };
    }
    const { desired, plan } = passOptions(
      // The base writes no record, so its query strings get into no trail.
      {
        ...{ ...settings, config: config.value, kinds: world.kinds.under(config.value) },
        refusesQueries: false,
      },
      flags,
      environment,
    );
    return { ok: true, value: { ref, commit, source: { files, desired, plan } }, diagnostics: [] };
  } catch (error) {
    if (error instanceof ReconcileError) return { ok: false, diagnostics: [diagnosticOf(error)] };
    throw error;
  }
}

const withoutDryRun = {
  severity: "error",
  code: "base/withoutDryRun",
  message: "--base only shows what a change does, so it cannot be used in a sync that writes",
  hint: "use it with `reconcile plan` or --dry-run",
  ...nowhere,
} as const;
