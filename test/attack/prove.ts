// The short form of a family: each row is a test.
import { expect, test } from "vitest";
import type { Family } from "./family.ts";

export function proveFamily({ rows, play }: Family): void {
  test.each(rows)("$name", async ({ name, known }) => {
    const { attacks, faults } = await play(name, { isLong: false });
    expect(attacks).toBeGreaterThan(0);
    if (known === undefined) expect(faults).toEqual([]);
  });
}
