// The Dockerfile, as far as it can be judged without Docker: what it copies is there, and what it makes of it starts.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { spawnSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions: readonly Instruction[] = readFileSync(join(root, "Dockerfile"), "utf8")
  .split("\n")
  .filter((line) => !line.startsWith("#"))
  .join("\n")
  .replaceAll(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => {
    const [, name = "", rest = ""] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest };
  });
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

/** Source and target of each COPY; `from`: the stage it takes from. */
function copiesOf(given: readonly Instruction[]) {
  return given.flatMap(({ name, rest }) => {
    if (name !== "COPY") return [];
    const words = rest.split(/\s+/);
    const from = words[0]?.startsWith("--from=") ? words.shift() : undefined;
    const target = words.pop() ?? "";
    return words.map((source) => ({ from, source, target }));
  });
}

/** The last one's value. */
function valueOf(name: string): string {
  return lastStage.findLast((instruction) => instruction.name === name)?.rest ?? "";
}

test("only instructions that Docker knows, in stages whose names are known", () => {
  const known = "FROM WORKDIR COPY RUN ENV VOLUME USER EXPOSE HEALTHCHECK ENTRYPOINT CMD".split(" ");
  expect(instructions.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
  for (const { from } of copiesOf(instructions)) expect([undefined, "--from=build"]).toContain(from);
  for (const { name, rest } of instructions) if (name === "FROM") expect(rest).toMatch(/^node:24-slim\b/);
});

test("everything that is copied from here is here, and let in by .dockerignore", () => {
  const letIn = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const copied = copiesOf(instructions).filter(({ from }) => from === undefined);
  for (const { source } of copied) expect(existsSync(join(root, source)), source).toBe(true);
  expect(copied.map(({ source }) => source).sort()).toEqual([...letIn].sort());
});

test("it runs as nobody that the host knows, and writes to one folder", () => {
  expect(valueOf("USER")).toMatch(/^[1-9]\d{4}:[1-9]\d{4}$/);
  expect(valueOf("WORKDIR")).toBe(valueOf("VOLUME"));
  expect(valueOf("ENV")).toContain(`HOME=${valueOf("VOLUME")}`);
});

test("what the last stage copies starts on its own", () => {
  const image = mkdtempSync(join(tmpdir(), "reconcile-image-"));
  try {
    for (const { source, target } of copiesOf(lastStage)) {
      const to = target.endsWith("/") ? join(image, target, basename(source)) : join(image, target);
      mkdirSync(resolve(to, ".."), { recursive: true });
      cpSync(join(root, source.replace("/build/", "")), to, { recursive: true });
    }
    const link = lastStage.find(({ rest }) => rest.startsWith("ln --symbolic"))?.rest.split(" ") ?? [];
    const [file = "", name = ""] = link.slice(2);
    expect(valueOf("ENTRYPOINT")).toBe(JSON.stringify([basename(name)]));
    symlinkSync(join(image, file), join(image, "reconcile"));
    const words = JSON.parse(valueOf("CMD")) as string[];
    const run = (argv: readonly string[]) =>
      spawnSync(join(image, "reconcile"), argv, {
        cwd: image,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] },
      });
    expect(run(["--version"])).toMatchObject({ status: 0, stderr: "", stdout: `${version}\n` });
    // Without the token it has to refuse, which it does after it took all of the flags.
    expect(run(words)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "--listen 0.0.0.0 can be reached from other machines, so it needs a token",
      ) as string,
    });
  } finally {
    rmSync(image, { recursive: true });
  }
});

test.each([
  [200, 0],
  [503, 1],
])("the health check of a daemon that answers %i exits %i", async (status, exit) => {
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  expect(await check(port)).toBe(exit);
  await new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  });
  expect(await check(port)).toBe(1);
});

function check(port: number): Promise<number | null> {
  const [, json = ""] = /CMD (\[.*\])$/.exec(valueOf("HEALTHCHECK")) ?? [];
  const [program = "", ...words] = JSON.parse(json.replace(":9464/", `:${port}/`)) as string[];
  return new Promise((done) => spawn(program, words).once("close", done));
}
