// The terminal and the process around a command, as parameters beside Deps.
import type { GitPlace } from "../git/git-source.ts";
import type { Provenance, Repository } from "../git/provenance.ts";
import type { Revision } from "../git/revision-files.ts";
import type { WorkingTree } from "../git/working-tree.ts";
import type { Processes } from "../lib/lock.ts";
import type { Output } from "../lib/output.ts";
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
