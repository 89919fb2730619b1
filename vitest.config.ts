import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 30_000,
    reporters: ["default", "json"],
    outputFile: { json: "reports/tests.json" },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // The dashboard runs in a browser, and so do its tests.
      exclude: ["src/main.ts", "src/**/generated/**", "src/daemon/dashboard/**", "src/**/*.d.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { lines: 95 },
    },
  },
});
