// What a version of Git can be told.

/** The first patch of each older series that got GIT_NO_LAZY_FETCH, by its minor version: they got it with a security release. */
const firstPatch: Readonly<Record<number, number>> = { 39: 4, 40: 2, 41: 1, 42: 2, 43: 4, 44: 1 };

/**
 * `said`: what `git version` says, such as `git version 2.39.5 (Apple Git-154)`. False also where it says no version.
 * A Git that knows GIT_NO_LAZY_FETCH knows safe.bareRepository, too, which came with 2.38.
 */
export function canStayOffline(said: string): boolean {
  const [, major, minor, patch] = (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(said) ?? []).map(Number);
  if (major === undefined || minor === undefined) return false;
  if (major !== 2) return major > 2;
  const first = firstPatch[minor];
  return first === undefined ? minor >= 45 : patch !== undefined && patch >= first;
}
