// Whether it is known where the platform is and how to log in.
import { findRegion } from "../genesys/client/regions.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import { environmentWarnings, makeCredentialsHint, sayIgnored, sayUnknownRegion } from "../app/settings.ts";
import { failed, notChecked, passed, placed, warned, type Finding, type Seen } from "./check.ts";
import { describePermissions, namedResources } from "./resources.ts";

export function checkConfig({ config }: Seen): Finding {
  if (!config.ok) {
    const [first, ...others] = config.diagnostics;
    const seen = first ? placed(first) : "the config file is not valid";
    return failed(seen, first?.hint ?? "mend it: its schema is in the package", others.map(placed));
  }
  const { file, owner, places, manifests } = config.value;
  const isThere = Object.keys(places).length > 0;
  const says = `the owner is ${owner}, the manifests are in ${manifests}`;
  return passed(isThere ? `${file}: ${says}` : `no setting in ${file}, so the defaults hold: ${says}`);
}

export function checkRegion({ isSandbox, config, platform, environment }: Seen): Finding {
  if (isSandbox) return passed("the embedded Genesys Cloud (--sandbox)");
  if (!config.ok || platform === null || environment instanceof ReconcileError)
    return notChecked(config.ok ? "it takes a readable .env first" : "it takes a valid config first");
  const faults = platform.diagnostics.filter(isNotAboutCredentials);
  const [fault, ...others] = faults;
  if (fault) {
    return failed(
      describeFault(fault, config.value.environment),
      fault.hint ?? "correct it",
      others.map(placed),
    );
  }
  const { variables } = environment;
  const given = variables["GENESYS_ENVIRONMENT"];
  const { domain = "", awsRegion = "" } = findRegion(given ?? config.value.environment) ?? {};
  const source = given === undefined ? nameSource(config.value) : "from GENESYS_ENVIRONMENT";
  const own = ["GENESYS_API_URL", "GENESYS_TOKEN_URL"].filter((name) => variables[name] !== undefined);
  if (own.length > 0) return passed(`addresses of their own, from ${own.join(" and ")}`);
  return passed(`${domain} (${awsRegion}), ${source}`);
}

/** Beside its place the fault of a region in the config does not name the file once more. */
function describeFault(fault: Diagnostic, region: string): string {
  const isInFile = fault.code === "environment/unknownRegion" && fault.file !== null;
  return placed(isInFile ? { ...fault, message: sayUnknownRegion(region) } : fault);
}

export function checkCredentials({ isSandbox, environment, platform, manifests }: Seen): Finding {
  if (isSandbox) return passed("the sandbox's own, which guard nothing");
  if (environment instanceof ReconcileError)
    return failed(errorText(environment), environment.hint ?? "make .env readable");
  const missing = platform?.diagnostics.find((problem) => !isNotAboutCredentials(problem));
  if (missing) {
    const named = namedResources({ manifests });
    const hint = named ? makeCredentialsHint(describePermissions(named)) : missing.hint;
    return failed(missing.message, hint ?? "set them");
  }
  const { variables } = environment;
  if (!variables["GENESYS_CLIENT_ID"] || !variables["GENESYS_CLIENT_SECRET"])
    return notChecked("it takes a valid config first");
  const [ignored] = environmentWarnings(environment);
  if (!ignored) return passed("GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET are set");
  const others = environment.ignored
    .slice(1)
    .map((name) => placed({ ...ignored, message: sayIgnored(name) }));
  return warned(ignored.message, ignored.hint ?? "", others);
}

function isNotAboutCredentials({ code }: Diagnostic): boolean {
  return code !== "credentials/missing";
}

function nameSource({ file, places }: { file: string; places: Readonly<Record<string, unknown>> }): string {
  return places["environment"] === undefined ? "the default" : `from ${file}`;
}
