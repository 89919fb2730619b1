// Endpoints that a template has not filled in, and hosts that are none.
import { expect, test } from "vitest";
import { makeSubscriptions } from "../../src/manifest/validate.ts";
import { anything, manifestText } from "./manifest-text.ts";

function diagnosticsOf(endpoint: string) {
  const text = manifestText({ endpointUrl: `  endpointUrl: '${endpoint}'` });
  const { diagnostics } = makeSubscriptions([{ file: "a.yaml", text }], anything);
  return diagnostics.filter(({ code }) => code.startsWith("endpointUrl/"));
}

const fillIn = "write ${name}, and give the name a value under values in the config";

test.each([
  ["https://$HOST/x", "$NAME"],
  ["https://hooks.$DOMAIN/x", "$NAME"],
  ["https://{{host}}/x", "{{…}}"],
  ['https://{{ .Values.host | default "a/b" }}/x', "{{…}}"],
  ["https://$(HOST)/x", "$(…)"],
  ["https://<host>/x", "<…>"],
  ["https://%HOST%/x", "%NAME%"],
  ["https://%HOST%.example.com/x", "%NAME%"],
  ["{{ endpoint }}", "{{…}}"],
  ["$ENDPOINT/x", "$NAME"],
  ["workflow:<id>", "<…>"],
  ["workflow:{{ flow }}", "{{…}}"],
  ["eventbridge://$ACCOUNT/us-east-1/orders", "$NAME"],
])("%s is an error, because nobody has replaced the %s", (endpoint, form) => {
  const where = endpoint.startsWith("https:") ? "the URL's host" : "the endpoint";
  expect(diagnosticsOf(endpoint)).toEqual([
    expect.objectContaining({
      ...{ severity: "error", code: "endpointUrl/template", line: 6, column: 16, hint: fillIn },
      message: `${where} holds a ${form} that no template has replaced`,
    }),
  ]);
});

test.each([
  ["https://a.example.com/$STAGE/x", "$NAME"],
  ["https://a.example.com/{{stage}}", "{{…}}"],
  ["https://a.example.com/$(stage)", "$(…)"],
  ["https://a.example.com/<stage>", "<…>"],
  ["https://a.example.com/%STAGE%/x", "%NAME%"],
  ["https://a.example.com/%DATABASE%/x", "%NAME%"],
])("%s is a warning, because a path may hold a %s", (endpoint, form) => {
  expect(diagnosticsOf(endpoint)).toEqual([
    expect.objectContaining({
      ...{ severity: "warning", code: "endpointUrl/template" },
      message: `the URL holds a ${form}, which looks like a part of a template; events are sent to it as it stands`,
      hint: `if it stands for a value, ${fillIn}`,
    }),
  ]);
});

test("a query string that holds one is not repeated", () => {
  const found = diagnosticsOf("https://a.example.com/x?token=abc$Secret");
  expect(found.map(({ code }) => code).toSorted()).toEqual([
    "endpointUrl/queryString",
    "endpointUrl/template",
  ]);
  expect(JSON.stringify(found)).not.toContain("Secret");
});

test.each([
  "https://a.example.com/%20/%3Cx%3E/%ABCD%20/$/100%25/a%b/{id}",
  "https://a_b.example.com./x",
  "https://bücher.example.com/x",
  "https://203.0.113.7:8443/x",
  "https://[2001:db8::1]/x",
])("%s holds none", (endpoint) => {
  expect(diagnosticsOf(endpoint)).toEqual([]);
});

test.each([
  "https://foo..com/x",
  "https://foo_bar..com/x",
  "https://-/x",
  "https://-a.example.com/x",
  "https://a-.example.com/x",
  "https://a,b.example.com/x",
  "https://a.example.com;b/x",
  "https://a*.example.com/x",
  "https://$${host}/x",
  `https://${"a".repeat(64)}.example.com/x`,
  `https://${"a.".repeat(130)}com/x`,
])("%s has a host that is none", (endpoint) => {
  const [fault, ...others] = diagnosticsOf(endpoint);
  expect(fault).toMatchObject({ severity: "error", code: "endpointUrl/malformed" });
  expect([fault?.message, others]).toEqual([expect.stringContaining("the URL's host"), []]);
});

test("a space in the host is not to be percent-encoded", () => {
  expect(diagnosticsOf("https://exa mple.com/x")).toMatchObject([
    {
      code: "endpointUrl/malformed",
      message: "the URL's host holds a space, a backslash or a control character",
      hint: "write it as https://host/path",
    },
  ]);
  expect(diagnosticsOf("https://a.example.com/a b")).toMatchObject([
    { hint: "percent-encode it, such as %20" },
  ]);
});
