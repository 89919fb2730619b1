// Parses the config file's text into settings with their defaults, or returns everything that is wrong with it.
import { invariant } from "../model/errors.ts";
import type { Config } from "../model/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { configFormat } from "./expectations.ts";
import { validateReconcileConfig } from "./generated/validators.js";
import { findForeign } from "./identify.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { errorAt, limitDiagnostics } from "./problem.ts";
import { checkSchema } from "./schema-problems.ts";

/** Never throws. `file` is the path as the user would type it. */
export function makeConfig(text: string, file: string): Loaded<Config> {
  const { documents, diagnostics } = parseYaml(text, file);
  const problems = diagnostics.map((problem) =>
    problem.code === "document/empty" ? { ...problem, hint: emptyHint } : problem,
  );
  const [document, second] = documents;
  if (document) problems.push(...checkDocument(document));
  if (second) problems.push(errorAt(second.place, secondDocument));
  if (!document || problems.length > 0) return { ok: false, diagnostics: limitDiagnostics(problems) };
  const { environment, owner, manifests, catalog, limits, rateShare, allowedEndpointHosts, ...rest } =
    document.value as Config;
  const { policy, prune, maxDeletePercent, audit, notify } = rest;
  const places = Object.fromEntries(
    Object.keys(document.value as Config).flatMap((key) =>
      document.has(`/${key}`) ? [[key, document.placeOf(`/${key}`)]] : [],
    ),
  );
  return {
    ok: true,
    value: {
      ...{ environment, owner, manifests, catalog, limits, rateShare, allowedEndpointHosts },
      ...{ policy, prune, maxDeletePercent, audit, notify, file, places },
    },
    diagnostics: [],
  };
}

/** The settings that hold without a config file. */
export function makeDefaultConfig(file: string): Config {
  const config = makeConfig("apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n", file);
  invariant(config.ok, "a config file without settings is valid");
  return { ...config.value, places: {} };
}

function checkDocument(document: YamlDocument): readonly Diagnostic[] {
  const foreign = findForeign(document, "ReconcileConfig");
  if (foreign) return [foreign];
  return checkSchema(document, configFormat, validateReconcileConfig).diagnostics;
}

const emptyHint =
  "delete the file, or begin it with apiVersion: reconcile.genesys/v1 and kind: ReconcileConfig";

const secondDocument = {
  code: "config/tooMany",
  message: "a config file has one document, and this is the second",
};
