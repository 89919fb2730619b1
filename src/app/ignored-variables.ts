// Which variables of `.env` do not count, because a pull request can bring that file, and the warnings about them.
import { proxyVariables, type Variables } from "../genesys/client/proxy.ts";
import { compareText } from "../lib/compare.ts";
import { joinWords } from "../lib/join-words.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import {
  auditKeyVariable,
  formerKeysVariable,
  givingSecret,
  givingSentSecret,
} from "./secret-variables.ts";

export interface IgnoredVariables {
  readonly names: readonly string[];
  /** Where `.env` first sets one of them; both from 1. */
  readonly line: number;
  readonly column: number;
  /** The variable that is a secret of the real environment; null if these never count in `.env`. */
  readonly because: string | null;
}

/** The author of a `.env` knows the keys in it, and could forge a trail that is signed with one. */
const keys = [auditKeyVariable, formerKeysVariable];

/** These decide where secrets are sent. */
const destinations = [
  ...["GENESYS_API_URL", "GENESYS_TOKEN_URL", "GENESYS_ENVIRONMENT"],
  ...["HTTP_PROXY", "http_proxy", ...proxyVariables],
];

/**
 * These name a file, a program, a certificate or a host that is trusted with other secrets, or they are read before
 * `.env` is. In `.env` they never count.
 */
const neverFromDotenv =
  /_FILE$|^(?:RECONCILE_(?:DATABASE_URL|HTTP_TOKEN)$|RECONCILE_NOTIFY_|AWS_|PG|NODE_|GIT_|SSL_)/;

/** A variable that both set is not listed: the value of the real environment wins. */
export function findIgnored(
  real: Variables,
  { variables: dotenv, text }: { readonly variables: Variables; readonly text: string },
): readonly IgnoredVariables[] {
  const only = Object.keys(dotenv).filter((name) => real[name] === undefined);
  const sent = givingSentSecret.find((name) => name in real);
  const secret = sent ?? givingSecret.find((name) => name in real);
  const never = only.filter((name) => neverFromDotenv.test(name)).sort(compareText);
  const found = [
    ...destinations.flatMap((name) =>
      sent !== undefined && only.includes(name) ? [{ names: [name], because: sent }] : [],
    ),
    ...keys.flatMap((name) =>
      secret !== undefined && only.includes(name) ? [{ names: [name], because: secret }] : [],
    ),
    ...(never.length > 0 ? [{ names: never, because: null }] : []),
  ];
  return found.map((variables) => ({ ...variables, ...findAssignment(text, variables.names) }));
}

/** The first line of `.env` that sets one of the variables; its start if the form of the line is not known. */
function findAssignment(text: string, names: readonly string[]): Pick<IgnoredVariables, "line" | "column"> {
  const lines = text.split(/\r?\n/).map((line) => /^(\s*(?:export\s+)?)([^\s=]+)\s*=/.exec(line));
  const index = lines.findIndex((found) => found?.[2] !== undefined && names.includes(found[2]));
  return { line: Math.max(index, 0) + 1, column: (lines[index]?.[1]?.length ?? 0) + 1 };
}

interface Ignored {
  readonly ignored: readonly IgnoredVariables[];
}

/** Returns one warning for each variable that is ignored because of a secret, and one for all that never count. */
export function environmentWarnings({ ignored }: Ignored): readonly Diagnostic[] {
  return ignored.map((variables) => ({
    severity: "warning",
    code: "env/ignored",
    message: sayIgnored(variables, " in .env"),
    hint: hintFor(variables),
    file: ".env",
    line: variables.line,
    column: variables.column,
  }));
}

/** `where` follows the names, and may be empty. */
export function sayIgnored({ names, because }: IgnoredVariables, where: string): string {
  const isOne = names.length === 1;
  const reason =
    because === null
      ? `${isOne ? "it counts" : "they count"} only in the real environment`
      : `${because} comes from the real environment`;
  return `${joinWords(names, "and")}${where} ${isOne ? "is" : "are"} ignored, because ${reason}`;
}

function hintFor({ names, because }: IgnoredVariables): string {
  if (because !== null) {
    const both = `set ${joinWords(names, "and")} in the real environment too`;
    return neverFromDotenv.test(because) ? both : `${both}, or keep the secret in .env as well`;
  }
  const them = names.length === 1 ? "it" : "them";
  const others = names.length === 1 ? "it is" : "they are";
  return `set ${them} in the real environment if reconcile is to use ${them}; nothing is to do if ${others} for another program`;
}

/** The warnings about the trail's key only: a command that does not use the platform needs no others. */
export function auditKeyWarnings({ ignored }: Ignored): readonly Diagnostic[] {
  return environmentWarnings({
    ignored: ignored.filter(({ names }) => keys.some((key) => names.includes(key))),
  });
}
