// Judges the address of the database before anything is sent there.
import type { Client } from "pg";
import { parseUrl } from "../../lib/parse-url.ts";
import { ReconcileError } from "../../model/errors.ts";

/** The variable that holds the address. */
export const addressVariable = "RECONCILE_DATABASE_URL";

export interface Address {
  /** What `pg` is given. */
  readonly text: string;
  /** The server and the database for people: `db.example.com:5432/state`. */
  readonly place: string;
  readonly isEncrypted: boolean;
  /** Takes the password out of a text of others. */
  readonly hide: (text: string) => string;
}

/**
 * `makeClient` makes a client of `pg` without connecting it; it applies what the address leaves out from the variables
 * `PG…`, as `pg` does.
 * Throws ReconcileError `state/malformedAddress` and `state/insecure`.
 */
export function readAddress(given: string, makeClient: (text: string) => Client): Address {
  const url = parseDatabaseUrl(given);
  if (!url) throw malformed("write it as postgres://user:password@host:5432/database");
  if (isLoginUnclear(given, url))
    throw malformed(
      "in the user and the password write %40 for an @, %23 for a #, %2F for a / and %3F for a ?",
    );
  const text = withoutAliases(given, url);
  const client = makeSurely(() => makeClient(text));
  const { host, port, database = "" } = client;
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
  const isEncrypted = (client.ssl as unknown) !== false;
  if (!isEncrypted && !isLocal(host) && url.searchParams.get("sslmode") !== "disable")
    throw new ReconcileError("state/insecure", `the connection to PostgreSQL at ${place} has no TLS`, {
      hint: `add sslmode=verify-full to ${addressVariable}, or sslmode=disable if the network is trusted`,
    });
  return { text, place, isEncrypted, hide: hiderOf(client.password, given, url) };
}

/** `pg` takes `user@/database?host=…`, which no standard calls a URL, for an address of a socket. */
function parseDatabaseUrl(given: string): URL | null {
  const url = parseUrl(given) ?? parseUrl(given.replace("@/", "@localhost/"));
  return url && /^postgres(?:ql)?:$/.test(url.protocol) ? url : null;
}

/** True if a part of the login may have been taken for the host, which is looked up and shown. */
function isLoginUnclear(given: string, url: URL): boolean {
  const ats = given.split("@").length - 1;
  return ats > 1 || (ats === 1 && url.username === "" && url.password === "");
}

/**
 * To `pg` 8 three modes mean `verify-full`, and it prints a warning that a later version changes that. The modes keep the
 * meaning that is safe.
 */
function withoutAliases(given: string, url: URL): string {
  if (url.searchParams.get("uselibpqcompat") === "true") return given;
  return given.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|#|$)/g, "$1verify-full");
}

/** `pg` reads the files of certificates that the address names. */
function makeSurely(make: () => Client): Client {
  try {
    return make();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (/^E[A-Z]+$/.test(code))
      throw malformed(`a file that sslrootcert, sslcert or sslkey names cannot be read: ${code}`);
    throw malformed("check its parameters behind the ?, and write %25 for a %");
  }
}

function malformed(hint: string): ReconcileError {
  return new ReconcileError(
    "state/malformedAddress",
    `${addressVariable} is not the address of a database`,
    {
      hint,
    },
  );
}

function isLocal(host: string): boolean {
  return host.startsWith("/") || ["localhost", "::1"].includes(host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** `password` is as `pg` sends it; the address may hold it in another spelling. */
function hiderOf(password: unknown, given: string, url: URL): (text: string) => string {
  const [, spelt] = /[?&]password=([^&#]*)/.exec(given) ?? [];
  const secrets = [password, url.password, spelt].filter(
    (secret): secret is string => typeof secret === "string" && secret !== "",
  );
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, "…"), text);
}
