// No room but src/kinds knows a kind by its name: what differs between kinds, each kind's module says.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import ts from "typescript";
import { builtInKinds } from "../../src/kinds/registry.ts";

const root = resolve(import.meta.dirname, "../..");

const words: ReadonlySet<string> = new Set(
  builtInKinds.all.flatMap(({ name, scheme, noun, path, options }) => [
    ...[name, scheme, scheme.slice(0, -1), noun, path],
    ...(options ? [options.key] : []),
  ]),
);

/** Single words: the names, the nouns, the schemes without the colon, and the keys of the options. */
const singleWords = builtInKinds.all.flatMap(({ name, scheme, noun, nouns, options }) => [
  ...[name, scheme.slice(0, -1)],
  ...`${noun} ${nouns}`.split(" "),
  ...(options ? [options.key] : []),
]);
const singleWord = new RegExp(`\\b(?:${[...new Set(singleWords)].join("|")})\\b`, "i");

/** The texts of strings, templates and regular expressions, be they values or types; what a comment says is none. */
function textsOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node) || ts.isRegularExpressionLiteral(node)) return node.text;
  return ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node) ? node.text : null;
}

/** Some keys of the published formats, such as `triggers`, are words for a kind; types hold such keys as texts. */
function isKey(node: ts.Node): boolean {
  return ts.isLiteralTypeNode(node.parent);
}

function find(file: string, isNamed: (text: string, node: ts.Node) => boolean): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: string[] = [];
  const see = (node: ts.Node): void => {
    const text = textsOf(node);
    if (text !== null && !ts.isImportDeclaration(node.parent) && isNamed(text, node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${text}`);
    }
    node.forEachChild(see);
  };
  see(source);
  return found;
}

function filesOf(room: string): readonly string[] {
  const files = readdirSync(join(root, "src", room), { recursive: true, encoding: "utf8" })
    .map((file) => `src/${room}/${file}`)
    .filter((file) => file.endsWith(".ts") && !exceptions.some((path) => file.startsWith(path)));
  expect(files.length).toBeGreaterThan(2);
  return files;
}

/**
 * The published formats hold the keys of options, app/settings.ts looks at the address of the platform itself, and a receiver
 * of messages in the config is called webhook, too.
 */
const exceptions = ["src/model/schema/", "src/app/settings.ts", "src/model/config.ts"];

test.each(["plan", "apply", "audit", "import", "manifest", "model", "report", "app", "words"])(
  "no literal of src/%s is a kind, a scheme or an options key",
  (room) => {
    expect(filesOf(room).flatMap((file) => find(file, (text) => words.has(text)))).toEqual([]);
  },
);

test.each(["plan", "apply", "audit", "import", "words"])(
  "no text of src/%s has a word for a kind in it",
  (room) => {
    const isNamed = (text: string, node: ts.Node): boolean => singleWord.test(text) && !isKey(node);
    expect(filesOf(room).flatMap((file) => find(file, isNamed))).toEqual([]);
  },
);

test("the parser of YAML has no word for a kind in its texts", () => {
  expect(find("src/manifest/parse-yaml.ts", (text) => singleWord.test(text))).toEqual([]);
});
