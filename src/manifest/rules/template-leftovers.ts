// Finds what a template was meant to replace in an endpoint, such as `$HOST` or `{{ host }}`. In a host it is an error, for
// nothing can be delivered there; a path may hold it on purpose.
import type { Fault } from "../../model/diagnostic.ts";

/** The forms of a name to be replaced, as messages show them. `%AB` is an escape, and so `%ABC%20` holds no name. */
const forms: readonly (readonly [form: string, pattern: RegExp])[] = [
  ["{{…}}", /\{\{/],
  ["$(…)", /\$\(/],
  ["$NAME", /\$[A-Za-z_]/],
  ["<…>", /<[^<>]*>/],
  ["%NAME%", /%[A-Za-z_]\w*%(?![0-9A-Fa-f]{2})|%(?![0-9A-Fa-f]{2})[A-Za-z_]\w*%/],
];

const fillIn = "write ${name}, and give the name a value under values in the config";

/** `isUrl` is false for an endpoint that is a scheme and a name, or has no scheme at all. */
export function findLeftoverInHost(endpoint: string, isUrl: boolean): Fault | null {
  const form = findForm(isUrl ? hostOf(endpoint) : endpoint);
  if (form === null) return null;
  const where = isUrl ? "the URL's host" : "the endpoint";
  const message = `${where} holds a ${form} that no template has replaced`;
  return { code: "template", message, hint: fillIn };
}

/** The message does not repeat the text, which may be a part of a secret. */
export function findLeftoverBehindHost(url: string): Fault | null {
  const form = findForm(url);
  if (form === null) return null;
  const message = `the URL holds a ${form}, which looks like a part of a template; events are sent to it as it stands`;
  return { code: "template", message, hint: `if it stands for a value, ${fillIn}` };
}

function findForm(text: string): string | null {
  if (!/[{$<%]/.test(text)) return null;
  return forms.find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}

/** The text before the path, whether it is a host or not. */
export function hostOf(url: string): string {
  return /^[^:/?#]*:\/\/([^/?#]*)/.exec(url)?.[1] ?? "";
}
