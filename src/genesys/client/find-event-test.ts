// Tells the test of an event, which changes nothing, from the writes.
import type { HttpRequest } from "../../model/http.ts";
import type { Kinds } from "../../model/kind.ts";

/** Returns the permission for the test of an event; undefined if the request is no such test. */
export function findEventTest(
  { method, path }: Pick<HttpRequest, "method"> & { readonly path: string },
  { kinds }: { readonly kinds: Kinds },
): string | undefined {
  if (method !== "POST") return undefined;
  return kinds.all.find(({ path: list, eventTest }) => {
    if (!eventTest || !path.startsWith(`${list}/`) || !path.endsWith(eventTest.path)) return false;
    const id = path.slice(list.length + 1, -eventTest.path.length);
    return id !== "" && !id.includes("/");
  })?.eventTest?.permission;
}
