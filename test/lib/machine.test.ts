// Which machine a process number belongs to.
import { expect, test } from "vitest";
import { describeMachine, systemSources, type MachineSources } from "../../src/lib/machine.ts";

const bootPath = "/proc/sys/kernel/random/boot_id";

function sources(more: Partial<Record<"host" | "boot" | "namespace", string>>): MachineSources {
  const { host = "host", boot = "boot-1", namespace = "pid:[1]" } = more;
  return {
    host,
    read: (path) => (path === bootPath ? `${boot}\n` : ""),
    readLink: (path) => (path === "/proc/self/ns/pid" ? namespace : ""),
  };
}

test("the same machine is the same, whoever asks", () => {
  expect(describeMachine(sources({}))).toBe("host boot-1 pid:[1]");
  expect(describeMachine(systemSources)).toBe(describeMachine(systemSources));
  expect(describeMachine(systemSources)).toContain(systemSources.host);
});

test("another boot, another PID namespace or another name is another machine", () => {
  const machines = [{}, { host: "other" }, { boot: "boot-2" }, { namespace: "pid:[2]" }].map((more) =>
    describeMachine(sources(more)),
  );
  expect(new Set(machines).size).toBe(4);
});

test("where there is no Linux, the name alone tells machines apart", () => {
  const nothing = (): string => {
    throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  };
  expect(describeMachine({ host: "host", read: nothing, readLink: nothing })).toBe("host");
});
