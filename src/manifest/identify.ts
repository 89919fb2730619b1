// Whether a document is of the kind and version that is expected here.
import { findNearest } from "../lib/did-you-mean.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Kind } from "./expectations.ts";
import type { YamlDocument } from "./parse-yaml.ts";
import { valueAt } from "./pointer.ts";
import { errorAt } from "./problem.ts";
import { quote } from "../lib/text.ts";

const knownVersion = "reconcile.genesys/v1";

/** A document of another kind or version: nothing else that could be said of it would help. */
export function findForeign(document: YamlDocument, expected: Kind): Diagnostic | undefined {
  const kind = valueAt(document.value, "/kind");
  if (typeof kind === "string" && kind !== expected) {
    const [code, message] = ["kind/unknown", `unknown kind ${quote(kind)}`];
    return errorAt(document.placeOf("/kind"), { code, message, hint: kindHint(kind, expected) });
  }
  const version = valueAt(document.value, "/apiVersion");
  if (typeof version === "string" && version !== knownVersion) {
    return errorAt(document.placeOf("/apiVersion"), {
      code: "apiVersion/unknown",
      message: `unknown apiVersion ${quote(version)}`,
      hint: `this version of reconcile reads ${knownVersion}`,
    });
  }
  return undefined;
}

function kindHint(kind: string, expected: Kind): string {
  if (kind === "ReconcileConfig") return "the config file does not belong among the manifests";
  if (kind === "WebhookSubscription")
    return "a manifest is no config file: it belongs in the manifests folder";
  return findNearest(kind, [expected]) === undefined ? `use ${expected}` : `did you mean "${expected}"?`;
}
