// A login is hidden and refused by where its last `@` stands, whatever its password holds.
import { expect, test } from "vitest";
import { quote } from "../../src/lib/text.ts";
import { hideLogins, isLoginAmbiguous } from "../../src/lib/url-login.ts";
import { shownEndpoint } from "../../src/model/endpoint.ts";

test.each([
  ["https://user:pass@h.example.com/x", false],
  ["https://user:p@ss@h.example.com/x", true],
  ["https://user:p@ss#word@h.example.com/x", true],
  ["https://user:p#ss@h.example.com/x", true],
  ["https://user:p/ss@h.example.com/x", true],
  ["https://user:p?ss@h.example.com/x", true],
  ["https://token@ss/t@h.example.com/x", true],
])("%s shows nothing of its login", (address, isAmbiguous) => {
  expect(hideLogins(`could not reach ${address}`)).toBe("could not reach https://…@h.example.com/x");
  expect(quote(address)).toBe('"https://…@h.example.com/x"');
  expect(shownEndpoint(address)).toBe("https://…@h.example.com/x");
  expect(isLoginAmbiguous(address)).toBe(isAmbiguous);
});

test.each([
  "https://h.example.com/@team/x",
  "https://h.example.com:8443/@team/x",
  "https://[::1]:8443/@team/x",
  "git@h.example.com:acme/x.git",
])("%s has no password, and is shown whole", (address) => {
  expect([hideLogins(address), shownEndpoint(address)]).toEqual([address, address]);
  expect(isLoginAmbiguous(address)).toBe(false);
});
