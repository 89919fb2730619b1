// Asks on a terminal what is to deliver the events, and says what each choice needs.
import type { World } from "../app/world.ts";
import type { StartChoice } from "../init/starting-manifest.ts";
import { plain } from "../lib/plain.ts";
import { ReconcileError } from "../model/errors.ts";
import { readAnswer } from "./ask-first.ts";

/** Returns the name of a choice; the first one for an empty answer. Throws ReconcileError `init/unanswered`. */
export async function askScheme(choices: readonly StartChoice[], world: World): Promise<string> {
  const [{ name: standard } = { name: "" }] = choices;
  const lines = choices.map(
    ({ name, kind: { start } }) => `  ${name.padEnd(12)} ${start.deliveredBy}; it needs ${start.needs}`,
  );
  const question = ["What is to deliver the events?", ...lines].join("\n");
  world.stderr.write(`${question}\n`);
  for (;;) {
    world.stderr.write(`Write one of them (${standard}): `);
    const answer = (await readAnswer(world))?.trim();
    if (answer === undefined)
      throw new ReconcileError(
        "init/unanswered",
        "nobody chose what is to deliver the events; nothing was written",
        {
          hint: "name it with --scheme",
        },
      );
    if (answer === "") return standard;
    if (choices.some(({ name }) => name === answer)) return answer;
    world.stderr.write(`${plain(answer)} is none of them. `);
  }
}
