// Each command with each flag that only others have, and what the program knows of a command line that is refused.
import type { Command, Option } from "commander";
import { describe, expect, it, test } from "vitest";
import { traitsOf, withSubcommands } from "../../src/cli/command-line.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { makeWorld, manifest, runWorld } from "../support/world.ts";

const program = makeProgram(makeWorld({ argv: "" }), () => undefined);

function leavesOf(command: Command, before: readonly string[] = []): readonly Named[] {
  return command.commands.flatMap((one) => {
    const words = [...before, one.name()];
    return one.commands.length > 0 ? leavesOf(one, words) : [{ words, options: one.options }];
  });
}

interface Named {
  readonly words: readonly string[];
  readonly options: readonly Option[];
}

const leaves = leavesOf(program);
const groups: readonly Named[] = [
  { words: [], options: leaves.find(({ words }) => words[0] === "sync")?.options ?? [] },
  { words: ["audit"], options: [] },
  { words: ["catalog"], options: [] },
];

/** Every spelling of every flag, with the names of the commands that have it, in their order. */
const holders = new Map<string, string[]>();
for (const { words, options } of leaves)
  for (const { long, short } of options)
    for (const flag of [long, short])
      if (flag) holders.set(flag, [...(holders.get(flag) ?? []), words.join(" ")]);

const valued = new Set(
  leaves.flatMap(({ options }) => options.filter(({ required }) => required).map(({ long }) => long)),
);

const cases = [...leaves, ...groups].flatMap(({ words, options }) =>
  [...holders.keys()]
    .filter((flag) => !options.some((option) => option.short === flag || option.long === flag))
    .map((flag) => [words.join(" "), flag] as const),
);

test("there are commands, subcommands and flags to walk", () => {
  expect(leaves.map(({ words }) => words.join(" "))).toEqual(
    expect.arrayContaining(["sync", "apply", "audit log", "catalog pull", "init"]),
  );
  expect(cases.length).toBeGreaterThan(300);
});

test.each(leaves.map(({ words }) => [words.join(" ")]))(
  "`%s` refuses each flag that only others have, and names them",
  async (name) => {
    for (const [, flag] of cases.filter(([command]) => command === name)) await expectRefusal(name, flag);
  },
);

test.each(groups.map(({ words }) => [words.join(" ")]))(
  "so does a command line with no more than `%s`",
  async (name) => {
    for (const [, flag] of cases.filter(([command]) => command === name)) await expectRefusal(name, flag);
  },
);

async function expectRefusal(name: string, flag: string): Promise<void> {
  const names = holders.get(flag) ?? [];
  const value = valued.has(flag) ? " x" : "";
  const { status, out, err, world } = await runWorld({ argv: `${name} ${flag}${value}` });
  const list =
    names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  const words = `${list} ${names.length < 2 ? "has" : "have"} it, ${name === "" ? "sync" : name} does not`;
  expect([err.split(/;|\n/)[0], status, out]).toEqual([`error: unknown option '${flag}': ${words}`, 1, ""]);
  expect([world.requests, world.files.paths()]).toEqual([[], []]);
}

describe("a flag of another command", () => {
  it.each([
    ["apply plan.json --create-only", "for another plan, run: reconcile plan --create-only --out FILE"],
    ["apply plan.json --base=main", "`reconcile plan` shows what would be done"],
  ])("`%s` is one that a saved plan has inside", async (argv, way) => {
    const { err } = await runWorld({ argv });
    expect(err).toMatch(
      /^error: unknown option '--[a-z-]+': sync[a-z, ]* have it, apply does not; a saved/,
    );
    expect(err).toContain(`and apply does not change them; ${way}\n`);
  });

  it.each([
    ["plan --group --run", "the group's name is missing before it"],
    ["plan --help --run x", "help goes before"],
    ["help audit --run x", "help goes before"],
    ["plan -- --run", "behind -- there are no flags"],
    ["plan --version --run x", "the version goes before"],
    ["plan --wat --run x", "the first slip counts"],
  ])("is none in `%s`: %s", async (argv) => {
    expect((await runWorld({ argv })).err).not.toContain("have it");
  });
});

