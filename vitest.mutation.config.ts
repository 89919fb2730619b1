// What `npm run mutation` (the planner) and `npm run mutation:trust` (what writes, records and talks to the platform)
// run of each mutant. The generated tests come last: most mutants fail an example before them.
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

class ExamplesFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isGenerated = ({ moduleId }: TestSpecification): number =>
      Number(/properties|simulation/.test(moduleId));
    return Promise.resolve(files.toSorted((a, b) => isGenerated(a) - isGenerated(b)));
  }
}

const plan = ["test/plan/**/*.test.ts", "test/kinds/{fourth-kind,options,shared,shared-faults}.test.ts"];
const trust = [
  "test/{apply,audit,genesys,simulation}/**/*.test.ts",
  "test/app/pass.test.ts",
  "test/cli/{audit,audit-log,failures,state,stopped}.test.ts",
];

export default defineConfig({
  test: {
    include: process.env["MUTATE"] === "trust" ? trust : plan,
    testTimeout: 30_000,
    env: { TIMES: "0.1", SEEDS: "12" },
    sequence: { sequencer: ExamplesFirst },
  },
});
