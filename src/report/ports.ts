// What a report is written with: the two streams, and the files and variables by which GitHub Actions takes one.
import type { Output } from "../lib/output.ts";
import type { Deps } from "../model/deps.ts";

export interface ReportPorts extends Pick<Deps, "files" | "random"> {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of reconcile. */
  readonly version: string;
}
