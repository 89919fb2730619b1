// Finds the login in front of the `@` of a URL, whatever characters its password holds, so that no message shows it.

/** Much longer than any token. The limit keeps a search from taking time with the square of a text's length. */
const mostLetters = 1000;

/**
 * Matches each login, from behind `//` up to the last `@` of the word, because a password may hold an `@`, `#` or `/`
 * that was not percent-encoded. A port before a path begins no password. `ends` are characters that end the word beside
 * white space.
 */
export function urlLogin(ends: string): string {
  const rest = `[^\\s${ends}]{0,${mostLetters}}`;
  const userAndPassword = `[^\\s${ends}/?#:@[]*:(?!\\d{1,5}/)${rest}`;
  const user = `[^\\s${ends}/?#]+(?:@${rest})?`;
  return `(?<=//)(?:${userAndPassword}|${user})(?=@)`;
}

const login = new RegExp(urlLogin(""), "g");

/** Replaces the part of an address before its `@`, which may be a user name, a password or a token. */
export function hideLogins(text: string): string {
  return text.includes("@") ? text.replace(login, "…") : text;
}

/**
 * True if programs could disagree about where the login ends: a part of the password could be taken for the host, and be
 * sent to the name server.
 */
export function isLoginAmbiguous(address: string): boolean {
  const found = /^[a-z][a-z0-9+.-]*:\/\/([^/?#\\]*)(.*)$/is.exec(address);
  const [, authority = "", rest = ""] = found ?? [];
  const isBehind = rest.includes("@");
  if (authority.includes("@")) return isBehind || authority.indexOf("@") < authority.lastIndexOf("@");
  return isBehind && /^[^[]*:(?!\d+$)/.test(authority);
}
