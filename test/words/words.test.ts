// Every word that a command prints, command by command, in one file each: whoever changes a message sees there what a
// user will read. Elsewhere tests go by codes and data. `npx vitest run test/words -u` writes the files anew.
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { doctorCases } from "../cli/doctor-cases.ts";
import { doctorWords } from "../cli/doctor-world.ts";
import { makeWorld, runWorld } from "../support/world.ts";
import { aroundSandbox } from "./set-up-scenarios.ts";
import { show, wordsOf } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { watchWords } from "./watch-scenarios.ts";

test.each(Object.keys(scenarios))("what `%s` prints is as its file says", async (command) => {
  const words: string[] = [];
  for (const scenario of scenarios[command] ?? []) words.push(await wordsOf(scenario));
  await expect(words.join("\n")).toMatchFileSnapshot(`${command}.txt`);
});

test("what `doctor` prints is as its file says: all of it where all is well, then the checks concerned", async () => {
  const well = await doctorWords();
  const words = [show({ given: "all is well", argv: "doctor", ...well })];
  for (const { given, argv = "doctor", options, is } of doctorCases) {
    const found = await doctorWords({ argv, ...(await options()) });
    words.push(show({ given, argv, ...found, out: found.about(Object.keys(is)) }));
  }
  await expect(words.join("\n")).toMatchFileSnapshot("doctor.txt");
});

test("what `sandbox` prints is as its file says", async () => {
  const world = makeWorld({ argv: "sandbox", ...aroundSandbox });
  const ended = run(world);
  while (world.err() === "") await new Promise((resolve) => setImmediate(resolve));
  const { port } = new URL(/GENESYS_API_URL=(.*)/.exec(world.out())?.[1] ?? "");
  const taken = await runWorld({ argv: `sandbox --port ${port}` });
  world.interrupt.abort();
  const status = await ended;
  const words = [
    show({ given: "until Ctrl-C", argv: "sandbox", out: world.out(), err: world.err(), status }),
    show({ given: "a port that is taken", argv: "sandbox --port PORT", ...taken }),
    await wordsOf({
      given: "a state that cannot be used",
      argv: "--sandbox",
      world: () => makeWorld({ argv: "", files: { ".reconcile/sandbox.json": "{" } }),
      more: aroundSandbox,
    }),
  ];
  await expect(words.join("\n").replaceAll(port, "PORT")).toMatchFileSnapshot("sandbox.txt");
});

test("what `watch` logs and answers is as its file says", async () => {
  await expect(await watchWords()).toMatchFileSnapshot("watch.txt");
});
