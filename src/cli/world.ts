// The terminal and the process around a command, as parameters beside Deps.
import type { Address, Fetch, Listening } from "../daemon/listen.ts";
import type { Watched, watchPaths } from "../daemon/watch-paths.ts";
import type { Processes } from "../lib/lock.ts";
import type { ReadableFiles } from "../manifest/read.ts";
import type { Deps } from "../model/deps.ts";
import type { LogSettings } from "./log.ts";

export interface World extends Omit<Deps, "log" | "send"> {
  /** Without the program's own name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The network; the variables may name a proxy. */
  readonly openSend: (proxies: World["environment"]) => Deps["send"];
  readonly stdout: Output;
  readonly stderr: Output;
  /** Logs on stderr. */
  readonly openLog: (settings: LogSettings) => Promise<Deps["log"]>;
  /** Who runs this, and the commit of the manifests in a folder. */
  readonly provenance: (directory: string) => Promise<{ actor: string; commit: string | null }>;
  /** The Git repository around the working directory. */
  readonly repository: () => Promise<Repository>;
  /** The files of a Git revision. Rejects with ReconcileError `base/…`. */
  readonly openRevision: (ref: string) => Promise<Revision>;
  /** The newest files of a repository elsewhere, kept in a folder. Rejects with ReconcileError `git/…`. */
  readonly fetchRevision: (place: GitPlace, directory: string) => Promise<Revision>;
  readonly version: string;
  /** `20.19.0`. */
  readonly nodeVersion: string;
  readonly processes: Processes;
  readonly service: Service;
}

/** What only a daemon needs. */
export interface Service {
  /** Puts HTTP on an address. Throws ReconcileError `http/cannotListen`. */
  readonly listen: (fetch: Fetch, address: Address) => Promise<Listening>;
  readonly watchPaths: (...given: Parameters<typeof watchPaths>) => Watched;
  /** Calls for each SIGHUP. Returns what ends it. */
  readonly onHangup: (action: () => void) => () => void;
}

export interface GitPlace {
  readonly url: string;
  /** A branch or a tag; null for the repository's own. */
  readonly ref: string | null;
}

export interface Revision {
  readonly commit: string;
  /** Paths are those of the work tree. */
  readonly files: ReadableFiles;
}

export interface Repository {
  /** Fit to be an owner; without Git, the folder's. */
  readonly name: string;
  /** The branch that is merged into: origin's, else the current one; null without Git. */
  readonly branch: string | null;
  /** Of the working directory in the repository, as `a/b`; empty at its root and without Git. */
  readonly folder: string;
}

export interface Output {
  write(text: string): void;
  /** Resolves once all that was written has left this process; false where its reader has gone. */
  flushed(): Promise<boolean>;
  readonly isTerminal: boolean;
  /** Colours wanted and possible. */
  readonly colours: boolean;
  readonly columns: number;
}
