// Which machine a process number belongs to: two containers, or two hosts of one name, number theirs apart.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What the system says of itself; a read that fails throws, as where there is no Linux. */
export interface MachineSources {
  readonly host: string;
  readonly read: (path: string) => string;
  readonly readLink: (path: string) => string;
}

export const systemSources: MachineSources = {
  host: hostname(),
  read: (path) => readFileSync(path, "utf8"),
  readLink: (path) => readlinkSync(path),
};

/**
 * Equal for two processes that see each other by their numbers, and for no others: on Linux the boot and the PID
 * namespace beside the host's name, elsewhere that name alone.
 */
export function describeMachine({ host, read, readLink }: MachineSources): string {
  const boot = attempt(() => read("/proc/sys/kernel/random/boot_id").trim());
  const namespace = attempt(() => readLink("/proc/self/ns/pid"));
  return [host, boot, namespace].filter((part) => part !== "").join(" ");
}

function attempt(ask: () => string): string {
  try {
    return ask();
  } catch {
    return "";
  }
}
