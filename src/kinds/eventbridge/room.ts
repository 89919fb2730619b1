// How many integrations the organisation can have, and what is said if the platform refuses one too many.
import { count } from "../../lib/count.ts";
import { answerFacts, ReconcileError } from "../../model/errors.ts";
import type { Room } from "../../model/room.ts";
import type { Api } from "../../genesys/client/api.ts";
import { readCap } from "../../genesys/read-cap.ts";
import { cap, eventBridge } from "./kind.ts";
import { isHalfMade, type Integration } from "./shape.ts";

/** `used`: how many integrations the last list showed, those of others included. */
export async function readRoom(
  listed: readonly Integration[],
  used: number,
  api: Pick<Api, "request">,
): Promise<Room> {
  const begun = listed.filter(isHalfMade).map(({ name }) => name);
  return { ...(await readCap(cap, api)), used, begun: new Set(begun) };
}

/** Adds the number and the way out to the platform's refusal of one integration too many. */
export function explainCap(error: unknown, used: number): unknown {
  if (!(error instanceof ReconcileError) || error.platformCode !== "max.integrations.reached") return error;
  const message =
    `${error.message}; the list before showed ${count(used, eventBridge.noun)}, those of others included: delete those ` +
    "that are not needed, or ask Genesys Cloud to raise the limit";
  return new ReconcileError(error.code, message, { ...answerFacts(error), cause: error });
}
