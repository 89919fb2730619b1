// For libraries that look at process.env and at nothing else.

/** What `look` sees as process.env is `variables`, and nobody else sees them: it must not wait for anything. */
export function withEnvironment<T>(
  variables: Readonly<Record<string, string | undefined>>,
  look: () => T,
): T {
  const real = process.env;
  process.env = { ...variables };
  try {
    return look();
  } finally {
    process.env = real;
  }
}
