// Checks that a document has the expected `kind` and `apiVersion`.
import { findNearest } from "../lib/did-you-mean.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { DocumentKind } from "./expectations.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { valueAt } from "./pointer.ts";
import { errorAt } from "./problem.ts";
import { quote } from "../lib/text.ts";

const knownVersion = "reconcile.genesys/v1";

/** Returns an error for another `kind` or `apiVersion`. The caller then checks nothing else in the document. */
export function findForeign(document: YamlDocument, expected: DocumentKind): Diagnostic | undefined {
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

function kindHint(kind: string, expected: DocumentKind): string {
  if (kind === "ReconcileConfig")
    return "this is a config file: move it out of the folder of the manifests";
  if (kind === "WebhookSubscription") return "this is a manifest: move it into the folder of the manifests";
  return findNearest(kind, [expected]) === undefined ? `use ${expected}` : `did you mean "${expected}"?`;
}
