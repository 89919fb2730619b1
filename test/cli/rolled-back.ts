// A run of each kind of change, to be taken back.
import { seeWorld } from "../support/see.ts";
import {
  manifest,
  putWebhook,
  runWorld,
  trailOf,
  type TestWorld,
  type WorldOptions,
} from "../support/world.ts";

const pool = ["https://p.example.com/1", "https://p.example.com/2", "https://p.example.com/3"];

const betaOf = (urls: readonly string[]) =>
  manifest("beta", { pool: urls, eventTypes: ["e.a", "e.b", "e.c", "e.d"] }).replace(
    "https://events.example.com/beta",
    "https://p.example.com/1",
  );

export const alphaOf = (...eventTypes: string[]) => manifest("alpha", { eventTypes });

/** A run of each kind of change: alpha updated, beta split further, gamma adopted, old pruned, new made. */
export async function changed(
  more: Partial<WorldOptions> = {},
): Promise<{ world: TestWorld; runId: string; before: string[] }> {
  const files = {
    "subscriptions/alpha.yaml": alphaOf("a.created", "a.ended"),
    "subscriptions/beta.yaml": betaOf(pool.slice(0, 2)),
    "subscriptions/old.yaml": manifest("old"),
  };
  const { world } = await runWorld({ argv: "", files, commit: commits.first });
  putWebhook(world.state, { id: "w1", group: "gamma" });
  const before = shapesIn(world);
  world.files.set("subscriptions/alpha.yaml", alphaOf("a.created", "a.muted"));
  world.files.set("subscriptions/beta.yaml", betaOf([...pool.slice(0, 1), ...pool.slice(2)]));
  world.files.set("subscriptions/gamma.yaml", manifest("gamma"));
  world.files.set("subscriptions/new.yaml", manifest("new"));
  world.files.take("subscriptions/old.yaml");
  await runWorld({ argv: "--adopt --prune", from: world, commit: commits.second, ...more });
  return { world, runId: runsIn(world).at(-1) ?? "", before };
}

export const commits = { first: "1".repeat(40), second: "2".repeat(40) };

export function runsIn({ files }: TestWorld): string[] {
  return [...new Set(trailOf(files).map(({ runId }) => runId))];
}

/** Every webhook without its id, in one order. */
export function shapesIn({ state }: TestWorld): string[] {
  return [...state.webhooks.values()]
    .map((webhook) => JSON.stringify({ ...webhook, id: null, links: null }))
    .sort();
}

export function rollback(from: TestWorld, flags: string, more: Partial<WorldOptions> = {}) {
  return runWorld({ argv: `rollback ${flags}`, from, ...more });
}

/** The same, as JSON. */
export function rolledBack(from: TestWorld, flags: string, more: Partial<WorldOptions> = {}) {
  return seeWorld({ argv: `rollback ${flags}`, from, ...more });
}

export function errorsIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("error: "))
    .map((line) => line.slice(7));
}

export function find({ state }: TestWorld, group: string, part = "") {
  const found = [...state.webhooks.values()].find(
    ({ name, endpoint }) => name.startsWith(`${group}-`) && endpoint.includes(part),
  );
  if (!found) throw new Error(`no webhook of ${group}`);
  return found;
}
