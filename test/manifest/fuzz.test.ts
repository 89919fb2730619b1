// Whatever a file holds, there is an answer: never a throw, never half a value.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../src/manifest/catalog.ts";
import { codeFrame } from "../../src/manifest/code-frame.ts";
import { makeConfig } from "../../src/manifest/config.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { hasErrors, type Diagnostic, type Loaded } from "../../src/model/diagnostic.ts";
import { anything, catalogOf, manifestText } from "./manifest-text.ts";

const full = manifestText(
  {},
  `  endpointPool:
    - https://a.example.com/hook
    - { url: https://a.example.com/2, weight: 2 }
  retryPolicy: { retryCount: 3, retryInterval: PT1M, retryOnTimeout: true }
  state: enabled
  rebalance: { mode: always }
`,
);

const options = {
  ...anything,
  allowedEndpointHosts: ["*.example.com"],
  catalog: catalogOf("routing.queue.created"),
};

/** Pieces that YAML, URLs and JavaScript treat in a way of their own. */
const odd = fc.oneof(
  fc.constantFrom(...Array.from("[]{}:,-?#&*!|>'\"%@`\t \n\r~\0\uFEFF\u2028")),
  fc.constantFrom(
    "---\n",
    "...\n",
    "<<: ",
    "__proto__: ",
    "toString: ",
    "null",
    "1e999",
    "0x",
    "\\ud800",
    "- ",
    "? ",
  ),
  fc.string({ unit: "binary", maxLength: 5 }),
);

/** A valid manifest with some of its parts cut, replaced or doubled. */
const mutated = fc
  .array(fc.tuple(fc.nat(full.length), fc.nat(20), fc.oneof(odd, fc.nat(full.length))), { maxLength: 6 })
  .map((edits) =>
    edits.reduce((text, [at, cut, piece]) => {
      const inserted = typeof piece === "number" ? full.slice(piece, piece + 40) : piece;
      return text.slice(0, at) + inserted + text.slice(at + cut);
    }, full),
  );

const texts = fc.oneof(
  mutated,
  fc.array(odd, { maxLength: 60 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.json(),
);

function expectWhole(loaded: Loaded<unknown>, text: string): void {
  expect(loaded.ok).toBe(!hasErrors(loaded.diagnostics));
  for (const diagnostic of loaded.diagnostics) expectSound(diagnostic, text);
}

function expectSound({ code, message, line, column, file }: Diagnostic, text: string): void {
  expect(code).toMatch(/^[A-Za-z]+\/[A-Za-z]+$/);
  // What it quotes is the manifest's own.
  expect(message.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/must NOT|must match|undefined|NaN|\[object/);
  expect(message).not.toMatch(/\n/);
  expect([file, Number.isInteger(line), Number.isInteger(column)]).toEqual(["f.yaml", true, true]);
  expect(line).toBeGreaterThanOrEqual(1);
  expect(line).toBeLessThanOrEqual(text.split("\n").length);
  expect(column).toBeGreaterThanOrEqual(1);
  expect(codeFrame(text, line ?? 0, column ?? 0)).toMatch(/^ *\d+ \| .*\n *\| \s*\^$/u);
}

describe("any text", () => {
  test("as manifests", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expectWhole(makeSubscriptions([{ file: "f.yaml", text }], options), text);
      }),
      { numRuns: 3000 },
    );
  }, 120_000);

  test("as a config file", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const head = "apiVersion: reconcile.genesys/v1\nkind: ReconcileConfig\n";
        expectWhole(makeConfig(head + text, "f.yaml"), head + text);
        expectWhole(makeConfig(text, "f.yaml"), text);
      }),
    );
  });

  test("as a catalogue", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expectWhole(parseCatalog(text, "f.yaml"), text);
      }),
    );
  });

  test("as a source line", () => {
    fc.assert(
      fc.property(texts, fc.integer(), fc.integer(), (text, line, column) => {
        expect(codeFrame(text, line, column).split("\n").length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
