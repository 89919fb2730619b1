// What `npm run mutation` runs of each mutant. The generated tests come last: most mutants fail an example before them.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

class ExamplesFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isGenerated = ({ moduleId }: TestSpecification): number =>
      Number(moduleId.includes("properties"));
    return Promise.resolve(files.toSorted((a, b) => isGenerated(a) - isGenerated(b)));
  }
}

export default defineConfig({
  test: {
    include: ["test/plan/**/*.test.ts"],
    testTimeout: 30_000,
    env: { TIMES: "0.1" },
    sequence: { sequencer: ExamplesFirst },
  },
});
