// Runs what most people run, and keeps what V8 compiled of each part of the program beside it.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The commands run in an empty folder with the example manifests; the last ones have most of the code. */
export function keepCompiled(command) {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-build-"));
  try {
    cpSync("subscriptions", join(folder, "subscriptions"), { recursive: true });
    for (const args of [["--help"], ["validate"], ["--sandbox"], ["plan", "--sandbox"]]) {
      const recorder = [join(import.meta.dirname, "record-compiled.cjs"), resolve(command), ...args];
      const { status, stderr } = spawnSync(process.execPath, recorder, { cwd: folder, encoding: "utf8" });
      if (status !== 0) throw new Error(`reconcile ${args.join(" ")} ends with ${status}: ${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
