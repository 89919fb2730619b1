// The entries of NO_PROXY, each as curl reads it.
import { expect, test } from "vitest";
import { findProxy } from "../../../src/genesys/client/proxy.ts";

test.each([
  ["example.com", "https://example.com/x", true],
  ["example.com", "https://api.eu.example.com/x", true],
  [".example.com", "https://example.com/x", true],
  ["example.com.", "https://API.example.com/x", true],
  ["example.com", "https://notexample.com/x", false],
  ["api.example.com", "https://example.com/x", false],
  ["a.example.com b.example.com,c.example.com", "https://c.example.com/x", true],
  ["example.com:8443", "https://api.example.com:8443/x", true],
  ["example.com:8443", "https://api.example.com/x", false],
  ["10.0.0.0/8", "https://10.1.2.3/x", true],
  ["10.0.0.0/8", "https://11.1.2.3/x", false],
  ["10.0.0.0/99", "https://10.1.2.3/x", false],
  ["10.1.2.3", "https://10.1.2.3/x", true],
  ["2.3", "https://10.1.2.3/x", false],
  ["fd00::/8", "https://[fd12::1]/x", true],
  ["[fd12::1]:443", "https://[fd12::1]/x", true],
  ["fd12::1", "https://[fd12::2]/x", false],
  [",", "https://example.com/x", false],
])("NO_PROXY=%s: %s without the proxy: %s", (list, url, isDirect) => {
  const proxy = findProxy(url, { HTTPS_PROXY: "http://proxy.example.org:3128", NO_PROXY: list });
  expect(proxy === null).toBe(isDirect);
});
