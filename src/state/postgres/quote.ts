// Quotes names and texts that stand in SQL itself; everything else is a parameter.
import { ReconcileError } from "../../model/errors.ts";

/** PostgreSQL cuts a longer name off without an error, so that two names would become one. */
const mostNameBytes = 63;

/** Rejects a name that PostgreSQL could not keep as it is. */
export function quoteName(name: string): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > mostNameBytes || name.includes("\0"))
    throw new ReconcileError("state/refused", `${JSON.stringify(name)} is no name in PostgreSQL`, {
      hint: `a schema or a role has a name of 1 to ${mostNameBytes} bytes`,
    });
  return `"${name.replaceAll('"', '""')}"`;
}

/** Needs the setting `standard_conforming_strings`, or a text without a backslash. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}
