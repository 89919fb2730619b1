// Tells by its version whether this Git can be kept from fetching.

/** By minor version, the first patch of an older series with GIT_NO_LAZY_FETCH, which came with a security release. */
const firstPatch: Readonly<Record<number, number>> = { 39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1 };

/**
 * `output` is that of `git version`, such as `git version 2.39.5 (Apple Git-154)`. False also if it holds no version.
 * A Git with GIT_NO_LAZY_FETCH has safe.bareRepository, too, which came with 2.38.
 */
export function canStayOffline(output: string): boolean {
  const [, major, minor, patch] = (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(output) ?? []).map(Number);
  if (major === undefined || minor === undefined) return false;
  if (major !== 2) return major > 2;
  const first = firstPatch[minor];
  return first === undefined ? minor >= 45 : patch !== undefined && patch >= first;
}
