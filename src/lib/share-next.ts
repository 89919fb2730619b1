// Bounds how often something costly is done for many callers.

/** Callers during a call share the call that follows it, so no answer is older than its caller's question. */
export function shareNext<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    next = undefined;
    const answer = ask();
    running = answer;
    return answer;
  };
  return () => (next ??= running.then(start, start));
}
