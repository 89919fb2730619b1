// Identifies the machine that a process number belongs to. Containers, and hosts with the same name, number separately.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Functions that read facts about the system; a read throws if it fails, as it does without Linux. */
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
 * The text is the same for two processes only if each can see the other by its process number. On Linux it holds the
 * host's name, the boot and the PID namespace, elsewhere only the name.
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
