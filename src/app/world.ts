// The terminal and the process of a command, as parameters beside Deps.
import type { FolderKeeping, GitPlace } from "../git/git-source.ts";
import type { Provenance, Repository } from "../git/provenance.ts";
import type { FindAncestry } from "../git/ancestry.ts";
import type { FetchedRevision, Revision } from "../git/revision-files.ts";
import type { WorkingTree } from "../git/working-tree.ts";
import type { Processes } from "../lib/lock.ts";
import type { Input } from "../lib/input.ts";
import type { Output } from "../lib/output.ts";
import type { AwsSettings } from "../aws/open-aws.ts";
import type { MakeDriver } from "../genesys/driver.ts";
import type { AwsAccess, AwsApi } from "../model/aws-api.ts";
import type { Deps } from "../model/deps.ts";
import type { Kind, Kinds } from "../model/kind.ts";
import type { SharedStore, StateKey } from "../state/shared-store.ts";
import type { StateRemote } from "../state/state-remote.ts";
import type { LogSettings } from "./log.ts";
import type { StoreChecks } from "./store-checks.ts";
import type { StoreChoice } from "./store-choice.ts";

export interface World extends Omit<Deps, "log" | "send"> {
  /** The kinds of resource that can deliver events. */
  readonly kinds: Kinds;
  /** Loads the driver of each kind, which reads and writes its resources. */
  readonly openDrivers: () => Promise<ReadonlyMap<Kind, MakeDriver>>;
  /** The arguments without the program's own name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Opens the network; the variables may name a proxy. A request may take as long as the platform needs, or less. */
  readonly openSend: (
    proxies: World["environment"],
    limits?: { readonly requestTimeoutMs: number },
  ) => Deps["send"];
  /** Opens AWS, which is loaded at the first call. */
  readonly openAws: (access: AwsAccess, settings: AwsSettings) => AwsApi;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Opens the log on stderr. */
  readonly openLog: (settings: LogSettings) => Promise<Deps["log"]>;
  /** Finds who runs the command, and the commit of the manifests in a folder. */
  readonly provenance: (directory: string) => Promise<Provenance>;
  /** Tells which commits are ancestors of the present one. Rejects with ReconcileError `git/refused`, `git/tooOld`. */
  readonly findAncestry: FindAncestry;
  /** Finds the Git repository that holds the working directory. */
  readonly repository: () => Promise<Repository>;
  /** Opens Git's working tree, to put manifests back as they were. */
  readonly workingTree: () => Promise<WorkingTree>;
  /** Opens the files of a Git revision. Rejects with ReconcileError `base/…`. */
  readonly openRevision: (ref: string) => Promise<Revision>;
  /** Fetches the newest files of a remote repository into a folder. Rejects with ReconcileError `git/…`. */
  readonly fetchRevision: (
    place: GitPlace,
    directory: string,
    keeping: FolderKeeping,
  ) => Promise<FetchedRevision>;
  /** Opens the shared store that the config names. Rejects with ReconcileError `state/…`, `secret/…`. */
  readonly openStore: (choice: StoreChoice) => Promise<SharedStore>;
  /**
   * Looks at that store without changing it; `key` is null where the organisation is not known. Rejects with ReconcileError
   * `secret/…`, `state/addressMissing`.
   */
  readonly checkStore: (choice: StoreChoice, key: StateKey | null) => Promise<StoreChecks>;
  readonly stateRemote: StateRemote;
  readonly version: string;
  /** Such as `20.19.0`. */
  readonly nodeVersion: string;
  readonly processes: Processes;
  readonly service: Service;
}

/** The parts of the world that only a daemon needs. */
export interface Service {
  /** Serves HTTP on an address. Throws ReconcileError `http/cannotListen`. */
  readonly listen: (fetch: Fetch, address: Address) => Promise<Listening>;
  /** Calls `onChange` for each change of the files and folders, and `onError` if it may miss changes. */
  readonly watchPaths: (
    toWatch: PathsToWatch,
    onChange: () => void,
    onError: (error: unknown) => void,
  ) => Watched;
  /** Calls `action` for each SIGHUP. Returns the function that stops this. */
  readonly onHangup: (action: () => void) => () => void;
}

export interface PathsToWatch {
  /** Folders and files, whether or not they exist yet. */
  readonly paths: readonly string[];
  /** Whether something below the first of the paths is not watched; it takes the path from there on. */
  readonly isIgnored: (below: string) => boolean;
}

export interface Address {
  readonly host: string;
  /** With 0 the system picks a free port. */
  readonly port: number;
}

export interface Listening {
  /** Such as `http://127.0.0.1:9464`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export type Fetch = (request: Request) => Response | Promise<Response>;

export interface Watched {
  /** Resolves once the watcher reports changes; never rejects. */
  readonly ready: Promise<void>;
  readonly close: () => Promise<void>;
}
