// A command with `--output json`, and what its result says of operations and diagnostics.
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { Result } from "../../src/model/result.ts";
import { runWorld, type WorldOptions } from "./world.ts";

export async function seeWorld({ argv, ...options }: WorldOptions) {
  const words = typeof argv === "string" ? argv.split(" ").filter(Boolean) : argv;
  const run = await runWorld({ argv: [...words, "--output", "json"], ...options });
  const result = JSON.parse(run.out) as Result;
  const of = (severity: Diagnostic["severity"]): readonly string[] => [
    ...new Set(result.diagnostics.filter((one) => one.severity === severity).map(({ code }) => code)),
  ];
  return {
    ...run,
    result,
    /** Each operation, as `create alpha applied`. */
    became: result.operations.map(({ action, group, status }) => `${action} ${group} ${status}`),
    /** The codes of errors, each once. */
    codes: of("error"),
    /** The same of warnings. */
    warnings: of("warning"),
    /** The diagnostics of this code. */
    about: (code: string) => result.diagnostics.filter((one) => one.code === code),
  };
}
