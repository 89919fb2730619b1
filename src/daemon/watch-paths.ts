// Reports when something below the manifests' folder, or a file beside it, may have changed.
import { statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { watch } from "chokidar";
import type { PathsToWatch, Watched } from "../app/world.ts";

/**
 * `onChange` may be called more often than something changes. After `onError` changes may go unnoticed, for example when
 * the system has no watches left.
 */
export function watchPaths(
  { paths, isIgnored }: PathsToWatch,
  onChange: () => void,
  onError: (error: unknown) => void,
): Watched {
  const wanted = paths.map((path) => resolve(path));
  // Only a watch on the parent folder notices that a branch switch or a mount replaces a whole folder.
  const above = new Set(wanted.map((path) => dirname(path)));
  const [folder = ""] = wanted;
  const isSkipped = (path: string): boolean =>
    path.startsWith(`${folder}/`) && isIgnored(relative(folder, path));
  const inside = (path: string): boolean =>
    (wanted.some((root) => path === root || path.startsWith(`${root}/`)) && !isSkipped(path)) ||
    above.has(path);
  const settings = { ignoreInitial: true, ignored: (path: string) => !inside(path) || isHidden(path) };
  let watcher = watch([...above], settings);
  let restarting: Promise<unknown> = Promise.resolve();
  const listen = (): Promise<void> => {
    watcher.on("all", onChange).on("error", onError).on("raw", look);
    return new Promise((done) => {
      watcher.once("ready", done);
    });
  };
  /** When another folder takes a folder's place, the watch stays on the old one: so all watches are made anew. */
  const look = (event: string, name: string, more: unknown): void => {
    const { watchedPath = "" } = more as { readonly watchedPath?: string };
    const path = resolve(watchedPath, name);
    if (event !== "rename" || !inside(path) || above.has(path) || !isFolder(path)) return;
    onChange();
    const old = watcher;
    watcher = watch([...above], settings);
    restarting = Promise.all([restarting, old.close(), listen().then(onChange)]);
  };
  return {
    ready: listen(),
    close: async () => {
      await watcher.close();
      await restarting;
    },
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // The path has gone again, or never existed: for a watched file, the event joins the file's own name to its path.
    return false;
  }
}

function isHidden(path: string): boolean {
  return /[/\\]\.git(?:[/\\]|$)/.test(path);
}
