// Event sources of one suffix in different accounts or regions: which endpoints are warned of, and which are not.
import { expect, it } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

const sourceAt = (at: string): string => `eventbridge://${at}`;
const [here, there] = [
  sourceAt("123456789012/us-east-1/orders"),
  sourceAt("210987654321/eu-west-1/orders"),
];

const group = (name: string, endpoint: string, pool: readonly string[] = []) => ({
  file: `${name}.yaml`,
  text: manifestText(
    {
      name: `  name: ${name}`,
      endpointUrl: `  endpointUrl: ${endpoint}`,
      eventTypes: "  eventTypes: [v2.users.{id}.presence, v2.users.{id}.routingStatus]".replaceAll(
        "{id}",
        "x",
      ),
      offsetTracking: `  offsetTracking: { stateFile: /${name}.json }`,
    },
    pool.length === 0 ? "" : `  endpointPool: ${JSON.stringify(pool)}\n  rebalance: { mode: always }\n`,
  ),
});

const warnings = (...files: { file: string; text: string }[]): string[] =>
  makeSubscriptions(files, anything).diagnostics.flatMap(({ severity, code, message, hint, file, line }) =>
    code.endsWith("/sameName")
      ? [`${severity} ${file ?? ""}:${line ?? 0} ${code}: ${message}; ${hint ?? ""}`]
      : [],
  );

const why =
  "the name of an event source likely has neither the account nor the region in it, so one organisation should use a " +
  "suffix once; use another suffix; it makes another event source, which has to be associated in AWS";

it("warns of one suffix in another account and region, with the place of both", () => {
  expect(warnings(group("a", here), group("b", there))).toEqual([
    `warning b.yaml:6 endpointUrl/sameName: the suffix "orders" is also that of "${here}", at a.yaml:6:16: ${why}`,
  ]);
});

it("warns within a pool, and across pools, once for each endpoint", () => {
  const third = sourceAt("123456789012/eu-west-1/orders");
  expect(warnings(group("a", here, [here, there]), group("b", third, [third]))).toEqual([
    expect.stringContaining("a.yaml:9 endpointPool/sameName:") as string,
    expect.stringContaining("b.yaml:6 endpointUrl/sameName:") as string,
  ]);
});

it.each([
  ["another suffix", sourceAt("210987654321/eu-west-1/orders-2")],
  ["another spelling of the suffix", sourceAt("210987654321/eu-west-1/Orders")],
  ["a workflow", "workflow:orders"],
  ["an https endpoint", "https://example.com/orders"],
])("says nothing of %s", (_, endpoint) => {
  expect(warnings(group("a", here), group("b", endpoint))).toEqual([]);
});

it("says nothing of an endpointUrl that is also in the pool", () => {
  expect(warnings(group("a", here, [here]))).toEqual([]);
});
