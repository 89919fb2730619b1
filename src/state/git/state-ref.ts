// Names the refs of the Git store, each with a history of its own.
import type { StateKey } from "../shared-store.ts";

/** The ref that holds the state of one organisation and owner. */
export function stateRef(branch: string, { organization, owner }: StateKey): string {
  return `refs/heads/${branch}/${refPart(organization)}/${refPart(owner)}`;
}

/** The ref that says which OAuth client belongs to which organisation. No organisation's id has this form. */
export function organizationsRef(branch: string): string {
  return `refs/heads/${branch}/organizations`;
}

/**
 * Writes as `%2E` each dot that Git refuses in a name: the first, the last, one of several in a row, and that of a final
 * `.lock`. Since no owner holds a `%`, two owners never get one name.
 */
function refPart(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/gu, (letter) => encodeURIComponent(letter).replace(/^[!'()*~]/, percent))
    .replace(/^\.|\.$|\.(?=\.)|(?<=\.)\.|\.(?=lock$)/gi, "%2E");
}

function percent(letter: string): string {
  return `%${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}
