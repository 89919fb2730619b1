// Reads one line of a stream, such as the answer to a question.
import { createInterface } from "node:readline";

/** Returns null at the end of the stream, and once `stop` fires. Never rejects. */
export async function readLineOf(stream: NodeJS.ReadableStream, stop: AbortSignal): Promise<string | null> {
  if (stop.aborted || !stream.readable) return null;
  const lines = createInterface({ input: stream });
  try {
    return await new Promise((resolve) => {
      const end = (): void => {
        resolve(null);
      };
      lines.once("line", resolve).once("close", end).on("error", end);
      stream.once("error", end);
      stop.addEventListener("abort", end, { once: true });
    });
  } finally {
    lines.close();
  }
}
