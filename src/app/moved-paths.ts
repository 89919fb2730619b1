// Finds paths of the config that meant something else in earlier versions, which read them from the working directory on
// and not from the config's folder on. Manifests that are not found look deleted, and a trail would begin anew.
import { basename, dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import { findFiles, type SearchableFiles } from "../manifest/find-files.ts";
import type { Files } from "../lib/files.ts";
import { isWithin } from "../lib/is-within.ts";
import type { Config, StatedPaths } from "../model/config.ts";
import { nowhere, type Diagnostic } from "../model/diagnostic.ts";

export type MovableFiles = SearchableFiles & Pick<Files, "entryKind">;

type Key = keyof StatedPaths;

const rows: Readonly<
  Record<Key, { readonly key: string; readonly what: string; readonly line: (path: string) => string }>
> = {
  manifests: { key: "manifests", what: "manifests", line: (path) => `manifests: ${path}` },
  catalog: { key: "catalog", what: "catalogue", line: (path) => `catalog: ${path}` },
  audit: { key: "audit.file", what: "trail", line: (path) => `audit: { file: ${path} }` },
};

/** Returns an error for each of these paths at which there is something if it is read as it was before. */
export async function findMovedPaths(
  config: Config,
  keys: readonly Key[],
  files: MovableFiles,
): Promise<readonly Diagnostic[]> {
  const here = await files.realPath(".");
  const folder = resolve(here, dirname(config.file));
  const found = await Promise.all(
    keys.map(async (key) => {
      const stated = config.stated[key];
      if (stated === undefined || isAbsolute(stated)) return [];
      const [now, before] = [resolve(folder, stated), resolve(here, stated)];
      if (now === before || !isWithin(before, here) || !(await holds(key, before, files))) return [];
      const both = await holds(key, now, files);
      return [movedPath(config, { key, stated, here, folder, both })];
    }),
  );
  return found.flat();
}

async function holds(key: Key, path: string, files: MovableFiles): Promise<boolean> {
  if (key === "manifests") return (await findFiles(path, files)).found.size > 0;
  return (await files.entryKind(path).catch(() => null)) !== null;
}

interface MovedPath {
  readonly key: Key;
  readonly stated: string;
  readonly here: string;
  readonly folder: string;
  /** Whether there is something in the new place, too. */
  readonly both: boolean;
}

function movedPath(config: Config, { key, stated, here, folder, both }: MovedPath): Diagnostic {
  const { what, line, key: name } = rows[key];
  const isPlural = key === "manifests";
  const [now, before] = [resolve(folder, stated), resolve(here, stated)];
  const is = `${name}: ${stated} is ${show(relative(here, now))}, beside the config`;
  const at = `in ${show(relative(here, before))}, below the working directory`;
  const there = isPlural ? `there are ${what}` : `there is a ${what}`;
  const message = both
    ? `${is}, but ${there} ${at}, too`
    : `${is}, where no ${what} ${isPlural ? "are; they are" : "is; it is"} ${at}`;
  const old = `\`${line(show(relative(folder, before)))}\``;
  // This way round through the folder's own name, the line cannot mean a path below the working directory.
  const own = `\`${line(posix.join("..", basename(folder), stated))}\``;
  const those = isPlural ? ["those", "the others"] : ["the one", "the other"];
  const write = both
    ? `${own} for ${those[0] ?? ""} beside the config, or ${old} for ${those[1] ?? ""}`
    : old;
  const hint = `write ${write}: a path in the config is relative to the config's folder`;
  const place = config.places[key];
  return { severity: "error", code: `${key}/moved`, message, hint, ...nowhere, ...place };
}

function show(path: string): string {
  return path.split(sep).join("/");
}
