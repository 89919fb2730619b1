// Keeps the webhooks in a file, with few writes however quickly they change.
import type { Files } from "../lib/files.ts";
import { formatState, makeState, parseState, type SandboxState } from "./state.ts";

export interface StateFileOptions {
  readonly files: Pick<Files, "read" | "write">;
  /** Where the webhooks are kept; need not exist. */
  readonly statePath: string;
  /** Hears what the user should know: a state file that was set aside, a write that failed. */
  readonly onNotice?: (message: string) => void;
}

export interface StateFile {
  /** What the file held; the caller changes it in place. */
  readonly state: SandboxState;
  /** Resolves once all changes made before the call are on disk; rejects where the write failed. */
  save(): Promise<void>;
  /** Resolves when no write is under way or due; never rejects. */
  idle(): Promise<void>;
}

/** A file that makes no sense is set aside as `<statePath>.corrupt`; one that cannot be read rejects. */
export async function openStateFile(options: StateFileOptions): Promise<StateFile> {
  const { files, statePath } = options;
  const state = await readState(options);
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const write = (): Promise<void> => {
    next = undefined;
    running = files.write(statePath, formatState(state), stateFileMode);
    return running;
  };
  const idle = (): Promise<void> => (next ?? running).then(ignore, ignore);
  return {
    state,
    // One write at a time: all who ask while it is under way share the next, which saves all they changed.
    save: () => (next ??= idle().then(write)),
    idle,
  };
}

/** Endpoints may hold secrets in their query strings. */
const stateFileMode = 0o600;

async function readState(options: StateFileOptions): Promise<SandboxState> {
  const { files, statePath, onNotice } = options;
  const text = await readText(options);
  if (text === undefined) return makeState();
  const parsed = parseState(text);
  if (parsed.ok) return parsed.state;

  const asidePath = `${statePath}.corrupt`;
  await files.write(asidePath, text, stateFileMode);
  // Out of the way at once: left where it is, it would be found again by every command that changes nothing.
  await files.write(statePath, formatState(makeState()), stateFileMode);
  onNotice?.(
    `the sandbox's state in ${statePath} is unusable (${parsed.problem}): ` +
      `it is set aside as ${asidePath}, and the sandbox starts empty`,
  );
  return makeState();
}

async function readText({ files, statePath }: StateFileOptions): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await files.read(statePath));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function ignore(): void {
  // `save` has told whoever asked for the write.
}