const valuedOptions = [...leaves, groups[0] ?? { words: [], options: [] }].flatMap(({ words, options }) =>
  options
    .filter(({ required }) => required)
    .map((option) => [words.join(" "), option.flags, option.long ?? ""] as const),
);

describe("a forgotten value", () => {
  it.each(valuedOptions)("`%s` refuses %s before another flag", async (name, flags, flag) => {
    for (const next of ["--sandbox", "--dry-run", "-v", "--nonsense"]) {
      const argv = [...name.split(" ").filter((word) => word !== ""), flag, next];
      const { status, out, err, world } = await runWorld({ argv });
      expect([err.replaceAll(/\s+/g, " "), status, out]).toEqual([
        `error: option '${flags}': the value is missing before '${next}' (write a value that begins with a dash as ${flag}=-VALUE) `,
        1,
        "",
      ]);
      expect([world.requests, world.files.paths()]).toEqual([[], []]);
    }
  });

  it("at the end of the command line is the same slip", async () => {
    const { status, err } = await runWorld({ argv: "rollback --run" });
    expect([status, err]).toEqual([1, "error: option '--run <id>': the value is missing\n"]);
  });

  it.each([
    ["plan --group alpha beta --dry-run --no-progress", "", "several values, then a flag"],
    ["plan --group alpha --dry-run --group=beta --no-progress", "", "a value in the same word"],
    [
      "plan --group=-alpha --group -- --dry-run",
      "the value is missing before '--'",
      "a -- is no value either",
    ],
    [
      "plan --group=-alpha --no-progress",
      'no manifest declares the group "-alpha"',
      "a value that begins with a dash",
    ],
    ["plan --help --group --run", "", "help goes before"],
  ])("`%s` says %j: %s", async (argv, words) => {
    const files = {
      "subscriptions/a.yaml": manifest("alpha"),
      "subscriptions/b.yaml": manifest("beta"),
    };
    const { err } = await runWorld({ argv, files });
    if (words === "") expect(err).toBe("");
    else expect(err).toContain(words);
  });
});

describe("the JSON of a refused command line", () => {
  it.each([
    ["validate --output=json --run x", true],
    ["plan --wat --output json", true],
    ["--output json --dry-run --concurrency 0", true],
    ["--concurrency 0 --output json", false],
    ["plnn --output json", false],
    ["import --output json --dry-run --port 5", true],
    ["rollback --output json --run", false],
    ["init --output json", false],
    ["audit log --output json", false],
  ])("is there for `%s`", async (argv, dryRun) => {
    const { status, out } = await runWorld({ argv });
    expect(JSON.parse(out)).toMatchObject({ dryRun, ok: false, operations: [] });
    expect(status).toBe(1);
  });

  it.each([
    ["--group --dry-run --output json --wat", false],
    ["validate --config plan --output json --wat", true],
  ])("takes a flag's value for no flag in `%s`", async (argv, dryRun) => {
    expect(JSON.parse((await runWorld({ argv })).out)).toMatchObject({ dryRun });
  });

  it("is not there where json is another flag's value", async () => {
    const { out } = await runWorld({ argv: "plan --manifests --output json" });
    expect(out).toBe("");
  });
});

const finishes = "\nInterrupted: finishing the writes in flight (interrupt again to end at once)\n";

test.each([
  [null, "validate,status,log,verify,head,export,init,policy,doctor,test,notify,version"],
  ["\nStopping\n", "sandbox"],
  ["", "watch"],
  [finishes, "sync,plan,apply,rollback,release,import,pull,claim,rotate,init"],
])(
  "at a signal %j is said by %s: where it is null, the command only reads and ends at once",
  (said, names) => {
    const commands = withSubcommands(program).filter((one) => one.commands.length === 0);
    const saying = commands.filter((one) => traitsOf(one).interruptMessage === said);
    expect(saying.map((one) => one.name()).join()).toBe(names);
  },
);
