// Parses the config file's text into settings with their defaults, or returns everything that is wrong with it.
import { isAbsolute, posix } from "node:path";
import { invariant } from "../model/errors.ts";
import type { Config, StatedPaths } from "../model/config.ts";
import type { Diagnostic, Loaded } from "../model/diagnostic.ts";
import { makeAwsConfig } from "./aws-config.ts";
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
  const { environment, owner, organization, limits, rateShare, allowedEndpointHosts, ...rest } =
    document.value as Config;
  const { ignore, policy, values, prune, maxDeletePercent, state, notify } = rest;
  const aws = makeAwsConfig(document, owner);
  if (!aws.ok) return aws;
  const stated = findStated(document, rest);
  const places = Object.fromEntries(
    Object.keys(document.value as Config).flatMap((key) =>
      document.has(`/${key}`) ? [[key, document.placeOf(`/${key}`)]] : [],
    ),
  );
  return {
    ok: true,
    value: {
      ...{ environment, owner, organization, ignore, limits, rateShare, allowedEndpointHosts },
      ...{ policy, values, prune, maxDeletePercent, state, notify, file, places, stated, aws: aws.value },
      manifests: stated.manifests === undefined ? rest.manifests : fromFolder(stated.manifests, file),
      catalog: stated.catalog === undefined ? null : fromFolder(stated.catalog, file),
      audit:
        stated.audit === undefined ? rest.audit : { ...rest.audit, file: fromFolder(stated.audit, file) },
    },
    diagnostics: aws.diagnostics,
  };
}

function findStated(
  document: YamlDocument,
  { manifests, catalog, audit }: Pick<Config, "manifests" | "catalog" | "audit">,
): StatedPaths {
  return {
    ...(document.has("/manifests") ? { manifests } : {}),
    ...(catalog === null ? {} : { catalog }),
    ...(document.has("/audit/file") ? { audit: audit.file } : {}),
  };
}

/** A config in the working directory states its paths as they are. */
function fromFolder(path: string, file: string): string {
  const folder = posix.dirname(file);
  return folder === "." || isAbsolute(path) ? path : posix.join(folder, path);
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
