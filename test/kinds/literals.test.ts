// The plan, its writes and the trail know no kind by its name: what differs is the kind's module's to say.
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

test.each(["plan", "apply", "audit"])(
  "no literal of src/%s is a kind, a scheme or an options key",
  (room) => {
    const files = readdirSync(join(root, "src", room), { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".ts"),
    );
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap((file) => literalsOf(join(root, "src", room, file)))).toEqual([]);
  },
);
