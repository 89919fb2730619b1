// The log line of each request that the client sends.
import type { Log } from "../../model/deps.ts";
import type { MadeRequest } from "./api.ts";
import { shownRequest } from "./failure.ts";

export function logRequests(log: Log): (request: MadeRequest) => void {
  return ({ page, error, ...fields }) => {
    const pageWords = page === null ? "" : `, page ${page}`;
    log("debug", `${shownRequest(fields)}${pageWords}`, {
      ...fields,
      ...(error === null ? {} : { error }),
    });
  };
}
