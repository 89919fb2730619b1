// Puts a command's result where it belongs: the result on stdout, annotations on stderr when GitHub runs it.
import type { Result } from "../../model/result.ts";
import type { World } from "../world.ts";
import { showAnnotations, showDiagnostics } from "./diagnostics.ts";
import { showJson } from "./json.ts";

export interface ReportOptions {
  readonly output: "text" | "json";
  /** The text of the result, shown before its diagnostics; empty where there is none. */
  readonly text: string;
}

/** Returns the exit status: 0, or 1 where something is wrong. */
export async function report(result: Result, options: ReportOptions, world: World): Promise<number> {
  if (options.output === "json") world.stdout.write(showJson(result));
  else {
    world.stdout.write(await showDiagnostics(result.diagnostics, world.files, world.stdout.colours));
    world.stdout.write(options.text);
  }
  if (world.environment["GITHUB_ACTIONS"]) world.stderr.write(showAnnotations(result.diagnostics));
  return result.ok ? 0 : 1;
}
