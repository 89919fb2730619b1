// The values of flags that several commands share, and which commands have them.
import type { Command } from "commander";
import { expect, test } from "vitest";
import { span } from "../../src/cli/flags.ts";
import { makeProgram } from "../../src/cli/program.ts";
import { makeWorld } from "../support/world.ts";

test.each([
  ["0s", 0],
  ["300ms", 300],
  ["90s", 90_000],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["PT1M30S", 90_000],
  ["PT0.3S", 300],
  ["P1D", 86_400_000],
])("the time %s has %d ms", (text, ms) => {
  expect(span(0)(text)).toBe(ms);
});

test.each(["", "90", "s", "-1s", "1.5s", "25h", "P2D", "PT", "1h30m", "90 s", "1e3s"])(
  "%j is no time",
  (text) => {
    expect(() => span(0)(text)).toThrow("Give a time such as 300ms, 60s, 5m or 1h, at most 24h.");
  },
);

test("a time may be too short", () => {
  expect(() => span(1)("0s")).toThrow("Give a time");
  expect(() => span(1)("PT0S")).toThrow("Give a time");
});

test("the commands that wait for the right to write have --lock-timeout, and no others", () => {
  const program = makeProgram(makeWorld({ argv: "" }), () => undefined);
  const pathsOf = (command: Command, path: string): string[] => [
    ...(command.options.some(({ long }) => long === "--lock-timeout") ? [path] : []),
    ...command.commands.flatMap((sub) => pathsOf(sub, `${path} ${sub.name()}`.trim())),
  ];
  expect(pathsOf(program, "")).toEqual([
    "sync",
    "apply",
    "rollback",
    "release",
    "audit rotate",
    "state move",
    "watch",
  ]);
});
