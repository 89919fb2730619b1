// Programs that are not everywhere: a test that needs one is skipped with words, or fails where it has to be there.
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { accessSync, constants } from "node:fs";
import type { TestContext } from "vitest";

/** Its name in the variable `REQUIRE_…` that makes it a must: `promtool`, `systemd-analyze`. */
export function need(program: string, { skip }: TestContext): void {
  if (isInstalled(program)) return;
  const variable = `REQUIRE_${program.toUpperCase().replaceAll("-", "_")}`;
  if (process.env[variable] === "1") throw new Error(`${variable}=1, but ${program} is not installed`);
  skip(`${program} is not installed`);
}

/** All that it printed; throws with it where it failed. */
export function runProgram(program: string, words: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(program, words, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
