// Keeps the sandbox's state in a file, with few writes however often it changes.
import type { Files } from "../lib/files.ts";
import { setAside } from "../lib/set-aside.ts";
import type { SandboxResource } from "./resource.ts";
import { formatState, parseState } from "./state-text.ts";
import { makeState, type SandboxState } from "./state.ts";

export interface StateFileOptions {
  readonly files: Pick<Files, "read" | "write" | "create">;
  /** The file that holds the state; it need not exist. */
  readonly statePath: string;
  /** Default: webhooks, integrations and triggers. */
  readonly resources?: readonly SandboxResource[];
  /** Receives messages for the user: the state file was moved aside, or a write failed. */
  readonly onNotice?: (message: string) => void;
}

export interface StateFile {
  /** The state that the file held; the caller changes it in place. */
  readonly state: SandboxState;
  /** Resolves once all changes made before the call are on disk; rejects if the write failed. */
  save(): Promise<void>;
  /** Resolves when no write is under way or due; never rejects. */
  idle(): Promise<void>;
}

/**
 * Moves a file with unusable content aside as `<statePath>.corrupt`, or to the next free name. Rejects if the file cannot be
 * read.
 */
export async function openStateFile(options: StateFileOptions): Promise<StateFile> {
  const { files, statePath, resources } = options;
  const state = await readState(options);
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const write = (): Promise<void> => {
    next = undefined;
    running = files.write(statePath, formatState(state, resources), { mode: stateFileMode });
    return running;
  };
  const idle = (): Promise<void> => (next ?? running).then(ignore, ignore);
  return {
    state,
    // Only one write runs at a time. Callers during a write share the next one, which saves all their changes.
    save: () => (next ??= idle().then(write)),
    idle,
  };
}

/** A hundred thousand webhooks fit; a string of JavaScript holds twice as much. */
const maxStateBytes = 256 * 1024 * 1024;
/** Endpoints may hold secrets in their query strings. */
const stateFileMode = 0o600;

async function readState(options: StateFileOptions): Promise<SandboxState> {
  const { files, statePath, resources, onNotice } = options;
  const bytes = await readBytes(options);
  if (bytes === undefined) return makeState();
  const parsed = parseState(new TextDecoder().decode(bytes), resources);
  if (parsed.ok) return parsed.state;

  const asidePath = await setAside(files, `${statePath}.corrupt`, bytes);
  // The unusable file is replaced at once; otherwise each command that changes nothing would find it again.
  await files.write(statePath, formatState(makeState(), resources), { mode: stateFileMode });
  onNotice?.(
    `the sandbox's state in ${statePath} is unusable (${parsed.problem}): ` +
      `it is set aside as ${asidePath}, and the sandbox starts empty`,
  );
  return makeState();
}

async function readBytes({ files, statePath }: StateFileOptions): Promise<Uint8Array | undefined> {
  try {
    return await files.read(statePath, maxStateBytes);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function ignore(): void {
  // `save` has already rejected for the callers that asked for the write.
}
