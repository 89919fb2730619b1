// What the guides show of plans and passes is what these print: each guide is gone through, from its own manifest on.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { makeSend } from "../../src/genesys/client/send.ts";
import { runWorld, type TestWorld } from "../support/world.ts";

const root = resolve(import.meta.dirname, "../..");
const config = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\nowner: telephony\n";

interface Guide {
  readonly name: string;
  readonly manifest: string;
  /** The guide's first YAML block is the config, and the manifest its second. */
  readonly hasConfig?: true;
  /** Before the command of that number, from 0: what somebody does to the manifest. */
  readonly edits: Readonly<Record<number, (manifest: string) => string | null>>;
}

const source = (suffix: string): string => `    - eventbridge://123456789012/us-east-1/${suffix}\n`;

const guides: readonly Guide[] = [
  {
    name: "eventbridge",
    manifest: "subscriptions/analytics.yaml",
    edits: {
      3: (text) => text.replace(source("analytics-1"), source("analytics-1") + source("analytics-2")),
      6: (text) => text.replace(source("analytics-2"), source("analytics-2b")),
      7: () => null,
    },
  },
  {
    name: "workflows",
    manifest: "subscriptions/survey.yaml",
    edits: {
      2: (text) => text.replace("eventTTLSeconds: 60", "eventTTLSeconds: 120"),
      3: (text) =>
        text.replace("eventTTLSeconds: 120", "eventTTLSeconds: 60").replace(
          "  eventTypes:",
          `  endpointPool:
    - workflow:7a4e0d4c-2f0b-4c3a-9a4e-0d4c2f0b4c3a
    - workflow:b1f2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d
  rebalance: { mode: always }
  eventTypes:`,
        ),
      4: () => null,
    },
  },
  {
    ...{ name: "aws", manifest: "subscriptions/analytics.yaml", hasConfig: true },
    edits: {
      2: (text) => text.replace("    - https://pipeline.example.com/genesys-2\n", ""),
    },
  },
];

test.each(guides)("the guide $name shows what is printed", async ({ name, manifest, hasConfig, edits }) => {
  const text = readFileSync(join(root, `docs/${name}.md`), "utf8");
  const blocks = blocksOf(text, "yaml");
  const [shownConfig = "", first = ""] = hasConfig ? blocks : [config, ...blocks];
  const [event] = blocksOf(text, "json");
  const files = {
    ...{ "reconcile.yaml": shownConfig, [manifest]: first },
    ...(event === undefined ? {} : { "event.json": event }),
  };
  const shown = blocksOf(text, "").filter((block) => block.startsWith("$ "));
  expect(shown.length).toBeGreaterThan(Object.keys(edits).length);
  let from: TestWorld | undefined;
  for (const [number, block] of shown.entries()) {
    const edit = edits[number];
    if (edit && from) await apply(edit, manifest, from);
    const { argv, lines } = parse(block);
    const { out, world } = await runWorld({ argv, ...(from ? { from } : { files }), send: makeSend() });
    expectInOrder(lines, out.split("\n"));
    from = world;
  }
});

test("what the README shows beside its manifest is what a plan prints of it", async () => {
  const text = readFileSync(join(root, "README.md"), "utf8");
  const [manifest = ""] = blocksOf(text, "yaml");
  const { argv, lines } = parse(blocksOf(text, "").find((block) => block.startsWith("$ ")) ?? "");
  const added = /^ {4}- v2\.users\.\{id\}\.routingStatus\n {4}- v2\.outbound\.campaigns\.\{id\}\n/m;
  const path = "subscriptions/crm.yaml";
  const before = await runWorld({ argv: "sync", files: { [path]: manifest.replace(added, "") } });
  await before.world.files.write(path, manifest);
  const { out } = await runWorld({ argv, from: before.world });
  expect(out).toBe(lines.join("\n"));
});

test("the guide's three environments print what it shows of them", async () => {
  const text = readFileSync(join(root, "docs/gitops.md"), "utf8");
  const [, section = ""] = /^## Dev, test and production in one repository\n([^]*?)^## /m.exec(text) ?? [];
  const files = Object.fromEntries(
    // Each file's block begins with its path.
    filesIn(blocksOf(section, "yaml")).map(
      (block) => [block.slice(2, block.indexOf("\n")), block] as const,
    ),
  );
  const misspelt = files["envs/test.yaml"]?.replace("host:", "hots:") ?? "";
  const blocks = blocksOf(section, "");
  expect([Object.keys(files).length, blocks.length]).toEqual([4, 3]);
  for (const { argv, lines } of blocks.map(parse)) {
    const given = { files: { ...files, "envs/test.yaml": misspelt }, send: makeSend() };
    const { out, err } = await runWorld({ argv, ...given });
    expectInOrder(lines, `${out}${err}`.split("\n"));
  }
}, 60_000);

function filesIn(blocks: readonly string[]): readonly string[] {
  return blocks.filter((block) => block.startsWith("# "));
}

async function apply(
  edit: (manifest: string) => string | null,
  path: string,
  { files }: TestWorld,
): Promise<void> {
  const text = edit(files.text(`/${path}`));
  if (text === null) await files.remove(path);
  else {
    expect(text).not.toBe(files.text(`/${path}`));
    await files.write(path, text);
  }
}

/** Of fenced blocks in this language, also within lists: what stands in them, not indented. */
function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)]
    .filter(([, , found]) => found === language)
    .map(([, indent = "", , body = ""]) => body.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
}

/** The command is the last line with a prompt. */
function parse(block: string): { readonly argv: string; readonly lines: readonly string[] } {
  const lines = block.split("\n");
  const last = lines.findLastIndex((line) => line.startsWith("$ "));
  const argv = (lines[last] ?? "").replace(/^\$ reconcile */, "").replace(/ +#.*$/, "");
  return { argv, lines: lines.slice(last + 1) };
}

/** `…` stands for lines that are left out; nothing else is. */
function expectInOrder(shown: readonly string[], printed: readonly string[]): void {
  let at = 0;
  let mayLeaveOut = false;
  for (const line of shown) {
    if (line === "…") {
      mayLeaveOut = true;
      continue;
    }
    const found = mayLeaveOut && line !== "" ? printed.indexOf(line, at) : at;
    expect(printed[found], printed.join("\n")).toBe(line);
    at = found + 1;
    mayLeaveOut = false;
  }
}
