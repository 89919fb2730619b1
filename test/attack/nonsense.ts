// Records that are chained as they should be and make no sense: every field of the published schema, with every odd value.
import { readFileSync } from "node:fs";
import type { AuditRecord } from "../../src/model/audit-record.ts";
import { kinds } from "../support/kinds.ts";
import { reseal } from "../support/reseal.ts";
import { trailPath } from "../support/world.ts";
import { makeFamily, playAll, type Played, type Row } from "./family.ts";
import { attack, findBroken, unexcused } from "./observe.ts";
import { copyOf, pass, stageOf, type Stage } from "./stage.ts";

interface Schema {
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

type Path = readonly (string | number)[];

const published = JSON.parse(
  readFileSync(new URL("../../schemas/audit-record.v1.json", import.meta.url), "utf8"),
) as Schema;

/** The path of every value that the schema names; of a list, its first item. */
function pathsOf(schema: Schema, path: Path = []): readonly Path[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return pathsOf(published.$defs?.[name] ?? {}, path);
  }
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, one]) => pathsOf(one, [...path, key])),
    ...(schema.items ? pathsOf(schema.items, [...path, 0]) : []),
    ...(schema.anyOf ?? []).flatMap((one) => pathsOf(one, path)),
  ];
  return path.length === 0 ? below : [path, ...below];
}

const deep = JSON.parse(`${"[".repeat(60)}${"]".repeat(60)}`) as unknown;
const oddValues: readonly unknown[] = [
  ...[undefined, null, true, false, 0, -1, 1.5, 1e300, 2 ** 53, "", "x", "\ud800", "\u0000\u001b[2J\u202e"],
  ...["../../oauth/token", "constructor", "2099-12-31T23:59:59.999Z", "x".repeat(100_000)],
  ...[[], [null], [{}], {}, { length: 1 }, { toString: 1, valueOf: 1 }, deep],
  JSON.parse('{"__proto__":{"name":"x"}}') as unknown,
];

/** The seal is made anew after the change, so these three are as they should be whatever is put there. */
const sealed = ["seq", "prevHash", "hash"];

interface NonsenseRow extends Row {
  readonly path: Path;
}

export const nonsenseRows: readonly NonsenseRow[] = [
  ...new Map(pathsOf(published).map((path) => [path.join("."), path] as const)),
]
  .filter(([name]) => !sealed.includes(name))
  .map(([name, path]) => ({ name: `record.${name}`, path }));

const commands = [
  pass,
  "rollback --last --allow-deletes --force",
  "audit log --all",
  "status",
  "plan --output json",
  "rollback --last --dry-run",
];

export const nonsense = makeFamily("nonsense", nonsenseRows, async (row, { isLong }) => {
  // The trail of triggers has every key that a document may have.
  const played = isLong ? kinds : kinds.slice(-1);
  const shift = row.name.length;
  const values = oddValues.filter((_, index) => isLong || index % 8 === shift % 8);
  return playAll(
    played.flatMap((kind) =>
      values.map((value, index) => async () => {
        const stage = await stageOf(kind);
        const some = isLong ? commands : [commands[(shift + index) % commands.length] ?? pass];
        return playAll(some.map((argv) => () => playNonsense(row, value, { argv, stage })));
      }),
    ),
  );
});

interface Nonsense {
  readonly argv: string;
  readonly stage: Stage;
}

async function playNonsense(
  { path }: NonsenseRow,
  value: unknown,
  { argv, stage }: Nonsense,
): Promise<Played> {
  const from = copyOf(stage.world);
  const text = from.files.text(trailPath);
  const lines = text.split("\n");
  const line = lines.findLastIndex((one) => one.includes('"event":"change.applied"')) + 1;
  const spoilt = reseal(text, (record) => (record.seq === line ? put(record, path, value) : {}));
  from.files.set(trailPath, spoilt, 0o600);
  const broken = await findBroken(from);
  const faults: string[] = [];
  if (broken && broken.line !== line)
    faults.push(`audit verify names line ${broken.line} in place of ${line}`);
  const attacked = await attack({ argv, from });
  faults.push(...unexcused(attacked, argv.startsWith("rollback") ? ["noGap"] : []));
  if (broken && argv.startsWith("rollback --last --allow") && attacked.writes.length > 0)
    faults.push("it writes after a record that does not verify");
  const shown = JSON.stringify(value) as string | undefined;
  const where = `${stage.kind.nouns}, ${argv}, ${shown?.slice(0, 60) ?? "nothing"}`;
  return { attacks: 1, faults: faults.map((fault) => `${where}: ${fault}`) };
}

/** The record with the value at this path; what is missing on the way there is made. */
function put(record: AuditRecord, [first = "", ...rest]: Path, value: unknown): object {
  const here = record[first as keyof AuditRecord];
  return { [first]: rest.length === 0 ? value : putBelow(here, rest, value) };
}

function putBelow(here: unknown, [key = "", ...rest]: Path, value: unknown): unknown {
  const copy: object = typeof here === "object" && here !== null ? structuredClone(here) : {};
  const below = (copy as Record<string | number, unknown>)[key];
  const next = rest.length === 0 ? value : putBelow(below, rest, value);
  return Array.isArray(copy) ? [next, ...(copy as unknown[]).slice(1)] : { ...copy, [key]: next };
}
