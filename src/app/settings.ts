// Finds the platform's address and the login: in the environment, `.env`, the config file or the defaults.
import { proxyVariables, type Variables } from "../genesys/client/proxy.ts";
import {
  apiUrl as regionApiUrl,
  findRegion,
  regionDomains,
  tokenUrl as regionTokenUrl,
} from "../genesys/client/regions.ts";
import { findNearest } from "../lib/did-you-mean.ts";
import type { Credentials } from "../genesys/client/token.ts";
import type { Files } from "../lib/files.ts";
import { parseAddress, type AddressFault } from "../lib/http-address.ts";
import type { EmbeddedAws } from "../model/aws-api.ts";
import type { Config } from "../model/config.ts";
import type { Organization } from "../model/organization.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { readerOfLogin, readLogin } from "./read-login.ts";
import type { Environment } from "./environment.ts";

/** The platform's address and the login. */
export interface PlatformAccess {
  /** The region's domain, `sandbox`, or the host of an overridden address: how the trail names it. */
  readonly environment: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly credentials: Credentials;
  /** Reads the login again; absent if it comes from no file. */
  readonly readCredentials?: (() => Promise<Credentials>) | undefined;
  /** The organisation that the sandbox is; absent of a real platform. */
  readonly embedded?: Organization;
  /** The AWS of the sandbox; absent of a real platform. */
  readonly embeddedAws?: EmbeddedAws;
  /** The variables that name the proxy. */
  readonly proxies: Variables;
}

/** Finds the platform in the variables, else in the config, and reads the login. */
export async function resolvePlatform(
  given: Pick<Environment, "variables" | "cut">,
  config: Config,
  files: Pick<Files, "read">,
): Promise<Loaded<PlatformAccess>> {
  const { variables } = given;
  const diagnostics: Diagnostic[] = [];
  const named = variables["GENESYS_ENVIRONMENT"];
  const region = findRegion(named ?? config.environment);
  if (!region) diagnostics.push(unknownRegion(named, config));
  const { apiUrl, apiHost } = resolveApiUrl(variables, region?.domain ?? "", diagnostics);
  const tokenUrl = resolveTokenUrl(variables, apiHost === null ? null : apiUrl, {
    domain: region?.domain ?? "",
    diagnostics,
  });
  const login = await readLogin(given, files);
  diagnostics.push(...login.diagnostics);
  if (diagnostics.length > 0 || !region || !login.ok) return { ok: false, diagnostics };
  const environment = nameEnvironment(variables, config);
  const proxies = Object.fromEntries(proxyVariables.map((name) => [name, variables[name]]));
  const readCredentials = readerOfLogin(given, files);
  const value = { environment, apiUrl, tokenUrl, credentials: login.value, readCredentials, proxies };
  return { ok: true, value, diagnostics };
}

/**
 * The name of the platform in the trail, results and messages: the host of an overridden address, else the region's domain. A
 * setting that is not valid gives the region as it is written.
 */
export function nameEnvironment(variables: Variables, config: Pick<Config, "environment">): string {
  const region = variables["GENESYS_ENVIRONMENT"] ?? config.environment;
  const address = parseAddress(variables["GENESYS_API_URL"] ?? "");
  return typeof address === "string" ? (findRegion(region)?.domain ?? region) : address.host;
}

function resolveApiUrl(
  variables: Variables,
  domain: string,
  diagnostics: Diagnostic[],
): { readonly apiUrl: string; readonly apiHost: string | null } {
  const given = variables["GENESYS_API_URL"];
  if (!given) return { apiUrl: regionApiUrl(domain), apiHost: null };
  const url = checkAddress("GENESYS_API_URL", given, diagnostics);
  if (url && (url.pathname !== "/" || url.search !== "" || url.hash !== "")) {
    const hint = "leave out everything after the host, as in https://api.mypurecloud.com";
    diagnostics.push(nowhere("platform/urlWithPath", "GENESYS_API_URL has a path or a query string", hint));
  }
  return { apiUrl: url?.origin ?? given, apiHost: url?.host ?? given };
}

/** Without `GENESYS_TOKEN_URL`, the token comes from the same host as the API. */
function resolveTokenUrl(
  variables: Variables,
  apiUrl: string | null,
  { domain, diagnostics }: { readonly domain: string; readonly diagnostics: Diagnostic[] },
): string {
  const given = variables["GENESYS_TOKEN_URL"];
  if (given) return checkAddress("GENESYS_TOKEN_URL", given, diagnostics)?.href ?? given;
  return apiUrl === null ? regionTokenUrl(domain) : `${apiUrl}/oauth/token`;
}

const addressFaults: Readonly<Record<AddressFault, readonly [message: string, hint: string]>> = {
  malformedUrl: ["is not a URL", "write it as https://host, with the https://"],
  urlWithCredentials: [
    "has credentials in it",
    "leave out everything before the @: reconcile logs in with GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET",
  ],
  insecureUrl: [
    "is neither https nor loopback",
    "use an https address; http is allowed only to localhost, 127.0.0.1 and [::1]",
  ],
};

/** Returns null if the address is refused. The message does not repeat the value, which may hold a password. */
function checkAddress(name: string, given: string, diagnostics: Diagnostic[]): URL | null {
  const url = parseAddress(given);
  if (typeof url !== "string") return url;
  const [message, hint] = addressFaults[url];
  diagnostics.push(nowhere(`platform/${url}`, `${name} ${message}`, hint));
  return null;
}

/** Checks the config's region offline. */
export function checkRegion(config: Config): readonly Diagnostic[] {
  return findRegion(config.environment) ? [] : [unknownRegion(undefined, config)];
}

function unknownRegion(given: string | undefined, config: Config): Diagnostic {
  const text = given ?? config.environment;
  const nearest = findNearest(text, regionDomains);
  const hint =
    (nearest === undefined ? "" : `did you mean "${nearest}"? `) +
    "use a region's domain (usw2.pure.cloud) or its AWS region (us-west-2); the README lists them";
  const where = given === undefined ? config.file : "GENESYS_ENVIRONMENT";
  const message = `${sayUnknownRegion(text)} in ${where}`;
  const problem = nowhere("environment/unknownRegion", message, hint);
  return given === undefined && config.places["environment"]
    ? { ...problem, ...config.places["environment"] }
    : problem;
}

export function sayUnknownRegion(region: string): string {
  return `unknown Genesys Cloud region "${region}"`;
}

function nowhere(code: string, message: string, hint: string): Diagnostic {
  return { severity: "error", code, message, hint, file: null, line: null, column: null };
}
