// Rule: an endpoint has the scheme of one of the kinds, and the form that this kind requires.
import { findNearest } from "../../lib/did-you-mean.ts";
import { joinWords } from "../../lib/join-words.ts";
import { quote } from "../../lib/text.ts";
import type { Diagnostic, Fault } from "../../model/diagnostic.ts";
import { shapesOf, type Kind, type Kinds } from "../../model/kind.ts";
import type { Draft, DraftEndpoint } from "../draft.ts";
import { errorAt } from "../problem.ts";
import type { RuleOptions } from "./rule.ts";
import { findLeftoverInHost, hostOf } from "./template-leftovers.ts";

/** Messages do not repeat a URL that could hold a secret; the place shows which URL is meant. */
export function endpointUrl(draft: Draft, { kinds }: RuleOptions): readonly Diagnostic[] {
  return draft.endpoints.flatMap((endpoint) => {
    const fault = findFault(endpoint, kinds);
    return fault ? [errorAt(endpoint.place, { ...fault, code: `${endpoint.key}/${fault.code}` })] : [];
  });
}

/** Returns the kind that delivers to an endpoint; null if the endpoint's text has a fault. */
export function kindOfSound(endpoint: DraftEndpoint, kinds: Kinds): Kind | null {
  return findFault(endpoint, kinds) === null ? kinds.choose(endpoint.url) : null;
}

/** A URL parser silently drops or replaces these characters, so other programs could read another URL. */
const strayCharacters = /[\p{C}\s\\]/u;

/** `hooks.example.com:8443/x`, which a URL parser takes for a scheme. */
function isHostAndPort(url: string): boolean {
  const [head = ""] = url.split(/[/?#]/, 1);
  const portAt = head.lastIndexOf(":");
  return portAt >= 0 && /^\d+$/.test(head.slice(portAt + 1)) && head.slice(0, portAt).includes(".");
}

function findFault({ url, parsed }: DraftEndpoint, kinds: Kinds): Fault | null {
  const kind = kinds.choose(url);
  const [first] = kinds.all;
  const isUrl = kind?.endpoint.isUrl ?? url.includes("://");
  const leftover = findLeftoverInHost(url, isUrl);
  if (leftover) return leftover;
  if (kind && !kind.endpoint.isUrl) return kind.endpoint.findFault(url);
  if (strayCharacters.test(url)) {
    if (strayCharacters.test(hostOf(url))) {
      const message = "the URL's host holds a space, a backslash or a control character";
      return { code: "malformed", message, hint: `write it as ${(kind ?? first).endpoint.shape}` };
    }
    const message = "the URL holds a space, a backslash or a control character";
    return { code: "malformed", message, hint: "percent-encode it, such as %20" };
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url) || isHostAndPort(url)) {
    const message = `the URL is not absolute: it does not start with ${first.scheme}//`;
    return { code: "relative", message, hint: writeAny(kinds) };
  }
  if (!parsed) {
    const { shape } = (kind ?? first).endpoint;
    return { code: "malformed", message: "this is not a valid URL", hint: `write it as ${shape}` };
  }
  return kind ? kind.endpoint.findFault(url) : findSchemeFault(parsed.protocol, kinds);
}

function findSchemeFault(scheme: string, kinds: Kinds): Fault {
  if (scheme === "http:") {
    const message = "the URL is http, but events are delivered over https only";
    const others = joinWords(shapesOf(kinds).slice(1), "and");
    return { code: "notHttps", message, hint: `use https://; other kinds are ${others}` };
  }
  const schemes = [...new Set(kinds.all.map((kind) => kind.scheme))];
  const nearest = findNearest(scheme, schemes);
  const message = `an endpoint begins with ${joinWords(schemes, "or")}, not ${quote(scheme)}`;
  const hint = nearest === undefined ? writeAny(kinds) : `did you mean ${nearest}?`;
  return { code: "notHttps", message, hint };
}

function writeAny(kinds: Kinds): string {
  return `write it as ${joinWords(shapesOf(kinds), "or")}`;
}
