// A shared store in memory, for tests of what is built on one: several machines open it, and it can go away.
import { ReconcileError } from "../../../src/model/errors.ts";
import type {
  SharedStore,
  StateKey,
  StoredOrganization,
  StoredRecord,
  StoreTip,
} from "../../../src/state/shared-store.ts";
import type { FakeClock } from "../../support/fake-clock.ts";

interface Held {
  records: StoredRecord[];
  fence: number;
  holder: StoreTip["holder"];
  renewedMs: number;
  movedTo: string | null;
}

export interface MemoryStore extends SharedStore {
  gathers: boolean;
  /** Called before each call with its name; what it throws is the store's answer, and the call takes no effect. */
  before: (call: string) => void | Promise<void>;
  /** Called after each call took effect; what it throws takes the answer's place. */
  after: (call: string) => void | Promise<void>;
  /** The names of the calls, in order. */
  readonly calls: string[];
  readonly of: (key: StateKey) => Held;
  /** The organisations and owners that have a state, as `organization/owner`. */
  readonly keys: () => string[];
}

export function away(): never {
  throw new ReconcileError("state/unreachable", "the store in memory does not answer");
}

export function makeMemoryStore(clock: FakeClock, kind: SharedStore["kind"] = "postgres"): MemoryStore {
  const states = new Map<string, Held>();
  const clients = new Map<string, StoredOrganization>();
  const of = ({ organization, owner }: StateKey): Held => {
    const name = `${organization}/${owner}`;
    const found = states.get(name) ?? { records: [], fence: 0, holder: null, renewedMs: 0, movedTo: null };
    states.set(name, found);
    return found;
  };
  const headOf = ({ records }: Held) => {
    const { seq, hash } = records.at(-1) ?? { seq: 0, hash: "0".repeat(64) };
    return { seq, hash };
  };
  const isHeld = (held: Held): boolean =>
    held.holder !== null && clock.now() - held.renewedMs < store.times.lastsMs;
  const answer = async <T>(call: string, act: () => T): Promise<T> => {
    store.calls.push(call);
    await store.before(call);
    const result = act();
    await store.after(call);
    return result;
  };
  const store: MemoryStore = {
    before: () => undefined,
    after: () => undefined,
    calls: [],
    of,
    keys: () => [...states.keys()],
    kind,
    name: "the store in memory",
    gathers: false,
    times: {
      ...{ renewEveryMs: 5_000, startWithinMs: 15_000, writeMs: 10_000 },
      ...{ lastsMs: 30_000, waitMs: 90_000 },
    },
    findOrganization: ({ environment, clientId }) =>
      answer("findOrganization", () => clients.get(`${environment} ${clientId}`) ?? null),
    rememberOrganization: ({ environment, clientId }, organization) =>
      answer("rememberOrganization", () => void clients.set(`${environment} ${clientId}`, organization)),
    look: (key) =>
      answer("look", () => {
        const held = of(key);
        const holder = isHeld(held) ? held.holder : null;
        return { head: headOf(held), fence: held.fence, holder, movedTo: held.movedTo };
      }),
    hashOf: (key, seq) => answer("hashOf", () => of(key).records[seq - 1]?.hash ?? null),
    read: async function* (key, after) {
      const records = await answer("read", () => of(key).records.slice(after));
      for (const { line } of records) yield new TextEncoder().encode(`${line}\n`);
    },
    take: async (key, { holder, waitMs, interrupted, above, onWait }) => {
      const untilMs = clock.monotonic() + waitMs;
      for (let isTold = false; ; isTold = true) {
        const taken = await answer("take", () => {
          const held = of(key);
          if (isHeld(held)) return null;
          const followed = held.fence;
          const fence = Math.max(followed, above) + 1;
          Object.assign(held, { fence, holder, renewedMs: clock.now() });
          return { ok: true, fence, followed, head: headOf(held) } as const;
        });
        if (taken) return taken;
        if (clock.monotonic() >= untilMs) return { ok: false, holder: of(key).holder };
        if (!isTold) onWait?.(of(key).holder);
        await clock.sleep(1_000, interrupted);
      }
    },
    renew: (key, fence) =>
      answer("renew", () => {
        const held = of(key);
        if (held.fence !== fence || !held.holder) return false;
        held.renewedMs = clock.now();
        return true;
      }),
    release: (key, fence) =>
      answer("release", () => {
        if (of(key).fence === fence) of(key).holder = null;
      }),
    append: (key, fence, records) =>
      answer("append", () => {
        const held = of(key);
        const [first] = records;
        if (held.fence !== fence || !held.holder || !first) return false;
        const standing = held.records.slice(first.seq - 1, first.seq - 1 + records.length);
        const isThere = standing.every(({ hash }, index) => hash === records[index]?.hash);
        if (!isThere || first.seq > held.records.length + 1) return false;
        held.records.push(...records.slice(standing.length));
        held.renewedMs = clock.now();
        return true;
      }),
    markMoved: (key, _, movedTo) => answer("markMoved", () => void (of(key).movedTo = movedTo)),
    close: () => Promise.resolve(),
  };
  return store;
}
