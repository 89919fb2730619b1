// docs/cli.md says what the program says, and the program says enough of every command.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { makeCliReference, withSubcommands } from "../../scripts/cli-reference.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { makeWorld, runWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const program = makeProgram(makeWorld({ argv: "" }), () => undefined);
const leaves = withSubcommands(program).filter((command) => command.commands.length === 0);

test("docs/cli.md is up to date; else run `npm run docs:cli`", async () => {
  const written = readFileSync(join(root, "docs/cli.md"), "utf8");
  expect(written, "run `npm run docs:cli`").toBe(await makeCliReference(program));
});

test.each(leaves.map((command) => ({ command, words: wordsOf(command) })))(
  "`reconcile $words --help` describes it, its flags, examples and its exit status",
  async ({ command, words }) => {
    const { status, out } = await runWorld({ argv: `${words} --help` });
    expect(status).toBe(0);
    expect(out).toMatch(new RegExp(`\\nExamples:\\n(?:  .+\\n)*?  .*\\breconcile ${words}\\b`));
    expect(out).toMatch(/\nExit status: 0 [^]*\.\n$/);
    expect(out.match(/Exit status:/g)).toHaveLength(1);
    expect(command.description()).toMatch(/^[^.]{10,}$/);
    expect(command.options.filter(({ description }) => description === "")).toEqual([]);
  },
);

test("a flag with choices or a default shows them", async () => {
  const reference = await makeCliReference(program);
  const [, sync = ""] = reference.split("\n## reconcile sync\n");
  const rows = sync.split("\n## ")[0]?.replace(/ {2,}/g, " ") ?? "";
  expect(rows).toContain("| `--concurrency <n>` | send at most n writes at once | `4` |");
  expect(rows).toMatch(/\| `--output <format>` \| output format: `text`, `json`, [^|]*\| `text` \|/);
  expect(rows).toContain("| `--config <file>` | config file | reconcile.yaml, if it exists |");
});

test("a default is shown as it would be typed", async () => {
  const { out } = await runWorld({ argv: "watch --help" });
  const words = out.replaceAll(/\s+/g, " ");
  for (const shown of ["127.0.0.1:9464", "60s", "300ms"]) expect(words).toContain(`(default: ${shown})`);
  const reference = await makeCliReference(program);
  for (const shown of ["127.0.0.1:9464", "60s", "300ms"]) expect(reference).toContain(` \`${shown}\` `);
  expect(reference).not.toContain("[object");
});

function wordsOf(command: (typeof leaves)[number]): string {
  const parent = command.parent;
  return parent === null || parent === program ? command.name() : `${wordsOf(parent)} ${command.name()}`;
}
