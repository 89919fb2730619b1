// A run whose every word stands in a golden file, and how it is written there.
import { manifest, makeWorld, runWorld, type TestWorld, type WorldOptions } from "../support/world.ts";

export interface Scenario {
  /** What is so when it runs: the line above its words. */
  readonly given: string;
  readonly argv: string;
  readonly world: () => TestWorld | Promise<TestWorld>;
  /** Commands that run before it, and whose words are not shown. */
  readonly before?: readonly string[];
  /** What changes after those. */
  readonly change?: (world: TestWorld) => unknown;
  /** Of the world it runs in, or of any. */
  readonly more?: Partial<WorldOptions> | ((world: TestWorld) => Partial<WorldOptions>);
  /** Files whose text is shown after its words. */
  readonly shows?: readonly string[];
}

export const alpha = { "subscriptions/alpha.yaml": manifest("alpha") };

export const of = (files: Readonly<Record<string, string>>) => (): TestWorld =>
  makeWorld({ argv: "", files });

export async function wordsOf(scenario: Scenario): Promise<string> {
  const { given, argv, world, before = [], change, more, shows = [] } = scenario;
  const from = await world();
  const options = typeof more === "function" ? more(from) : more;
  for (const earlier of before) await runWorld({ argv: earlier, from, ...options });
  await change?.(from);
  const { status, out, err } = await runWorld({ argv, from, ...options });
  const texts = shows.map((path) => `--- ${path}\n${from.files.text(path).trimEnd()}\n`).join("");
  return `${show({ given, argv, out, err, status })}${texts}`;
}

/** As in a terminal: the command, what it prints, what it complains of, and how it ends. */
export function show(run: {
  readonly given: string;
  readonly argv: string;
  readonly out: string;
  readonly err: string;
  readonly status: number;
}): string {
  const { given, argv, out, err, status } = run;
  const parts = [
    `## ${given}`,
    `$ reconcile ${argv}`.trimEnd(),
    ...(out === "" ? [] : [out.trimEnd()]),
    ...(err === "" ? [] : ["--- on stderr", err.trimEnd()]),
    `--- exit ${status}`,
  ];
  return `${parts.join("\n")}\n`;
}
