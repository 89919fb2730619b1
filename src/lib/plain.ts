// Text from manifests, servers and files reaches a terminal, or a CI system's log, as nothing but text.

/** Control, format and other invisible characters, bidirectional overrides among them. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What GitHub (`##[error]`) and Azure (`##vso[…]`) take for a command wherever it stands in a line. */
const command = /##(?=[A-Za-z]*\[)/g;

/** One line: a line break from a server could forge a line of ours, or a workflow command of GitHub's. */
export function plain(text: string): string {
  return defuse(text.replace(unsafe, "\ufffd"));
}

/** Line breaks and tabs stay: for what is made of lines, such as a stack trace. */
export function plainLines(text: string): string {
  return defuse(text.replace(unsafe, (found) => (found === "\n" || found === "\t" ? found : "\ufffd")));
}

/** JSON text whose strings say the same without a raw control character. */
export function plainJson(json: string): string {
  return json
    .replace(unsafe, (found) => (found === "\n" ? found : found.split("").map(escape).join("")))
    .replace(command, "#\\u0023");
}

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** GitHub takes a line that starts with `::`, blanks aside, for a command. */
function defuse(text: string): string {
  return text.replace(command, "# #").replace(/^(\s*)::/gm, "$1: :");
}

/** Whoever logs in by an address has a name, a password or a token before its `@`. */
export function hideLogins(text: string): string {
  return text.replace(/(\/\/)[^/@\s]*@/g, "$1…@");
}
