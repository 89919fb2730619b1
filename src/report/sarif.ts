// Shows diagnostics as SARIF 2.1.0, for code scanning: those about a file become results at their places, all others
// notifications about the run.
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { Result } from "../model/result.ts";
import { plainJson } from "../lib/plain.ts";

type Json = Readonly<Record<string, unknown>>;

/** Returns JSON that ends with a line break; without diagnostics it is a run without results. */
export function showSarif(
  { diagnostics, ok }: Pick<Result, "diagnostics" | "ok">,
  version: string,
): string {
  const placed = diagnostics.filter(({ file }) => file !== null);
  const codes = [...new Set(placed.map(({ code }) => code))];
  const files = [...new Set(placed.map(({ file }) => file ?? ""))];
  const others = diagnostics.filter(({ file }) => file === null);
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "reconcile",
            version,
            rules: codes.map((code) => ruleOf(code, placed)),
            notifications: [...new Set(others.map(({ code }) => code))].map((id) => ({ id })),
          },
        },
        invocations: [
          {
            executionSuccessful: ok || others.every(({ severity }) => severity !== "error"),
            toolExecutionNotifications: others.map(({ code, severity, ...text }) => ({
              descriptor: { id: code },
              level: severity,
              message: { text: textOf(text) },
            })),
          },
        ],
        columnKind: "utf16CodeUnits",
        artifacts: files.map((file) => ({ location: locationOf(file) })),
        results: placed.map(({ code, severity, file, line, column, ...text }): Json => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: textOf(text) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { ...locationOf(file ?? ""), index: files.indexOf(file ?? "") },
                region: { startLine: line ?? 1, startColumn: column ?? 1 },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${plainJson(JSON.stringify(log, null, 2))}\n`;
}

/** Describes a rule by its code: `eventTypes/tooMany` becomes `eventTypes: too many`. */
function ruleOf(id: string, diagnostics: readonly Diagnostic[]): Json {
  const [key = id, fault = ""] = id.split("/");
  const words = fault.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const isError = diagnostics.some(({ code, severity }) => code === id && severity === "error");
  return {
    id,
    shortDescription: { text: words === "" ? key : `${key}: ${words}` },
    help: {
      text: `reconcile found a problem with ${key}. Each result says what is wrong and how to fix it; \`reconcile validate\` shows all of them, with their lines.`,
    },
    defaultConfiguration: { level: isError ? "error" : "warning" },
  };
}

function textOf({ message, hint }: Pick<Diagnostic, "message" | "hint">): string {
  return hint === null ? message : `${message}; ${hint}`;
}

/** Returns a location relative to the root of the repository, as the file's path is. */
function locationOf(file: string): Json {
  if (isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split("/").map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}
