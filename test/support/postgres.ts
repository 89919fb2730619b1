// Starts PostgreSQL servers of Debian's package on loopback, in a folder of their own and never as root.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const versions = "/usr/lib/postgresql";

/** The folder with `postgres` and `initdb`; null if PostgreSQL is not installed. */
export function findPostgres(): string | null {
  if (!existsSync(versions)) return null;
  const newest = readdirSync(versions).toSorted((a, b) => Number(b) - Number(a));
  const folders = newest.map((version) => join(versions, version, "bin"));
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? null;
}

export interface ServerPlace {
  readonly port: number;
  /** Holds the data and the server's socket. */
  readonly folder: string;
  readonly superPassword: string;
}

export interface RunningServer extends ServerPlace {
  /** Ends the server at once, as if the machine lost power. */
  stop(): Promise<void>;
  /** Starts it again over the same data. */
  start(): Promise<void>;
  /** Ends it, and removes its folder. */
  remove(): Promise<void>;
}

/** Chooses a place without starting a server there yet. */
export async function choosePlace(): Promise<ServerPlace> {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-postgres-"));
  return { port: await freePort(), folder, superPassword: "super'p@ss/w#rd" };
}

/** With `tls` the server offers TLS; it does not ask for it. */
export async function startServer(
  place: ServerPlace,
  { tls }: { tls?: { certificate: string; key: string } } = {},
): Promise<RunningServer> {
  const programs = findPostgres();
  if (programs === null) throw new Error("PostgreSQL is not installed");
  const { folder, port, superPassword } = place;
  const user = serverUser();
  const data = join(folder, "data");
  const secrets = tls ? { "tls.crt": tls.certificate, "tls.key": tls.key } : {};
  for (const [name, text] of Object.entries({ ...secrets, password: superPassword })) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    own(join(folder, name), user);
  }
  own(folder, user);
  const words = ["-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${folder}/password`];
  await run(join(programs, "initdb"), [...words, "-E", "UTF8", "--locale=C", "--no-sync"], user);
  // Tests commit thousands of times, and no power fails while they run.
  const fast = ["fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60"];
  const where = ["listen_addresses=127.0.0.1", `port=${port}`, `unix_socket_directories=${folder}`];
  const secure = tls ? ["ssl=on", `ssl_cert_file=${folder}/tls.crt`, `ssl_key_file=${folder}/tls.key`] : [];
  const options = [...fast, ...where, ...secure].flatMap((setting) => ["-c", setting]);

  let running: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    running = spawnTied(join(programs, "postgres"), ["-D", data, ...options], {
      folder,
      signal: "QUIT",
      ...user,
    });
    await untilListening(port, running, join(folder, "log"));
  };
  const stop = async (): Promise<void> => {
    const stopped = running;
    running = null;
    if (stopped?.exitCode !== null) return;
    stopped.stdin?.end();
    await once(stopped, "exit");
  };
  const remove = async (): Promise<void> => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await start();
  return { ...place, start, stop, remove };
}

type User = { readonly uid: number; readonly gid: number } | { readonly uid?: undefined };

/** PostgreSQL refuses to run as root. */
export function serverUser(): User {
  if (process.getuid?.() !== 0) return {};
  const line = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  const [, uid = "65534", gid = "65534"] = line ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** Gives a file or a folder to the user that servers run as. */
export function own(path: string, user: User): void {
  if (user.uid !== undefined) chownSync(path, user.uid, user.gid);
}

async function run(program: string, words: readonly string[], user: User): Promise<void> {
  const child = spawn(program, words, { ...user, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
  const said = child.stderr.setEncoding("utf8").toArray();
  const [status] = (await once(child, "close")) as [number];
  if (status !== 0) throw new Error(`${program}: ${(await said).join("")}`);
}

/**
 * The program gets the signal when the returned process loses its stdin, which it does with this process too, however
 * that ends.
 */
export function spawnTied(
  program: string,
  words: readonly string[],
  { folder, signal, ...user }: User & { folder: string; signal: "QUIT" | "TERM" },
): ChildProcess {
  const script = '"$@" >>"$0/log" 2>&1 </dev/null & read -r _; kill -"$signal" $!; wait';
  return spawn("/bin/sh", ["-c", script, folder, program, ...words], {
    ...user,
    env: { ...process.env, signal },
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
}

export async function untilListening(port: number, child: ChildProcess, log: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) break;
    if (await isListening(port)) return;
    await delay(50);
  }
  throw new Error(`nothing listens on port ${port}: ${existsSync(log) ? readFileSync(log, "utf8") : ""}`);
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
