// The three resources that deliver events, for tests that hold all of them to the same promises.
import { resourceKinds, type ResourceKind } from "../../src/model/resource-kind.ts";

export interface TestKind extends ResourceKind {
  /** p0, p1, …: endpoints of this kind. */
  readonly url: (number: number) => string;
  /** The same endpoint, spelt in another way where there is one. */
  readonly otherSpelling: (number: number) => string;
}

const httpsUrl = (number: number): string => `https://hooks.example.com/p${number}`;
const sourceUrl = (number: number): string => `eventbridge://123456789012/us-east-1/p${number}`;
const workflowUrl = (number: number): string => `workflow:p${number}`;

export const kinds: readonly TestKind[] = [
  {
    ...resourceKinds["https:"],
    url: httpsUrl,
    otherSpelling: (number) => httpsUrl(number).replace("hooks.example.com", "Hooks.Example.com:443"),
  },
  { ...resourceKinds["eventbridge:"], url: sourceUrl, otherSpelling: sourceUrl },
  { ...resourceKinds["workflow:"], url: workflowUrl, otherSpelling: workflowUrl },
];
