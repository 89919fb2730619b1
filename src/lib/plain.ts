// Makes text from manifests, servers and files safe for a terminal and for a CI system's log.

/** Control, format and other invisible characters, bidirectional overrides among them. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** GitHub (`##[error]`) and Azure (`##vso[…]`) take this for a command anywhere in a line. */
const command = /##(?=[A-Za-z]*\[)/g;

/** Found in few texts: what is not printable ASCII, and the signs that commands begin with. */
const doubtful = /[^ -~]|##|::/;

/** Makes one line, because a line break from a server could forge a line of output or a workflow command of GitHub. */
export function plain(text: string): string {
  if (!doubtful.test(text)) return text;
  return defuse(text.replace(unsafe, "\ufffd"));
}

/** Keeps line breaks and tabs, for text of several lines such as a stack trace. */
export function plainLines(text: string): string {
  return defuse(text.replace(unsafe, (found) => (found === "\n" || found === "\t" ? found : "\ufffd")));
}

/** Line breaks are left out: JSON of 80 MB has 4 million, and the list of what was found would take more than the text. */
const unsafeInJson = new RegExp(`(?!\n)${unsafe.source}`, unsafe.flags);

/** The same JSON, with each control character in a string written as an escape. */
export function plainJson(json: string): string {
  return json
    .replace(unsafeInJson, (found) => found.split("").map(escape).join(""))
    .replace(command, "#\\u0023");
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** GitHub takes a line that starts with `::`, after any blanks, for a command. */
function defuse(text: string): string {
  return text.replace(command, "# #").replace(/^([^\S\n]*)::/gm, "$1: :");
}
