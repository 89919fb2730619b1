// Checks the config, the platform's address, and the credentials.
import { findRegion } from "../genesys/client/regions.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import { errorText, ReconcileError } from "../model/errors.ts";
import { environmentWarnings, sayIgnored } from "../app/ignored-variables.ts";
import { givenBy } from "../app/read-secret.ts";
import { variablesOfLogin } from "../app/secret-variables.ts";
import { makeCredentialsHint } from "../app/read-login.ts";
import { sayUnknownRegion } from "../app/settings.ts";
import { failed, notChecked, passed, placed, warned, type Finding, type Observations } from "./check.ts";
import { describePermissions, namedKinds } from "./resources.ts";

export function checkConfig({ config }: Observations): Finding {
  if (!config.ok) {
    const [first, ...others] = config.diagnostics;
    const seen = first ? placed(first) : "the config file is not valid";
    return failed(seen, first?.hint ?? "correct it; its schema is in the package", others.map(placed));
  }
  const { file, owner, places, manifests } = config.value;
  const isThere = Object.keys(places).length > 0;
  const summary = `the owner is ${owner}, the manifests are in ${manifests}`;
  return passed(
    isThere ? `${file}: ${summary}` : `no settings in ${file}, so the defaults apply: ${summary}`,
  );
}

export function checkRegion({ isSandbox, config, platform, environment }: Observations): Finding {
  if (isSandbox) return passed("the embedded Genesys Cloud (--sandbox)");
  if (!config.ok || platform === null || environment instanceof ReconcileError)
    return notChecked(config.ok ? "needs a readable .env" : "needs a valid config");
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
  if (own.length > 0) return passed(`custom addresses, from ${own.join(" and ")}`);
  return passed(`${domain} (${awsRegion}), ${source}`);
}

/** The fault's place names the config already, so the message of an unknown region leaves the file out. */
function describeFault(fault: Diagnostic, region: string): string {
  const isInFile = fault.code === "environment/unknownRegion" && fault.file !== null;
  return placed(isInFile ? { ...fault, message: sayUnknownRegion(region) } : fault);
}

export function checkCredentials(seen: Observations): Finding {
  const { isSandbox, environment, platform } = seen;
  if (isSandbox) return passed("the sandbox's own, which protect nothing");
  if (environment instanceof ReconcileError)
    return failed(errorText(environment), environment.hint ?? "make .env readable");
  const missing = platform?.diagnostics.find((problem) => !isNotAboutCredentials(problem));
  if (missing) {
    const named = missing.code === "credentials/missing" ? namedKinds(seen) : null;
    const hint = named ? makeCredentialsHint(describePermissions(named), environment) : missing.hint;
    return failed(missing.message, hint ?? "set both variables");
  }
  const names = variablesOfLogin.map((name) => givenBy(name, environment.variables));
  if (!names.every((name) => environment.variables[name])) return notChecked("needs a valid config");
  const { doubts } = seen;
  const [ignored] = environmentWarnings(environment);
  if (!ignored && doubts.length === 0) return passed(`${names.join(" and ")} are set`);
  if (!ignored) return warned(doubts.join("; "), "give each secret as it was issued, and nothing else");
  const others = environment.ignored
    .slice(1)
    .map((variables) => placed({ ...ignored, line: variables.line, message: sayIgnored(variables, "") }));
  return warned(ignored.message, ignored.hint ?? "", [...others, ...doubts]);
}

function isNotAboutCredentials({ code }: Diagnostic): boolean {
  return code !== "credentials/missing" && !code.startsWith("secret/");
}

function nameSource({ file, places }: { file: string; places: Readonly<Record<string, unknown>> }): string {
  return places["environment"] === undefined ? "the default" : `from ${file}`;
}
