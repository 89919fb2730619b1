// ARCHITECTURE.md says what each room may import, and .dependency-cruiser.cjs enforces it: both say the same.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

interface Rule {
  readonly name: string;
  readonly to: { readonly pathNot?: string };
}

/** By room, what the rule of the room allows beside the room itself. */
function enforced(): ReadonlyMap<string, readonly string[]> {
  const { forbidden } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
    readonly forbidden: readonly Rule[];
  };
  return new Map(
    forbidden.flatMap(({ name, to }): [string, string[]][] => {
      const room = /^(.+)-imports-only-from-below$/.exec(name)?.[1];
      const allowed = /^\^src\/\((.+)\)\[\/\.\]$/.exec(to.pathNot ?? "")?.[1]?.split("|") ?? [];
      return room === undefined ? [] : [[room, allowed.filter((one) => one !== room).sort()]];
    }),
  );
}

/** By room, what its row allows: names beside `lib` and `model`, `only` names, `nothing`, or `all above but` names. */
function described(): ReadonlyMap<string, readonly string[]> {
  const rooms = new Map<string, readonly string[]>();
  for (const line of readFileSync(`${root}/ARCHITECTURE.md`, "utf8").split("\n")) {
    const [, room, cell = ""] = /^\| `src\/([a-z]+)\/` *\|[^|]*\| ([^|]*)\|/.exec(line) ?? [];
    if (room === undefined) continue;
    const names = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.replace(/\.ts$/, ""));
    const above = [...rooms.keys()].filter((one) => !names.includes(one));
    const base = /^(only|nothing)/.test(cell) ? [] : ["lib", "model"];
    const allowed = cell.startsWith("all above") ? above : [...base, ...names];
    rooms.set(room, allowed.sort());
  }
  return rooms;
}

test("each row of ARCHITECTURE.md says what the boundary rules allow", () => {
  expect(Object.fromEntries(described())).toEqual(Object.fromEntries(enforced()));
});

test("each folder of src/ has a row", () => {
  const folders = readdirSync(`${root}/src`, { withFileTypes: true }).filter((one) => one.isDirectory());
  expect([...described().keys()].sort()).toEqual(folders.map(({ name }) => name).sort());
});
