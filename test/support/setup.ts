// Checks after every test that none of its worlds has put out a secret.
import { afterEach } from "vitest";
import { checks } from "./canary.ts";

afterEach(() => {
  for (const check of checks.splice(0)) check();
});
