// Tamperings with the trail: somebody changes the file between two runs, and then every command that reads it runs.
import { storedIn, type TestKind } from "../support/kinds.ts";
import { loggedIn, manifest, runWorld, trailPath, type TestWorld } from "../support/world.ts";
import { makeFamily, playAll, type Played } from "./family.ts";
import { attack, findBroken, findDoubled, invariants, unexcused, type Attacked } from "./observe.ts";
import { copyOf, kindsOf, manifestPath, pass, stageOf, wanted } from "./stage.ts";
import { tamperRows, type Trail, type TamperRow } from "./tamper-rows.ts";

const signed = { ...loggedIn, RECONCILE_AUDIT_KEY: "the-audit-key-of-tests-that-is-long" };
const readers = [
  "plan --output json",
  "audit log --all",
  "audit head",
  "status",
  "rollback --last --dry-run --output json",
] as const;
const rollbacks = [
  "rollback --last --allow-deletes --force",
  "rollback --last --allow-deletes --output json",
  "rollback --run id-1 --allow-deletes --force",
] as const;

interface TamperStage {
  readonly kind: TestKind;
  readonly world: TestWorld;
  readonly older: string;
}

const stages = new Map<string, Promise<TamperStage>>();

function tamperStageOf(kind: TestKind, isSigned: boolean): Promise<TamperStage> {
  const name = `${kind.scheme} ${String(isSigned)}`;
  const made = stages.get(name) ?? makeTamperStage(kind, isSigned);
  stages.set(name, made);
  return made;
}

/** Two runs are on record, and the pool of a group has changed since. */
async function makeTamperStage(kind: TestKind, isSigned: boolean): Promise<TamperStage> {
  const environment = isSigned ? signed : loggedIn;
  const stage = await stageOf(kind, { environment });
  const world = copyOf(stage.world);
  const older = world.files.text(trailPath);
  const { status, out } = await runWorld({ argv: pass, from: world, environment });
  if (status !== 0) throw new Error(`the second run fails: ${out}`);
  const pool = [kind.url(0), kind.url(1)];
  world.files.set(
    manifestPath("alpha"),
    manifest("alpha", { kind, pool, eventTypes: wanted["alpha"] ?? [] }),
  );
  await world.clock.advance(3_600_000);
  return { kind, world: { ...world, environment }, older };
}

export const tamperings = makeFamily("tamperings", tamperRows, async (row, extent) => {
  const { isLong } = extent;
  const shift = row.name.length;
  const played = kindsOf(row, extent);
  const signings = isLong ? [true, false] : [shift % 2 === 0];
  const pick = (all: readonly string[]): string => all[shift % all.length] ?? pass;
  const commands = isLong ? [...readers, pass, ...rollbacks] : [pick(readers), pass, pick(rollbacks)];
  return playAll(
    played.flatMap((kind) =>
      signings.map((isSigned) => async () => {
        const stage = await tamperStageOf(kind, isSigned);
        // A line that has no document, for example, holds nothing for some rows to change.
        const all = trailsOf(stage, isLong).filter((trail) => row.tamper(trail) !== trail.text);
        return playAll(
          all.flatMap((trail) => [
            () => playVerify(row, stage, trail),
            ...commands.map((argv) => () => playTampered(row, stage, { argv, isSigned, trail })),
          ]),
        );
      }),
    ),
  );
});

/** In short, one applied change of the last run is tampered with; in long, one record of each event, too. */
function trailsOf({ world, older }: TamperStage, isLong: boolean): readonly Trail[] {
  const text = world.files.text(trailPath);
  const lines = text.split("\n").slice(0, -1);
  const events = isLong ? ["run.started", "change.intended", "change.applied"] : ["change.applied"];
  return events.map((event) => {
    const has = (line: string): boolean => event === "run.started" || line.includes('"after":{');
    const at = lines.findLastIndex((line) => line.includes(`"event":"${event}"`) && has(line));
    return { text, lines, at, older };
  });
}

function tamperedCopy({ tamper }: TamperRow, { world }: TamperStage, trail: Trail): TestWorld {
  const from = copyOf(world);
  const content = tamper(trail);
  if (content === null) from.files.take(trailPath);
  else from.files.set(trailPath, content, 0o600);
  return from;
}

/** The first line that is no longer what it was, from 1. */
function firstChanged({ lines }: Trail, from: TestWorld): number {
  const now = from.files.text(trailPath).split("\n");
  const index = lines.findIndex((line, at) => now[at] !== line);
  return (index < 0 ? lines.length : index) + 1;
}

async function playVerify(row: TamperRow, stage: TamperStage, trail: Trail): Promise<Played> {
  const from = tamperedCopy(row, stage, trail);
  const broken = await findBroken(from);
  const isBroken = row.seenBy === "chain" || row.seenBy === "spelling";
  if (!isBroken) return { attacks: 1, faults: [] };
  if (!broken) return { attacks: 1, faults: ["audit verify finds nothing"] };
  const due = firstChanged(trail, from);
  const isNamed = broken.line === due || broken.line === due + 1;
  return {
    attacks: 1,
    faults: isNamed ? [] : [`audit verify names line ${broken.line} in place of ${due}`],
  };
}

interface Tampering {
  readonly argv: string;
  readonly isSigned: boolean;
  readonly trail: Trail;
}

async function playTampered(row: TamperRow, stage: TamperStage, tampering: Tampering): Promise<Played> {
  const { argv, isSigned, trail } = tampering;
  const from = tamperedCopy(row, stage, trail);
  const before = JSON.stringify(storedIn(from));
  const attacked = await attack({ argv, from, environment: stage.world.environment });
  const faults = [
    // A rollback takes away what the run brought, and the trail was broken before.
    ...unexcused(attacked, argv.startsWith("rollback") ? ["noGap"] : []),
    ...findDoubled(from.state, stage.kind).map((what) => `${invariants.nothingDoubled}: ${what}`),
    ...demand(row, attacked, argv),
  ];
  if (attacked.writes.length === 0 && JSON.stringify(storedIn(from)) !== before)
    faults.push("something changed");
  const where = `${stage.kind.nouns}${isSigned ? ", signed" : ""}, line ${trail.at + 1}, ${argv}`;
  return { attacks: 1, faults: faults.map((fault) => `${where}: ${fault}`) };
}

function demand(
  { must }: TamperRow,
  { status, writes, out, err }: Attacked,
  argv: string,
): readonly string[] {
  const isWriter = argv === pass || (rollbacks as readonly string[]).includes(argv);
  if (must !== "stopsWrites" || !isWriter) return [];
  const said = out + err;
  if (status !== 1 || writes.length > 0)
    return [`it ends with status ${String(status)} after ${writes.length} writes: ${said.slice(0, 600)}`];
  // A file that is no trail at all is not accepted, but moved away.
  const namesWayOut = /--accept-head|move (?:that file|what follows)/.test(said);
  return argv === pass && !namesWayOut ? [`it names no way out: ${said.slice(0, 600)}`] : [];
}
