// Every word that a command prints, command by command, in one file each: whoever changes a message sees there what a
// user will read. Elsewhere tests go by codes and data. `npx vitest run test/words -u` writes the files anew.
import { expect, test } from "vitest";
import { runWorld } from "../support/world.ts";
import { scenarios, type Scenario } from "./scenarios.ts";

/** As in a terminal: the command, what it prints, what it complains of, and how it ends. */
async function wordsOf({ given, argv, world, before = [], change, more }: Scenario): Promise<string> {
  const from = world();
  for (const earlier of before) await runWorld({ argv: earlier, from });
  change?.(from);
  const { status, out, err } = await runWorld({ argv, from, ...more });
  const parts = [
    `## ${given}`,
    `$ reconcile ${argv}`.trimEnd(),
    ...(out === "" ? [] : [out.trimEnd()]),
    ...(err === "" ? [] : ["--- on stderr", err.trimEnd()]),
    `--- exit ${status}`,
  ];
  return `${parts.join("\n")}\n`;
}

test.each(Object.keys(scenarios))("what `%s` prints is as its file says", async (command) => {
  const words: string[] = [];
  for (const scenario of scenarios[command] ?? []) words.push(await wordsOf(scenario));
  await expect(words.join("\n")).toMatchFileSnapshot(`${command}.txt`);
});
