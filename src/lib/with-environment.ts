// Passes variables to a library that reads only process.env.

/** Runs `action` with `variables` as process.env. `action` must be synchronous, so that no other code sees them. */
export function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  action: () => T,
): T {
  const real = process.env;
  process.env = { ...variables };
  try {
    return action();
  } finally {
    process.env = real;
  }
}
