// `reconcile validate`: checks the manifests offline.
import { count } from "../../lib/count.ts";
import { readDesired } from "../../manifest/read-desired.ts";
import { readConfig } from "../../manifest/read.ts";
import { hasErrors, type Diagnostic } from "../../model/diagnostic.ts";
import type { Config } from "../../model/config.ts";
import { startOf, warningAt } from "../../manifest/problem.ts";
import { makeCommandResult, noTraffic } from "../../model/result.ts";
import type { Subscription } from "../../model/subscription.ts";
import { reportCommand } from "../../report/report.ts";
import { desiredSource, type RunFlags } from "../../app/pass-settings.ts";
import { checkConfigPaths } from "../../app/config-paths.ts";
import { checkRegion } from "../../app/settings.ts";
import { checkRemote, findQueryRefusal } from "../../app/state-remote.ts";
import type { World } from "../../app/world.ts";

export interface ValidateFlags {
  readonly config?: string;
  readonly output: RunFlags["output"];
  readonly allowEmpty?: true;
}

/** `paths`: files and folders; if empty, the folder that the config names. Returns the exit status. */
export async function runValidate(
  paths: readonly string[],
  flags: ValidateFlags,
  world: World,
): Promise<number> {
  const { text, diagnostics } = await check(paths, flags, world);
  const about = {
    dryRun: true,
    runId: world.random.id(),
    environment: null,
    owner: null,
    organization: null,
  };
  const result = makeCommandResult({ ...about, traffic: noTraffic, diagnostics });
  return reportCommand(result, { output: flags.output, summary: text }, world);
}

async function check(
  paths: readonly string[],
  flags: ValidateFlags,
  world: World,
): Promise<{ readonly text: string; readonly diagnostics: readonly Diagnostic[] }> {
  const file = flags.config ?? "reconcile.yaml";
  const config = await readConfig(file, world.files, { required: flags.config !== undefined });
  if (!config.ok) return { text: summary(config.diagnostics), diagnostics: config.diagnostics };
  const checked = { manifests: paths.length === 0, trail: true };
  const astray = await checkConfigPaths(config.value, checked, world.files);
  if (astray.length > 0) return { text: summary(astray), diagnostics: astray };
  const kinds = world.kinds.under(config.value);
  // No store is opened, so the `state` that this config would have once it is merged is the one to judge.
  const refusesQueries = await findQueryRefusal(config.value.state, world);
  const source = desiredSource({ config: config.value, kinds, refusesQueries }, {});
  const manifests = paths.length > 0 ? paths : source.manifests;
  const [remote, desired] = await Promise.all([
    checkRemote(config.value, world),
    readDesired({ ...source, manifests, allowEmpty: flags.allowEmpty === true }, world.files),
  ]);
  const ofConfig = [...config.diagnostics, ...checkRegion(config.value), ...remote];
  const diagnostics = [
    ...ofConfig,
    ...desired.diagnostics,
    ...(desired.ok ? warnConsumers(desired.value, config.value) : []),
  ];
  if (!desired.ok || hasErrors(diagnostics)) return { text: summary(diagnostics), diagnostics };
  const number = desired.value.length;
  const valid = `${number} ${number === 1 ? "manifest is" : "manifests are"} valid`;
  const warned = diagnostics.length === 0 ? "" : `, with ${count(diagnostics.length, "warning")}`;
  return { text: `${valid}${warned}\n`, diagnostics };
}

/** Says once what consumers notice of the kinds that the config chooses. */
function warnConsumers(desired: readonly Subscription[], { places, file }: Config): readonly Diagnostic[] {
  const found = new Set(desired.flatMap(({ kind }) => kind.changesForConsumers ?? []));
  return Array.from(found, (fault) => warningAt(places["aws"] ?? startOf(file), fault));
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  return `${count(errors, "error")}${warnings === 0 ? "" : `, ${count(warnings, "warning")}`}\n`;
}
