import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Longest first. On a clean clone Vitest knows no durations and would go by the files' sizes: the simulation, three lines
 * a file, would come last, and one core would work on it alone while the others have nothing left to do.
 */
const longest = [
  // Before a process that the others share is there, for it would end here.
  /test\/daemon\/soak/,
  /test\/simulation\//,
  /test\/(plan|import)\/properties/,
  /test\/cli\/rollback-property/,
  /test\/(e2e|compete)\//,
  /test\/security\/planted-repositories/,
  /test\/dashboard\//,
  /test\/action\/workflows/,
  /test\/cli\/odd-trail/,
  /test\/compatibility\//,
  /test\/operations\//,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.findIndex((pattern) => pattern.test(moduleId));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** This one measures memory and open handles of its whole process, which it therefore shares with no other file. */
const alone = ["test/daemon/soak.test.ts"];

/** What they prove of applying holds with each store. */
const overEachStore = [
  "died",
  "found-done",
  "late-creates",
  "lost-answers",
  "meanwhile",
  "unseen-conflict",
].map((name) => `test/apply/${name}.test.ts`);

export default defineConfig({
  test: {
    // By default Vitest leaves one core free; of two, that is half. One more than the cores: the page's tests, and those of
    // whole processes, mostly wait.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        extends: true,
        // The files share one process for each core, which loads the sources once: in processes of their own, the files
        // of test/cli took twice the time. test/support/setup.ts takes back what a file changed in the process.
        test: {
          ...{ name: "together", isolate: false, include: ["test/**/*.test.ts"], exclude: alone },
          globalSetup: ["test/support/postgres-setup.ts"],
        },
      },
      { extends: true, test: { name: "alone", include: alone } },
      ...["git", "postgres"].map((store) => ({
        extends: true as const,
        test: {
          ...{ name: `state like ${store}`, isolate: false, include: overEachStore },
          env: { SUITE_STORE: store },
        },
      })),
    ],
    globalSetup: ["test/support/build.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "json"],
    outputFile: { json: "reports/tests.json" },
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      // The dashboard runs in a browser, and so do its tests.
      exclude: ["src/main.ts", "src/**/generated/**", "src/daemon/dashboard/**", "src/**/*.d.ts"],
      reporter: ["text-summary"],
      thresholds: { lines: 95 },
    },
  },
});
