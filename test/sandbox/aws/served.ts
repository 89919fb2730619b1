// Serves a state on a loopback port, from its state file as any other start would.
import { systemRandom } from "../../../src/lib/random.ts";
import { startSandbox, type Sandbox } from "../../../src/sandbox/server.ts";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import { formatState } from "../../../src/sandbox/state-text.ts";
import type { SandboxState } from "../../../src/sandbox/state.ts";
import { makeMemoryFiles } from "../memory-files.ts";

export async function startServed(state: SandboxState, quirks: SandboxQuirks = {}): Promise<Sandbox> {
  const statePath = "/state/sandbox.json";
  const files = makeMemoryFiles();
  files.texts.set(statePath, formatState(state));
  const clock = { now: () => Date.now() };
  return startSandbox({ files, clock, random: systemRandom, statePath, port: 0, quirks });
}
