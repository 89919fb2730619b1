// The limits of one list over all its pages, because all of it is in memory at once.
import { ReconcileError } from "../model/errors.ts";
import { isObject } from "./client/json.ts";
import type { ApiAnswer } from "./client/parse-answer.ts";

/** Far more than the pages of 50,000 ordinary resources, some 30 MB, and little enough for a runner's memory. */
const maxListBytes = 64 * 1024 * 1024;
/** More than any organisation has; a plan that deletes them all, as JSON, takes less than 500 MiB. */
const maxListEntities = 50_000;

/**
 * Returns a function that counts each page before it is parsed, and throws ReconcileError `api/listTooLarge` once the pages
 * together are too large. `nouns` names the entities in messages.
 */
export function makeListLimits({
  path,
  nouns,
}: {
  readonly path: string;
  readonly nouns: string;
}): (page: ApiAnswer) => void {
  let [bytes, entities] = [0, 0];
  const refuse = (found: string): ReconcileError =>
    new ReconcileError("api/listTooLarge", `GET ${path}: ${found}`, {
      hint: `delete ${nouns} that are not needed; if there are none, check GENESYS_API_URL: what answers there is not the platform`,
    });
  return ({ sizeBytes, body }) => {
    bytes += sizeBytes;
    if (isObject(body) && Array.isArray(body["entities"])) entities += body["entities"].length;
    const limit = maxListBytes / 1024 / 1024;
    if (bytes > maxListBytes) throw refuse(`the pages of ${nouns} are larger than ${limit} MiB together`);
    if (entities > maxListEntities)
      throw refuse(`more than ${maxListEntities} ${nouns}, the most that a pass can list`);
  };
}
