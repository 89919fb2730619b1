// The real Git store over a real bare repository. Each call of Git to the remote passes a gate, where it may be slow, be
// refused, never arrive, or lose its answer: a program before Git in PATH asks there, and then runs Git.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { openGitStore } from "../../../src/state/git/git-store.ts";
import { parseTree } from "../../../src/state/git/objects.ts";
import { parseSegmentName, segmentPath } from "../../../src/state/git/segments.ts";
import { stateRef } from "../../../src/state/git/state-ref.ts";
import { git } from "../../state/git/git-world.ts";
import {
  pausingFiles,
  pausingStore,
  type Fate,
  type Ground,
  type Place,
  type PlacePorts,
} from "./place.ts";
import type { RealCalls } from "./real-work.ts";
import type { Sleeper } from "./sleeper.ts";

const branch = "reconcile-state";

export function openGitGround(): Ground {
  const root = mkdtempSync(join(tmpdir(), "simulated-git-"));
  const programs = join(root, "bin");
  mkdirSync(programs);
  const path = process.env["PATH"] ?? "";
  const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
  writeFileSync(join(programs, "git"), gateOf(real));
  chmodSync(join(programs, "git"), 0o755);
  const before = process.cwd();
  let opened = 0;
  return {
    // Each push starts half a dozen processes.
    ...{ mostGroups: 1, mostTypes: 2 },
    open: (ports) => {
      opened += 1;
      const folder = join(root, String(opened));
      const place = openPlace(ports, {
        folder,
        enter: () => {
          process.env["PATH"] = `${programs}${delimiter}${path}`;
          process.chdir(join(folder, "work"));
        },
        leave: () => {
          process.env["PATH"] = path;
          process.chdir(before);
          rmSync(folder, { recursive: true, force: true });
        },
      });
      return Promise.resolve(place);
    },
    close: () => {
      rmSync(root, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/**
 * It asks on a port whose number a file of the machine holds, before the call and after it. A waiter asks for a ref every few
 * seconds: where nothing was pushed since, Git's own last answer is given again.
 */
function gateOf(real: string): string {
  return `#!/bin/bash
deed=
for word; do case $word in push | fetch | ls-remote) deed=$word && break ;; esac; done
port=\${GIT_DIR%/*/*}/port
[ -n "$deed" ] && [ -e "$port" ] || exec ${real} "$@"
exec 3<>"/dev/tcp/127.0.0.1/$(<"$port")"
for last; do :; done
kept=$port.\${last//\\//_}
echo "before $deed $last" >&3
read -r verdict <&3
[ "$verdict" = same ] && exec cat "$kept"
[ "$verdict" = go ] || { echo "$verdict" >&2; exit 128; }
if [ $deed = ls-remote ]; then ${real} "$@" 3>&- | tee "$kept"; status=\${PIPESTATUS[0]}; else ${real} "$@" 3>&-; status=$?; fi
echo "after $deed" >&3
read -r verdict <&3
[ "$verdict" = go ] || { echo "$verdict" >&2; exit 128; }
exit $status
`;
}

interface Grounds {
  readonly folder: string;
  readonly enter: () => void;
  readonly leave: () => void;
}

function openPlace(ports: PlacePorts, { folder, enter, leave }: Grounds): Place {
  const { real, key } = ports;
  const [remote, work] = [join(folder, "remote.git"), join(folder, "work")];
  for (const each of [remote, work]) mkdirSync(each, { recursive: true });
  git(remote, "init", "--quiet", "--bare");
  git(remote, "config", "receive.autogc", "false");
  git(work, "init", "--quiet");
  git(work, "remote", "add", "origin", remote);
  const reader = startReader(remote);
  const gates: Gate[] = [];
  let pushes = 0;
  enter();
  return {
    ...{ store: "git", lastsMs: 180_000, waitMs: 300_000, isOneMachine: false },
    filesOf: pausingFiles,
    openStore: async (machine: number, sleeper: Sleeper) => {
      // Its calls follow each other.
      const calls = real.open(1);
      const store = await calls.during(async () => {
        const own = join(folder, `machine-${machine}`);
        mkdirSync(own, { recursive: true });
        const gate = await startGate(sleeper, {
          ...{ ...ports, calls, pushes: () => pushes },
          observe: async () => {
            pushes += 1;
            await ports.observe(sleeper);
          },
        });
        gates.push(gate);
        writeFileSync(join(own, "port"), `${gate.port}\n`);
        const clock = {
          ...sleeper.clock,
          sleep: (delayMs: number, signal?: AbortSignal) =>
            calls.aside(() => sleeper.clock.sleep(delayMs, signal)),
        };
        let ids = 0;
        const random = { next: () => 0.5, id: () => `${sleeper.name}-${(ids += 1)}` };
        // What takes too long is ended by simulated time.
        const limit = (): AbortSignal => new AbortController().signal;
        const directory = join(own, "git-state");
        return openGitStore({ remote: "origin", token: null, branch, directory, clock, random, limit });
      });
      return pausingStore(store, sleeper, { ...ports, calls });
    },
    read: (after) => readState(reader, { ref: stateRef(branch, key), after }),
    close: async () => {
      for (const gate of gates) await gate.close();
      await reader.end();
      leave();
    },
  };
}

interface GatePorts extends PlacePorts {
  /** How many pushes there were. */
  readonly pushes: () => number;
  readonly calls: RealCalls;
}

interface Gate {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function startGate(sleeper: Sleeper, ports: GatePorts): Promise<Gate> {
  const sockets = new Set<Socket>();
  /** By ref, how many pushes there had been when it was asked for. */
  const asked = new Map<string, number>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    let fate: Fate | null = null;
    createInterface(socket).on("line", (said) => {
      const [when, deed = "", last = ""] = said.split(" ");
      fate ??= ports.fateOf(sleeper, deed);
      judge({ deed, isAfter: when === "after", fate }, sleeper, ports).then(
        (verdict) => {
          const isSame = verdict === "go" && asked.get(last) === ports.pushes();
          if (deed === "ls-remote" && when === "before") asked.set(last, ports.pushes());
          socket.write(isSame && deed === "ls-remote" ? "same\n" : `${verdict}\n`);
        },
        () => socket.destroy(),
      );
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => closeAll(server, sockets) };
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, "close");
}

interface Asked {
  readonly deed: string;
  readonly isAfter: boolean;
  readonly fate: Fate;
}

/** `go`, or what Git says instead. */
async function judge({ deed, isAfter, fate }: Asked, sleeper: Sleeper, ports: GatePorts): Promise<string> {
  const { calls, timeline, observe } = ports;
  if (isAfter && deed === "push") await observe(sleeper);
  const where = `${isAfter ? "after" : "before"} ${deed} of Git`;
  const delayMs = isAfter ? fate.downMs : fate.upMs;
  await calls.aside(async () => {
    await sleeper.pause(where);
    await new Promise<void>((resolve) => {
      timeline.at(delayMs, resolve);
    });
    await sleeper.pause(where);
  });
  if (isAfter) return fate.ends === "lost" ? "fatal: the remote end hung up unexpectedly" : "go";
  if (fate.ends === "unreached") return "fatal: unable to access the remote: Connection timed out";
  return fate.ends === "refused" ? "remote: fatal: no space left on device" : "go";
}

interface Reader {
  /** The content of a file or a folder; null if there is none. */
  readonly readFile: (name: string) => Promise<Buffer | null>;
  readonly end: () => Promise<void>;
}

/** One Git answers for a whole story. */
function startReader(remote: string): Reader {
  const child = spawn("git", ["-C", remote, "cat-file", "--batch"], { stdio: "pipe" });
  let bytes = Buffer.alloc(0);
  let onBytes = (): void => undefined;
  child.stdout.on("data", (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
    onBytes();
  });
  const take = (): Buffer | null | undefined => {
    const lineEnd = bytes.indexOf(10);
    if (lineEnd < 0) return undefined;
    const [, size] = /^[0-9a-f]+ \w+ (\d+)$/.exec(bytes.toString("latin1", 0, lineEnd)) ?? [];
    const end = lineEnd + 1 + (size === undefined ? 0 : Number(size) + 1);
    if (bytes.length < end) return undefined;
    const content = size === undefined ? null : bytes.subarray(lineEnd + 1, end - 1);
    bytes = bytes.subarray(end);
    return content;
  };
  const readOne = (name: string): Promise<Buffer | null> =>
    new Promise((resolve) => {
      onBytes = () => {
        const content = take();
        if (content !== undefined) resolve(content);
      };
      child.stdin.write(`${name}\n`);
    });
  let last: Promise<unknown> = Promise.resolve();
  return {
    readFile: (name) => {
      const own = last.then(() => readOne(name));
      last = own;
      return own;
    },
    end: async () => {
      child.stdin.end();
      await once(child, "close");
    },
  };
}

/** A story has fewer than a thousand records, which lie in one folder. */
async function readState(
  { readFile }: Reader,
  { ref, after }: { readonly ref: string; readonly after: number },
): ReturnType<Place["read"]> {
  const tip = await readFile(`${ref}:tip.json`);
  if (!tip) return { fence: 0, lines: [] };
  const { fence, head } = JSON.parse(tip.toString("utf8")) as { fence: number; head: { seq: number } };
  const lines: string[] = [];
  if (head.seq === after) return { fence, lines };
  const folder = dirname(segmentPath(1));
  const names = parseTree((await readFile(`${ref}:${folder}`)) ?? Buffer.alloc(0), 20).map(
    ({ name }) => name,
  );
  for (const name of names) {
    const first = parseSegmentName(name) ?? 0;
    const text = await readFile(`${ref}:${folder}/${name}`);
    const whole = text?.toString("utf8").split("\n").slice(0, -1) ?? [];
    lines.push(...whole.slice(Math.max(0, after + 1 - first)));
  }
  if (after + lines.length !== head.seq)
    throw new Error(`${ref} names ${head.seq} records and holds others`);
  return { fence, lines };
}
