// The port through which live resources of every kind are read and written.
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { AwsApi } from "../model/aws-api.ts";
import type { AwsConfig } from "../model/config.ts";
import type { EventTest } from "../model/event-test.ts";
import type { Kind } from "../model/kind.ts";
import type { Listing } from "../model/listing.ts";
import type { LiveResource, ResourceDocument } from "../model/resource.ts";
import type { Room } from "../model/room.ts";
import type { Api } from "./client/api.ts";
import type { WriteMemory } from "./write-memory.ts";

/**
 * How a write found its resource done, without a request of its own that took effect. `unsent`: no request was needed.
 * `refused`: the platform refused what was sent, because someone else was faster.
 */
export type Found = "unsent" | "refused";

export type Basis = Pick<ResourceDocument, "description"> | null;

/** Names one live resource. Two resources of different kinds may have the same id. */
export interface ResourceRef {
  readonly kind: Kind;
  readonly id: string;
}

/**
 * Every call throws ReconcileError: `auth/…`, `api/unauthorized`, `api/forbidden` and `api/scopeMissing` (credentials, scopes),
 * `network/…`, `api/rateLimited`, `api/unavailable`, `api/redirected`, `api/malformed` (the platform),
 * `api/interrupted` (stopped before the request was sent).
 */
export interface Driver {
  /**
   * Lists all resources of the kind; `feeds` are the live resources through which resources of the kind get their events,
   * for a kind that has such. Also throws `api/unstableList`, `api/tooManyPages`, `api/listTooLarge`.
   */
  list(feeds?: readonly LiveResource[]): Promise<Listing>;
  /** The resource as it is now, or null if there is none. */
  read(id: string): Promise<LiveResource | null>;
  /**
   * Returns the resource as stored. Also throws `api/conflict` (name and endpoint exist), `api/rejected` (with
   * `fields`), `api/notReady` (the platform does not take the endpoint yet, so the same call may succeed in a moment), and
   * `api/outcomeUnknown`: the resource may or may not exist now, so read it before sending it again.
   */
  create(document: ResourceDocument): Promise<LiveResource>;
  /**
   * Returns the resource as stored. `before` is the state that the decision was made on, so that a resource that
   * someone else has taken since is left alone. Throws as `create` does, and `api/notFound` if the resource is gone.
   */
  update(id: string, document: ResourceDocument, before?: Basis): Promise<LiveResource>;
  /**
   * Resolves once the resource is gone, also if someone else deleted it; `before` as above. Also throws
   * `api/outcomeUnknown`.
   */
  delete(id: string, before?: Basis): Promise<void>;
  /** An earlier process wrote it so long ago; the platform may answer 404 for what it does not show yet. */
  noteWritten?(id: string, ageMs: number): void;
  /** How the last write of the resource found it done; null if a request of that write took effect. */
  found?(id: string): Found | null;
  /** Asks what an event with this body would do to the resource, and changes nothing. Absent if the platform cannot tell. */
  testEvent?(id: string, body: unknown): Promise<EventTest>;
  /** How many resources the organisation can have, and had at the last list; absent for a kind without a cap. */
  room?(): Promise<Room>;
}

/** The ports that every driver gets. */
export interface DriverPorts {
  readonly api: Pick<Api, "request">;
  readonly clock: Clock;
  readonly random: Random;
  readonly interrupted: AbortSignal;
  /** Called while a driver waits until the platform has carried out a write; `words` describes what it waits for. */
  readonly onWait: (words: string) => void;
  /** What earlier drivers of this process wrote; without it, the driver remembers only its own writes. */
  readonly memory?: WriteMemory | undefined;
  /** How AWS is reached; absent where no kind in AWS is used. */
  readonly aws?: AwsPorts;
}

/** What a driver of resources in AWS needs. */
export interface AwsPorts {
  readonly api: AwsApi;
  /** Null if the config has no `aws`. */
  readonly config: AwsConfig | null;
  readonly owner: string;
  /** The id of the organisation, by which its event sources are named. Throws ReconcileError `organization/…`. */
  readonly organizationId: () => Promise<string>;
}

export type MakeDriver = (ports: DriverPorts) => Driver;

/** The drivers of several kinds as one: each call goes to the driver of the resource's kind. */
export interface ResourcePort {
  /** `feeds` as a driver gets them; those that this port lists itself need not be given. */
  list(feeds?: readonly LiveResource[]): Promise<Listing>;
  read(resource: ResourceRef): Promise<LiveResource | null>;
  create(kind: Kind, document: ResourceDocument): Promise<LiveResource>;
  update(resource: ResourceRef, document: ResourceDocument, before?: Basis): Promise<LiveResource>;
  delete(resource: ResourceRef, before?: Basis): Promise<void>;
  noteWritten?(resource: ResourceRef, ageMs: number): void;
  found?(resource: ResourceRef): Found | null;
  /** Null if the platform cannot tell it of this kind. */
  testEvent?(resource: ResourceRef, body: unknown): Promise<EventTest | null>;
  /** Null for a kind without a cap. */
  room?(kind: Kind): Promise<Room | null>;
}
