// docs/security.md claims nothing that no test is about.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const docs = join(import.meta.dirname, "../../docs");
const flat = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("`", "").toLowerCase();

test("each claim of the threat model names a test that is there", () => {
  const text = readFileSync(join(docs, "security.md"), "utf8");
  const links = [...text.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^ )]+\.test\.ts)(?:\s+"([^"]+)")?\)/g)];
  expect(links.length).toBeGreaterThan(20);
  const missing = links.filter(([, words = "", path = "", title = words]) => {
    const source = flat(readFileSync(join(docs, path), "utf8").replaceAll("\\", ""));
    return !source.includes(flat(title));
  });
  expect(missing.map(([link]) => link)).toEqual([]);
});
