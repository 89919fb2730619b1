// Runs what most people run, and keeps what V8 compiled of each part of the program beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The later a command runs, the more of what it needs is kept. */
const commands = [["--help"], ["validate"], ["plan"], []];

/** The commands run with the example manifests, against the embedded Genesys Cloud on a loopback port. */
export async function keepCompiled(command) {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-build-"));
  const start = (args, env) =>
    spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...env } });
  const platform = start([resolve(command), "sandbox"]);
  try {
    cpSync("subscriptions", join(folder, "subscriptions"), { recursive: true });
    const [printed] = await once(platform.stdout.setEncoding("utf8"), "data");
    const environment = Object.fromEntries(
      [...printed.matchAll(/^(\w+)=(.*)$/gm)].map(([, ...pair]) => pair),
    );
    const recorder = join(import.meta.dirname, "record-compiled.cjs");
    for (const args of commands) {
      const child = start([recorder, resolve(command), ...args], environment);
      const said = [child.stdout, child.stderr].map((stream) => stream.setEncoding("utf8").toArray());
      const [status] = await once(child, "close");
      if (status !== 0)
        throw new Error(`${args.join(" ")} ends with ${status}: ${(await Promise.all(said)).join("")}`);
    }
  } finally {
    platform.kill();
    await once(platform, "close");
    rmSync(folder, { recursive: true });
  }
}
