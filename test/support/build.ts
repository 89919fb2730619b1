// Builds the command before all tests if a source is newer, so that the tests always run the present sources.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export function setup(): void {
  const builtMs = statSync(join(root, "dist/reconcile.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isStale = sourceFiles().some((path) => statSync(path).mtimeMs > builtMs);
  if (isStale) execFileSync(process.execPath, ["scripts/build.mjs"], { cwd: root, stdio: "ignore" });
}

function sourceFiles(): string[] {
  return ["src", "schemas"].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      // The build itself writes the files of these folders, so they do not make it outdated.
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("generated"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
}
