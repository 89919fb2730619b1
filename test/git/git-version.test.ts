// Which Git can be kept from fetching the missing files of a partial clone.
import { expect, test } from "vitest";
import { canStayOffline } from "../../src/git/git-version.ts";

test.each([
  ["git version 1.9.5", false],
  ["git version 2.30.2", false],
  ["git version 2.38.5", false],
  ["git version 2.39.3 (Apple Git-146)", false],
  ["git version 2.39.4", true],
  ["git version 2.39.5 (Apple Git-154)", true],
  ["git version 2.40.1.windows.1", false],
  ["git version 2.40.2.windows.1", true],
  ["git version 2.44.0", false],
  ["git version 2.44.1", true],
  ["git version 2.45.0", true],
  ["git version 2.50.1", true],
  ["git version 3.0.0", true],
  ["git version 2.44", false],
  ["", false],
])("%s: %s", (said, expected) => {
  expect(canStayOffline(said)).toBe(expected);
});
