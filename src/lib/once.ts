// Runs an action once, however often it is called.

/** Each later call returns what the first one does, whatever it is called with. */
export function once<Given extends readonly unknown[], T>(
  run: (...given: Given) => Promise<T>,
): (...given: Given) => Promise<T> {
  let running: Promise<T> | undefined;
  return (...given) => (running ??= run(...given));
}
