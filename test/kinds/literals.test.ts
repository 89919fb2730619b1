// No room but src/kinds knows a kind by its name: what differs between kinds, each kind's module says.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import ts from "typescript";
import { builtInKinds } from "../../src/kinds/registry.ts";

const root = resolve(import.meta.dirname, "../..");

const words = new Set(
  builtInKinds.all.flatMap(({ name, scheme, noun, path, options }) => [
    ...[name, scheme, scheme.slice(0, -1), noun, path],
    ...(options ? [options.key] : []),
  ]),
);

/** Texts of the code itself, be they values or types; what a comment says is none. */
function literalsOf(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const see = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && words.has(node.text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path.slice(root.length + 1)}:${line + 1}: ${node.text}`);
    }
    node.forEachChild(see);
  };
  see(source);
  return found;
}

/** The published formats hold the keys of options, and app/settings.ts looks at the address of the platform itself. */
const exceptions = ["src/model/schema/", "src/app/settings.ts"];

test.each(["plan", "apply", "audit", "import", "manifest", "model", "report", "app", "words"])(
  "no literal of src/%s is a kind, a scheme or an options key",
  (room) => {
    const files = readdirSync(join(root, "src", room), { recursive: true, encoding: "utf8" })
      .map((file) => `src/${room}/${file}`)
      .filter((file) => file.endsWith(".ts") && !exceptions.some((path) => file.startsWith(path)));
    expect(files.length).toBeGreaterThan(2);
    expect(files.flatMap((file) => literalsOf(join(root, file)))).toEqual([]);
  },
);
