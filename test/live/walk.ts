// One resource of a real organisation walked through its life: listed, made, read, changed, read, deleted. It is
// disabled all the while, and gone at the end, whatever happens on the way.
import { wait } from "../../src/genesys/client/wait.ts";
import type { Driver } from "../../src/genesys/driver.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { errorText, ReconcileError } from "../../src/model/errors.ts";
import type { LiveResource, ResourceDocument } from "../../src/model/resource.ts";
import { diffDocuments } from "../../src/model/document-diff.ts";
import type { OnlyOurs } from "./only-ours.ts";

export interface Walk {
  /** `webhooks`, and where they are: `/api/v2/webhooks`. */
  readonly nouns: string;
  readonly path: string;
  readonly api: OnlyOurs;
  readonly driver: Driver;
  /** The ids of those that have this name, whatever state they are in. */
  readonly findNamed: (name: string) => Promise<readonly string[]>;
  /** As it is made, and as it is changed; why not, where it cannot be. */
  readonly documents: { readonly made: ResourceDocument; readonly changed: ResourceDocument } | string;
  readonly name: string;
}

export interface Around {
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly print: (line: string) => void;
}

export interface Walked {
  readonly nouns: string;
  readonly found: "offered" | "notOffered" | "notPermitted" | "unknown";
  /** Null where it went well, as far as it went. */
  readonly failure: string | null;
  /** What could not be deleted, or may be there: each with its id where that is known. */
  readonly leftovers: readonly string[];
}

/** Never throws, but for a bug. */
export async function walk(one: Walk, around: Around): Promise<Walked> {
  const { nouns, path, driver, documents } = one;
  const begin = `${nouns} (${path})`;
  const say = (step: string, words: string): void => {
    around.print(`  ✓ ${step.padEnd(6)}  ${words}`);
  };
  let found: Walked["found"] = "unknown";
  let failure: string | null = null;
  try {
    const { live: listed } = await driver.list();
    found = "offered";
    around.print(`${begin}: offered`);
    say("list", `${listed.length} there`);
    const isTaken = (await one.findNamed(one.name)).length > 0;
    if (isTaken) throw new ReconcileError("live/taken", `there is one of the name ${one.name} already`);
    if (typeof documents === "string") around.print(`  - not walked: ${documents}`);
    else await live({ ...one, documents }, { ...around, say });
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const refusal = found === "unknown" ? refusals[error.code] : undefined;
    if (refusal) {
      found = refusal.found;
      around.print(`${begin}: ${refusal.words}`);
    } else {
      failure = errorText(error);
      if (found === "unknown") around.print(`${begin}: not known`);
    }
    around.print(`  ${refusal ? "-" : "✗"} ${errorText(error)}`);
  }
  const isGone = failure === null && one.api.ids.size === 0;
  const leftovers = isGone ? [] : await clear(one, around);
  return { nouns, found, failure, leftovers };
}

const refusals: Readonly<Record<string, { readonly found: Walked["found"]; readonly words: string }>> = {
  "api/notFound": { found: "notOffered", words: "not offered (404)" },
  "api/forbidden": { found: "notPermitted", words: "not permitted (403)" },
};

interface Ready extends Walk {
  readonly documents: { readonly made: ResourceDocument; readonly changed: ResourceDocument };
}

interface Speaking extends Around {
  readonly say: (step: string, words: string) => void;
}

async function live({ driver, documents, api }: Ready, around: Speaking): Promise<void> {
  const { interrupted, say } = around;
  const goOn = (): void => {
    if (interrupted.aborted) throw new ReconcileError("live/interrupted", "interrupted");
  };
  goOn();
  const stored = await driver.create(documents.made);
  const { id } = stored;
  expectSame(documents.made, stored);
  say("create", `disabled, id ${id}`);
  goOn();
  expectSame(documents.made, await readBack(driver, id));
  say("read", "as it was sent");
  goOn();
  expectSame(documents.changed, await driver.update(id, documents.changed));
  expectSame(documents.changed, await readBack(driver, id));
  say("update", "and read again, as it was sent");
  goOn();
  await deleteIt({ driver, api }, id, around);
  say("delete", "and gone");
}

async function readBack(driver: Driver, id: string): Promise<LiveResource> {
  const found = await driver.read(id);
  if (found) return found;
  throw new ReconcileError("live/notThere", `${id} was made, and cannot be read`);
}

function expectSame(sent: ResourceDocument, stored: LiveResource): void {
  const paths = diffDocuments(sent, stored, stored.kind).map(({ path }) => path);
  if (paths.length === 0) return;
  const message = `the platform stored something else than was sent: ${paths.join(", ")}`;
  throw new ReconcileError("live/different", message);
}

/** A platform may take a moment until what was deleted is gone. */
const looksUntilGone = 5;
const betweenLooksMs = 1_000;

async function deleteIt(
  { driver, api }: Pick<Walk, "driver" | "api">,
  id: string,
  { clock }: Pick<Around, "clock">,
): Promise<void> {
  await driver.delete(id);
  for (let look = 1; (await driver.read(id)) !== null; look += 1) {
    if (look >= looksUntilGone) throw new ReconcileError("live/notGone", `${id} was deleted, and is there`);
    await wait(clock, betweenLooksMs);
  }
  api.ids.delete(id);
}

/** What is left of a walk that went wrong is deleted; what cannot be is named. */
async function clear(one: Walk, around: Around): Promise<readonly string[]> {
  const { api, nouns, name } = one;
  if (!api.hasAsked()) return [];
  const leftovers: string[] = [];
  try {
    // The answer that had the id may have been lost.
    for (const id of await one.findNamed(name)) api.ids.add(id);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    if (api.ids.size === 0)
      leftovers.push(`${nouns}: whether "${name}" is there cannot be told: ${errorText(error)}`);
  }
  for (const id of [...api.ids]) {
    try {
      await deleteIt(one, id, around);
      around.print(`  ✓ cleared  ${id}`);
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error;
      leftovers.push(`${nouns}: "${name}", id ${id}: ${errorText(error)}`);
    }
  }
  return leftovers;
}
