// What a session hands to a pass: the ports that a pass works by, and nothing else of the process around it.
import { expect, test } from "vitest";
import { readSettings } from "../../src/app/pass-settings.ts";
import { runSession } from "../../src/app/session.ts";
import { ReconcileError } from "../../src/model/errors.ts";
import { makeWorld } from "../support/world.ts";

test("a pass gets no variables, no arguments, no terminal and no network of its own", async () => {
  const world = makeWorld({ argv: "sync --adopt", files: {} });
  const settings = await readSettings({}, world);
  const names: string[] = [];
  const around = {
    task: "sync",
    flags: { deadline: 60 },
    world,
    progress: { show: () => undefined, clear: () => undefined },
  };
  await runSession(settings, around, (ports) => {
    names.push(...Object.keys(ports));
    return Promise.reject(new ReconcileError("test/seen", "the ports have been looked at"));
  });
  expect(names.sort()).toEqual([
    "clock",
    "confirmAccount",
    "driverOf",
    "files",
    "findAncestry",
    "interrupted",
    "kinds",
    "lease",
    "log",
    "onError",
    "onProgress",
    "openCommit",
    "organization",
    "platformNow",
    "provenance",
    "random",
    "readTopics",
    "runId",
  ]);
});

test("a session that a daemon runs stops by the daemon's signal, and writes to the daemon's log", async () => {
  const world = makeWorld({ argv: "watch", files: {} });
  const settings = await readSettings({}, world);
  const stop = new AbortController();
  const logged: string[] = [];
  const source = {
    task: "watch",
    flags: { deadline: 60 },
    world,
    interrupted: stop.signal,
    log: (level: string, message: string) => void logged.push(`${level}: ${message}`),
    progress: { show: () => undefined, clear: () => undefined },
  };
  const stopped: boolean[] = [];
  await runSession(settings, source, ({ interrupted, log }) => {
    stopped.push(interrupted.aborted);
    stop.abort();
    stopped.push(interrupted.aborted);
    log("warn", "stopped");
    return Promise.resolve({ diagnostics: [] });
  });
  expect([stopped, logged, world.logged]).toEqual([[false, true], ["warn: stopped"], []]);
});
