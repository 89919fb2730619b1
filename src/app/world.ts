// The terminal and the process around a command, as parameters beside Deps.
import type { Processes } from "../lib/lock.ts";
import type { Output } from "../lib/output.ts";
import type { ReadableFiles } from "../manifest/read.ts";
import type { Deps } from "../model/deps.ts";
import type { ReconcileError } from "../model/errors.ts";
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
  readonly provenance: (directory: string) => Promise<Provenance>;
  /** The Git repository around the working directory. */
  readonly repository: () => Promise<Repository>;
  /** Git's side of the manifests. */
  readonly workingTree: () => Promise<WorkingTree>;
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
  /** Calls `onChange` for each change of the files and folders, and `onError` where changes may go unseen. */
  readonly watchPaths: (
    paths: readonly string[],
    onChange: () => void,
    onError: (error: unknown) => void,
  ) => Watched;
  /** Calls for each SIGHUP. Returns what ends it. */
  readonly onHangup: (action: () => void) => () => void;
}

export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Listening {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface Watched {
  /** Resolves once changes are seen; never rejects. */
  readonly ready: Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Provenance {
  readonly actor: string;
  readonly commit: string | null;
  /** Why Git was not asked for the commit: `git/tooOld`. */
  readonly refusal?: ReconcileError;
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

/** Paths are relative to the working directory. All reject with Git's words where it does not do as asked. */
export interface WorkingTree {
  /** The commit's first parent; null where it has none here. Never rejects. */
  parentOf(commit: string): Promise<string | null>;
  /** Which of the files differ from the last commit, or are not in Git. */
  edited(paths: readonly string[]): Promise<readonly string[]>;
  /** Which of the files the commit has. */
  filesAt(commit: string, paths: readonly string[]): Promise<readonly string[]>;
  /** Puts the files as the commit has them; those that it does not have are removed. */
  restore(commit: string, paths: readonly string[]): Promise<void>;
}
