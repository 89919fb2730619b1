// Finds the variables whose values `.env` cuts: at a `#`, or at a quotation mark within quotes.

/** The text behind a quoted value; undefined if its quotes are not closed in the line. */
function restBehindQuotes(value: string): string | undefined {
  return /^(["'`])(?:(?!\1).)*\1(.*)$/.exec(value)?.[2];
}

/** A `#` behind a blank begins a comment, as people write one. */
function isCut(value: string): boolean {
  if (!/^["'`]/.test(value)) return /(?:^|\S)#/.test(value);
  const rest = restBehindQuotes(value);
  return rest === undefined || !/^\s*(?:#.*)?$/.test(rest);
}

/** `names` are the variables to look for. */
export function findCut(dotenv: string, names: readonly string[]): readonly string[] {
  return dotenv.split(/\r?\n/).flatMap((line) => {
    const [, name = "", value = ""] = /^\s*(?:export\s+)?(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    return names.includes(name) && isCut(value) ? [name] : [];
  });
}
