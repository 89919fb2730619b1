// Types of the ports of a report: the two streams, and the files and variables through which GitHub Actions reads it.
import type { Output } from "../lib/output.ts";
import type { Kinds } from "../model/kind.ts";
import type { Deps } from "../model/deps.ts";

export interface ReportPorts extends Pick<Deps, "files" | "random"> {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly kinds: Kinds;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Returns the path of the working directory in its repository, as `a/b`; empty at the root and without Git. */
  readonly repository: () => Promise<{ readonly folder: string }>;
  /** The version of reconcile. */
  readonly version: string;
}
