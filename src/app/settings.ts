// Decides which value holds: an environment variable, `.env`, the config file or a default. `ignored-variables.ts` says
// which variables of `.env` do not count.
import { parseEnv } from "node:util";
import { findCut } from "./find-cut.ts";
import { findIgnored, type IgnoredVariables } from "./ignored-variables.ts";
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
import type { Config } from "../model/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { ReconcileError, systemErrorCode } from "../model/errors.ts";
import { readerOfLogin, readLogin } from "./read-login.ts";
import { givingSecret } from "./secret-variables.ts";

/** The platform's address and the login. */
export interface PlatformAccess {
  /** The region's domain, `sandbox`, or the host of an overridden address: how the trail names it. */
  readonly environment: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly credentials: Credentials;
  /** Reads the login again; absent if it comes from no file. */
  readonly readCredentials?: (() => Promise<Credentials>) | undefined;
  /** The variables that name the proxy. */
  readonly proxies: Variables;
}

export interface Environment {
  readonly variables: Variables;
  /** Variables in `.env` that do not count. */
  readonly ignored: readonly IgnoredVariables[];
  /** Secrets of which `.env` gives only a part. */
  readonly cut: readonly string[];
}

/**
 * The real environment overrides `.env`. An empty variable counts as unset, because a workflow passes a secret that it
 * does not have as an empty variable.
 * Throws ReconcileError `env/unreadable`.
 */
export async function readEnvironment(given: Variables, files: Pick<Files, "read">): Promise<Environment> {
  const real: Variables = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ""));
  const text = await readDotenv(files);
  const dotenv: Variables = parseEnv(text);
  const ignored = findIgnored(real, dotenv);
  const namesIgnored = new Set(ignored.flatMap(({ names }) => names));
  // A proxy variable has two spellings, and libraries prefer the lower case. The real one wins here too, in either spelling.
  const isReal = (name: string): boolean =>
    (proxyVariables.includes(name) &&
      (real[name.toLowerCase()] ?? real[name.toUpperCase()]) !== undefined) ||
    // The real environment gives a secret in either form.
    (givingSecret.includes(name) && real[`${name}_FILE`] !== undefined);
  const allowed = Object.entries(dotenv).filter(([name]) => !namesIgnored.has(name) && !isReal(name));
  const cut = findCut(text, ["GENESYS_CLIENT_ID", ...givingSecret]).filter(
    (name) => !namesIgnored.has(name) && real[name] === undefined && !isReal(name),
  );
  return { variables: { ...Object.fromEntries(allowed), ...real }, ignored, cut };
}

/** A few dozen variables have a few kilobytes, certificates in them included. */
const maxDotenvBytes = 1024 * 1024;

const dotenvFaults: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder",
  ENOTFILE: "it is neither a file nor a link to one, but a pipe, a socket or a device",
  EFBIG: `it is larger than ${maxDotenvBytes / 1024 / 1024} MiB`,
};

async function readDotenv(files: Pick<Files, "read">): Promise<string> {
  const bytes = await readDotenvBytes(files);
  // Windows' own programs write UTF-16, in which no variable is found.
  if (!bytes.includes(0)) return new TextDecoder().decode(bytes);
  const hint = "save it as UTF-8, or move it away and set the variables in the environment";
  throw new ReconcileError("env/unreadable", ".env cannot be read (it is not text in UTF-8)", { hint });
}

async function readDotenvBytes(files: Pick<Files, "read">): Promise<Uint8Array> {
  try {
    return await files.read(".env", maxDotenvBytes);
  } catch (error) {
    const refusal = systemErrorCode(error);
    if (refusal === undefined) throw error;
    if (refusal === "ENOENT") return new Uint8Array();
    const hint = "let this user read it, or move it away and set the variables in the environment";
    const message = `.env cannot be read (${dotenvFaults[refusal] ?? refusal})`;
    throw new ReconcileError("env/unreadable", message, { hint, cause: error });
  }
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
  const environment = apiHost ?? region.domain;
  const proxies = Object.fromEntries(proxyVariables.map((name) => [name, variables[name]]));
  const readCredentials = readerOfLogin(given, files);
  const value = { environment, apiUrl, tokenUrl, credentials: login.value, readCredentials, proxies };
  return { ok: true, value, diagnostics };
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

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Returns null if the address is refused. The message does not repeat the value, which may hold a password. */
function checkAddress(name: string, given: string, diagnostics: Diagnostic[]): URL | null {
  const url = URL.canParse(given) ? new URL(given) : null;
  const refuse = (problem: string, message: string, hint: string): null => {
    diagnostics.push(nowhere(`platform/${problem}`, `${name} ${message}`, hint));
    return null;
  };
  // `localhost:4780` parses as a URL with the scheme `localhost:` and no host.
  if (!url?.host)
    return refuse("malformedUrl", "is not a URL", "write it as https://host, with the https://");
  if (given.includes("@")) {
    const hint =
      "leave out everything before the @: reconcile logs in with GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET";
    return refuse("urlWithCredentials", "has credentials in it", hint);
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname))) return url;
  const hint = "use an https address; http is allowed only to localhost, 127.0.0.1 and [::1]";
  return refuse("insecureUrl", "is neither https nor loopback", hint);
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
