// Tells what `pg` and the server say in a failed call as a ReconcileError, with the way out.
import { certificateHint, isUntrusted } from "../../lib/certificates.ts";
import { ReconcileError, systemErrorCode } from "../../model/errors.ts";
import { addressVariable } from "./address.ts";

interface Row {
  /** Matches the server's SQLSTATE, of which the first two characters are a class. */
  readonly state: RegExp;
  readonly code: "state/notInitialised" | "state/refused" | "state/unreachable";
  readonly hint: string;
}

const grantHint = "as the schema's owner run: reconcile state init --grant ROLE";
const upHint = `check that the server runs and that this machine reaches it (${addressVariable})`;

const rows: readonly Row[] = [
  { state: /^(?:42P01|42883|3F000)$/, code: "state/notInitialised", hint: "run: reconcile state init" },
  {
    state: /^(?:08|57P|40)|^(?:57014|53200|53300|55P03|25P03|25P04)$/,
    code: "state/unreachable",
    hint: upHint,
  },
  { state: /^42501$/, code: "state/refused", hint: grantHint },
  { state: /^53100$/, code: "state/refused", hint: "free space on the database server's disk" },
  { state: /^28/, code: "state/refused", hint: `check the user and the password in ${addressVariable}` },
  { state: /^3D000$/, code: "state/refused", hint: `create the database, or correct ${addressVariable}` },
  {
    state: /^25006$/,
    code: "state/refused",
    hint: "the server takes no writes: name the primary, or end its read-only mode",
  },
  { state: /^42704$/, code: "state/refused", hint: "create the role first: CREATE ROLE … LOGIN" },
];

/** `name` is the store's. `hide` takes secrets out of a text. */
export function tellFailure(
  error: unknown,
  { name, hide }: { name: string; hide: (text: string) => string },
): ReconcileError {
  if (error instanceof ReconcileError) return error;
  // The library throws plain errors; these are bugs.
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  const state = sqlStateOf(error);
  const told = state === null ? withoutAnswer(error) : rows.find((row) => row.state.test(state));
  const { code, hint } = told ?? { code: "state/refused", hint: "the database's log may tell more" };
  const text = hide(textOf(error));
  return new ReconcileError(code, `${name}: ${state === null ? text : `${text} (${state})`}`, {
    hint,
    // The library's own error holds the failed row, and could hold the address.
    cause: new Error(text),
  });
}

export function sqlStateOf(error: unknown): string | null {
  const code = systemErrorCode(error) ?? "";
  // A code such as EPIPE has five letters too, and no SQLSTATE begins with E.
  return /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** True if the server ended the connection, as one that shuts down or that ends idle sessions does. */
export function isShutdown(error: unknown): boolean {
  return sqlStateOf(error)?.startsWith("57P") ?? false;
}

function withoutAnswer(error: unknown): Pick<Row, "code" | "hint"> {
  const code = systemErrorCode(error) ?? "";
  if (isUntrusted(code))
    return {
      code: "state/refused",
      hint: `name the certificate authority by sslrootcert=FILE in ${addressVariable}; ${certificateHint("NODE_EXTRA_CA_CERTS")}`,
    };
  const text = textOf(error);
  if (text.startsWith("SASL"))
    return { code: "state/refused", hint: `check the user and the password in ${addressVariable}` };
  if (text.includes("does not support SSL"))
    return {
      code: "state/refused",
      hint: `switch TLS on at the server; in a trusted network add sslmode=disable to ${addressVariable}`,
    };
  return { code: "state/unreachable", hint: upHint };
}

/** If a name has several addresses and none answers, Node's error has a code and no text. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text === "" ? (systemErrorCode(error) ?? "no answer") : text;
}
