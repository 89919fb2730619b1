// Valid endpoints to which no event gets: hosts of a private network, and the placeholders that `init` writes.
import { expect, test } from "vitest";
import { builtInKinds } from "../../src/kinds/registry.ts";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

function diagnosticsOf(lines: string) {
  const text = manifestText({ endpointUrl: lines });
  const { diagnostics } = makeSubscriptions([{ file: "a.yaml", text }], anything);
  return diagnostics
    .filter(({ code }) => code.startsWith("endpoint"))
    .map(({ severity, code, message, line }) => ({ severity, code, message, line }));
}

test.each([
  ["https://localhost:8443/x", "localhost"],
  ["https://127.0.0.1/x", "127.0.0.1"],
  ["https://10.1.2.3/x", "10.1.2.3"],
  ["https://[::1]/x", "[::1]"],
  ["https://hooks.corp.internal/x", "hooks.corp.internal"],
  ["https://hooks/x", "hooks"],
])("%s: a private host is a warning", (url, host) => {
  expect(diagnosticsOf(`  endpointUrl: "${url}"`)).toEqual([
    {
      ...{ severity: "warning", code: "endpointUrl/private", line: 6 },
      message: `the host "${host}" is in a private network, which Genesys Cloud cannot reach`,
    },
  ]);
});

test("each endpoint of a pool is looked at", () => {
  const pool = '  endpointPool: ["https://a.example.com/x", "https://192.168.0.1/x"]';
  const lines = `  endpointUrl: https://a.example.com/x\n${pool}`;
  expect(diagnosticsOf(lines).map(({ code }) => code)).toEqual(["endpointPool/private"]);
});

test.each([
  "https://a.example.com/x",
  "https://8.8.8.8/x",
  "https://events.example.com/genesys/orders",
  "eventbridge://123456789013/us-east-1/orders",
])("%s: no warning", (url) => {
  expect(diagnosticsOf(`  endpointUrl: ${url}`)).toEqual([]);
});

test.each(builtInKinds.all.map((kind) => [kind.nouns, kind.start.spec] as const))(
  "%s: the placeholder that init writes is a warning",
  (_nouns, spec) => {
    const line = spec.split("\n").find((text) => text.startsWith("  endpointUrl:")) ?? "";
    expect(diagnosticsOf(line)).toMatchObject([{ severity: "warning", code: "endpointUrl/placeholder" }]);
  },
);
