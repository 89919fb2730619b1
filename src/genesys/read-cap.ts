// Reads whether the organisation is offered a kind of resource, and how many of them it can have.
import type { Room, Cap } from "../model/room.ts";
import type { Api } from "./client/api.ts";
import { orNotFound } from "./parsed.ts";

export async function readCap(
  { path, findMax }: Cap,
  api: Pick<Api, "request">,
): Promise<Pick<Room, "isOffered" | "max">> {
  const answer = await orNotFound(api.request("GET", path));
  return answer ? { isOffered: true, max: findMax(answer.body) } : { isOffered: false, max: null };
}
