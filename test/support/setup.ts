// Checks after every test that none of its worlds has put out a secret, and restores after every file what it changed in
// the process, in which the next file runs.
import { afterAll, afterEach, vi } from "vitest";
import { checks } from "./canary.ts";

afterEach(() => {
  for (const check of checks.splice(0)) check();
});

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
