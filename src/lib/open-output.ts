// Standard output and standard error, so that no fault of theirs ends the process: a write under way still has to be recorded.
import type { Output } from "./output.ts";

export interface OutputSettings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with the first fault that is not the reader's going away. */
  readonly onFault: (error: Error) => void;
}

export function openOutput(stream: NodeJS.WriteStream, { environment, onFault }: OutputSettings): Output {
  const isTerminal = stream.isTTY;
  const { NO_COLOR, FORCE_COLOR } = environment;
  let isBroken = false;
  let isTold = false;
  // Without a listener, Node ends the process. The log writes to the stream as well, and its faults come here too.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    isBroken = true;
    if (isTold || gone.has(error.code ?? "")) return;
    isTold = true;
    onFault(error);
  });
  return {
    write: (text) => void stream.write(text),
    flushed: () =>
      new Promise((resolve) => {
        stream.write("", (error) => {
          resolve(!error && !isBroken);
        });
      }),
    isTerminal,
    colours: !NO_COLOR && (isTerminal || Boolean(FORCE_COLOR)),
    columns: stream.columns || 100,
  };
}

/** The reader has gone, as after `| head`: a pipe or a socket is closed, or the terminal has hung up. */
const gone: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET", "EIO"]);
