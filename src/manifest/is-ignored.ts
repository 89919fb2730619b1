// Compares a path below the folder of the manifests with the patterns of the config's `ignore`.
import { posix } from "node:path";
import { matchGlob } from "../lib/match-glob.ts";

/** `below`: the path of a file or folder from the folder of the manifests on. */
export function isIgnored(below: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchGlob(below, posix.normalize(pattern).replace(/\/$/, "")));
}
