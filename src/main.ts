// Builds the world (clock, disk, network, streams), runs the command line in it, and ends the process.
import { setMaxListeners } from "node:events";
import { isatty } from "node:tty";
import { systemClock } from "./lib/clock.ts";
import { diskFiles } from "./lib/files.ts";
import { describeMachine, systemSources } from "./lib/machine.ts";
import { systemRandom } from "./lib/random.ts";
import type { Log } from "./model/deps.ts";
import { once } from "./lib/once.ts";
import { openOutput } from "./lib/open-output.ts";
import type { World } from "./app/world.ts";
import { run } from "./cli/run.ts";
import { builtInKinds } from "./kinds/registry.ts";
import manifest from "../package.json" with { type: "json" };

/** If `stdout` is faulty, its text is not whole, and a command that did all its work must not claim success by its status. */
const faulty = new Set<"stdout">();
const stderr = openOutput(process.stderr, {
  environment: process.env,
  onFault: (error) => {
    // A program may read stdout, so there only a person is told.
    if (stdout.isTerminal) stdout.write(sayFault("stderr", error));
  },
});
const stdout = openOutput(process.stdout, {
  environment: process.env,
  onFault: (error) => {
    faulty.add("stdout");
    stderr.write(sayFault("stdout", error));
  },
});

const interrupt = new AbortController();
// Each pending wait adds a listener, so there may be many at once.
setMaxListeners(0, interrupt.signal);
/** Set when a command starts. Before that there is no write to finish, so a signal ends the process at once. */
let interruptMessage: string | null = null;
/** While a question waits for its answer there is no write to finish either. */
let isAsking = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted || interruptMessage === null || isAsking) process.exit(130);
    stderr.write(interruptMessage);
    interrupt.abort(signal);
  });
}

const world: World = {
  kinds: builtInKinds,
  openDrivers: async () => (await import("./kinds/drivers.ts")).builtInDrivers,
  argv: process.argv.slice(2),
  environment: process.env,
  clock: systemClock,
  random: systemRandom,
  files: diskFiles,
  openSend: (proxies, limits) =>
    lazily(async () => (await import("./genesys/client/send.ts")).makeSend({ proxies, ...limits })),
  openAws: (access, settings) => {
    const open = once(async () => (await import("./aws/open-aws.ts")).openAws(access, settings));
    return {
      eventBridge: (region) => ({
        call: async (...asked) => (await open()).eventBridge(region).call(...asked),
      }),
      identify: async () => (await open()).identify(),
      findDenied: async (question) => (await open()).findDenied(question),
    };
  },
  interrupted: interrupt.signal,
  stdin: {
    isTerminal: isatty(0),
    readLine: async (stop) => {
      isAsking = true;
      const { readLineOf } = await import("./lib/read-line.ts");
      return readLineOf(process.stdin, stop).finally(() => {
        isAsking = false;
      });
    },
  },
  stdout,
  stderr,
  openLog: async (settings): Promise<Log> => {
    const open = async (): Promise<Log> => (await import("./app/log.ts")).openLog(settings);
    if (settings.level !== "warn") return open();
    // Most runs log no warning, and then the logger is never loaded.
    return (level, ...entry) => {
      if (level === "warn" || level === "error")
        void open().then((log) => {
          log(level, ...entry);
        });
    };
  },
  provenance: async (directory) => {
    const { findFiles } = await import("./manifest/find-files.ts");
    const { readProvenance } = await import("./git/provenance.ts");
    return readProvenance((files) => findFiles(directory, files), process.env, systemClock);
  },
  findAncestry: async (question) =>
    (await import("./git/ancestry.ts")).findAncestryHere(question, systemClock),
  // Git is asked once: a report with annotations and SARIF needs the answer twice.
  repository: lazily(async () => {
    const { readRepository } = await import("./git/provenance.ts");
    const found = readRepository(process.cwd(), systemClock);
    return () => found;
  }),
  fetchRevision: async (place, directory, keeping) => {
    const { fetchRevision } = await import("./git/git-source.ts");
    return fetchRevision(place, { ...keeping, directory, clock: systemClock });
  },
  openRevision: async (ref) => (await import("./git/revision.ts")).openRevision(ref, systemClock),
  workingTree: async () => (await import("./git/working-tree.ts")).workingTree,
  openStore: async (choice) =>
    (await import("./app/open-store.ts")).openStore(choice, { clock: systemClock, random: systemRandom }),
  checkStore: async (choice, key) =>
    (await import("./app/check-store.ts")).checkStore(choice, key, {
      clock: systemClock,
      random: systemRandom,
    }),
  stateRemote: {
    leadsToOrigin: async (remote) => (await import("./state/git/leads-to-origin.ts")).leadsToOrigin(remote),
    askWithoutLogin: async (remote) =>
      (await import("./state/git/ask-without-login.ts")).askWithoutLogin(remote),
  },
  version: manifest.version,
  nodeVersion: process.versions.node,
  processes: {
    pid: process.pid,
    host: systemSources.host,
    machine: describeMachine(systemSources),
    isAlive,
  },
  service: {
    listen: async (...args) => (await import("./daemon/listen.ts")).listen(...args),
    watchPaths: (...args) => {
      const watched = import("./daemon/watch-paths.ts").then(({ watchPaths }) => watchPaths(...args));
      return {
        ready: watched.then(({ ready }) => ready),
        close: async () => (await watched).close(),
      };
    },
    onHangup: (action) => {
      process.on("SIGHUP", action);
      return () => void process.off("SIGHUP", action);
    },
  },
};

void main();

async function main(): Promise<void> {
  const status = await run(world, (traits) => {
    interruptMessage = traits.interruptMessage;
  });
  await Promise.all([stdout.flushed(), stderr.flushed()]);
  process.exit(status === 0 && faulty.has("stdout") ? 1 : status);
}

function sayFault(stream: string, { message }: Error): string {
  return `error: ${stream} cannot be written to, so what is printed there is lost: ${message}\n`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // We may not signal another user's process, but it exists.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Returns a function that calls `make` at its first call only. */
function lazily<A extends readonly unknown[], R>(
  make: () => Promise<(...args: A) => Promise<R>>,
): (...args: A) => Promise<R> {
  let made: ReturnType<typeof make> | undefined;
  return async (...args) => (await (made ??= make()))(...args);
}
