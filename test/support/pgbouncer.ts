// Starts PgBouncer in transaction mode before a PostgreSQL server, on loopback and never as root.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, own, serverUser, spawnTied, untilListening, type ServerPlace } from "./postgres.ts";

const program = "/usr/sbin/pgbouncer";

export function hasPgBouncer(): boolean {
  return existsSync(program);
}

export interface RunningBouncer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `passwords` are those of the roles that may log in. */
export async function startPgBouncer(
  server: ServerPlace,
  passwords: Readonly<Record<string, string>>,
): Promise<RunningBouncer> {
  const folder = mkdtempSync(join(tmpdir(), "reconcile-pgbouncer-"));
  const port = await freePort();
  const users = join(folder, "users.txt");
  const config = join(folder, "pgbouncer.ini");
  const lines = Object.entries(passwords).map(([role, password]) => `"${role}" "${password}"\n`);
  writeFileSync(users, lines.join(""));
  // With two connections to the server, the statements of one client soon run on another one's.
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
`,
  );
  const user = serverUser();
  for (const path of [folder, users, config]) own(path, user);
  const child = spawnTied(program, [config], { folder, signal: "TERM", ...user });
  await untilListening(port, child, join(folder, "log"));
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, stop };
}
