// A live resource on which an event was tested.
import type { EventTest } from "./event-test.ts";
import type { LiveResource } from "./resource.ts";

export interface TestedResource {
  readonly live: LiveResource;
  /** What the platform says of the event. */
  readonly test: EventTest;
}
