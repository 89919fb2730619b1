// The short form of a family: each row is a test, and of many rows an even part.
import { expect, test } from "vitest";
import type { Family } from "./family.ts";

/** If a family has more rows, `npm test` plays every second, third or fourth; `npm run attack` plays all, each night. */
const mostRows = 100;

export function proveFamily({ rows, play }: Family): void {
  const step = Math.ceil(rows.length / mostRows);
  test.each(rows.filter((_, index) => index % step === 0))("$name", async ({ name, known }) => {
    const { attacks, faults } = await play(name, { isLong: false });
    expect(attacks).toBeGreaterThan(0);
    if (known === undefined) expect(faults).toEqual([]);
  });
}
