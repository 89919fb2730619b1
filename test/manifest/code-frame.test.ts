// The source line under a diagnostic.
import { expect, test } from "vitest";
import { codeFrame } from "../../src/manifest/code-frame.ts";

test("shows the line with a caret under the place", () => {
  expect(codeFrame("a: 1\nb: 2\n", 2, 4)).toBe("    2 | b: 2\n      |    ^");
});

test("a place behind the end of the line is shown at its end; CRLF and BOM do not count", () => {
  expect(codeFrame("\uFEFFa: 1\r\nb\r\n", 1, 99)).toBe("    1 | a: 1\n      |     ^");
  expect(codeFrame("a", 1, 1)).toBe("    1 | a\n      | ^");
  expect(codeFrame("", 1, 1)).toBe("    1 | \n      | ^");
});

test("a line that is not there is not shown", () => {
  expect(codeFrame("a\n", 3, 1)).toBe("");
});

test("tabs stay, so that the caret stands right whatever their width", () => {
  expect(codeFrame("a\t\tb", 1, 4)).toBe("    1 | a\t\tb\n      |  \t\t^");
});

test("control and invisible characters are replaced", () => {
  expect(codeFrame("a\u001b[31m\u202e\u2028b", 1, 1)).toBe("    1 | a\uFFFD[31m\uFFFD\uFFFDb\n      | ^");
});

test("a long line is cut around the place", () => {
  const line = `${"x".repeat(200)}!${"y".repeat(200)}`;
  expect(codeFrame(line, 1, 201)).toBe(
    `    1 | …${"x".repeat(40)}!${"y".repeat(59)}…\n      | ${" ".repeat(41)}^`,
  );
});

test("query strings and credentials of URLs are not shown, and the caret still fits", () => {
  const text = "url: [https://me:pw@a.example.com/x?token=secret, bad]";
  expect(codeFrame(text, 1, text.indexOf("bad") + 1)).toBe(
    `    1 | url: [https://…@a.example.com/x?… bad]\n      | ${" ".repeat(34)}^`,
  );
  expect(codeFrame("https://me:pw@a.example.com/", 1, 1)).toBe(
    "    1 | https://…@a.example.com/\n      | ^",
  );
  expect(codeFrame("https://a.example.com/?secret", 1, 27)).toBe(
    `    1 | https://a.example.com/?…\n      | ${" ".repeat(24)}^`,
  );
});
