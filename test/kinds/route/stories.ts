// Seeded stories of routes: manifests that change, edits by hand, faults and deaths, on an embedded AWS whose rules take effect
// late. At each request, and while the rules settle, what was delivered and shall be is delivered.
import { verifyTrail } from "../../../src/audit/verify.ts";
import type { HttpResponse } from "../../../src/model/http.ts";
import { genesysTopics } from "../../../src/model/genesys-topics.ts";
import { effectiveRules } from "../../../src/sandbox/aws/effective-rules.ts";
import type { SandboxQuirks } from "../../../src/sandbox/quirks.ts";
import { parseJson } from "../../../src/sandbox/state.ts";
import { makeDice, type Dice } from "../../simulation/dice.ts";
import { removeRoute, routesIn } from "../../support/routes.ts";
import { brokenOff, manifest, trailPath, withoutSignsOfLife, type TestWorld } from "../../support/world.ts";
import { configOf, runWithAws, type Around } from "./aws-world.ts";

export interface Story {
  /** Each promise that was broken, with the seed's own words. */
  readonly broken: readonly string[];
  readonly passes: number;
  readonly deaths: number;
  readonly edits: number;
  /** How many event types of a group were watched, over all passes. */
  readonly watched: number;
}

interface Group {
  readonly name: string;
  readonly endpoints: readonly number[];
  readonly eventTypes: readonly string[];
}

const names = ["alpha", "beta", "gamma"];
const topics = genesysTopics.filter((topic) => /^v2\.(users|routing)\./.test(topic));
/** So many need several rules. */
const mostTypes = 70;

const urlOf = (group: string, endpoint: number): string => `https://${group}-${endpoint}.example.com/hook`;

/** `settleSeconds`: as the config states it; rules take effect up to `lagSeconds` late. */
export async function tell(seed: number, settleSeconds: number, lagSeconds: number): Promise<Story> {
  const dice = makeDice(seed);
  const quirks = drawQuirks(dice.fork(), lagSeconds);
  const teller = new Teller(dice, quirks, `PT${settleSeconds}S`);
  for (let round = 1; round <= 4 && teller.broken.length === 0; round += 1) await teller.playRound(round);
  return teller;
}

function drawQuirks(dice: Dice, lagSeconds: number): SandboxQuirks {
  return {
    ruleLagMs: lagSeconds * 1000,
    ...(dice.chance(0.5) ? { sourceLagMs: dice.between(1, 20_000) } : {}),
    ...(dice.chance(0.5) ? { activationLagMs: dice.between(1, 20_000) } : {}),
    ...(dice.chance(0.3) ? { throttlesEvery: dice.between(3, 9) } : {}),
    ...(dice.chance(0.3) ? { conflictsEvery: dice.between(3, 9) } : {}),
    ...(dice.chance(0.3) ? { listLagMs: dice.between(500, 8_000) } : {}),
  };
}

/** Nothing is refused. */
function calmed(quirks: SandboxQuirks): SandboxQuirks {
  const never = Number.MAX_SAFE_INTEGER;
  return { ...quirks, throttlesEvery: never, conflictsEvery: never };
}

type Pair = `${string} ${string}`;

class Teller implements Story {
  readonly broken: string[] = [];
  passes = 0;
  deaths = 0;
  edits = 0;
  watched = 0;
  private groups: readonly Group[] = [];
  private world: TestWorld | null = null;
  private readonly dice: Dice;
  private readonly quirks: SandboxQuirks;
  private readonly settle: string;

  constructor(dice: Dice, quirks: SandboxQuirks, settle: string) {
    [this.dice, this.quirks, this.settle] = [dice, quirks, settle];
  }

  async playRound(round: number): Promise<void> {
    const { dice } = this;
    this.groups = changeGroups(this.groups, dice);
    for (let rough = dice.below(3); rough > 0; rough -= 1) {
      if (dice.chance(0.4)) this.editByHand();
      await this.playPass(round, {
        rate: dice.pick([0, 0.1, 0.3]),
        dies: dice.chance(0.4) ? dice.between(1, 60) : null,
      });
    }
    // What an edit or a dead pass left to come is in effect.
    await this.world?.clock.advance(this.quirks.ruleLagMs ?? 0);
    await this.playPass(round, { rate: 0, dies: null });
    this.checkCalm(round);
    const { out } = await this.run("plan --detailed-exitcode", null);
    if (!out.includes("Plan: 0 to create, 0 to update, 0 to delete"))
      this.broken.push(`round ${round}: a second plan is not empty: ${out}`);
    const world = this.world;
    if (world && !(await verifyTrail(world.files, trailPath)).ok)
      this.broken.push(`round ${round}: the trail is broken`);
  }

  private async playPass(
    round: number,
    given: { readonly rate: number; readonly dies: number | null },
  ): Promise<void> {
    this.passes += 1;
    const isCalm = given.rate === 0 && given.dies === null;
    const watched = this.findWatched();
    this.watched += watched.size;
    const look = (when: string): void => {
      const world = this.world;
      if (!world) return;
      for (const pair of watched) {
        if (isDelivered(world, pair)) continue;
        watched.delete(pair);
        this.broken.push(`round ${round}: nothing delivers ${pair} ${when}`);
      }
    };
    const { status, out, isDead } = await this.run("sync --prune --allow-deletes", {
      ...given,
      look,
    });
    look("after the pass");
    const clock = this.world?.clock;
    for (let step = 0; step < 20; step += 1) {
      await clock?.advance((this.quirks.ruleLagMs ?? 0) / 20);
      look("while the rules settle");
    }
    if (isCalm && !isDead && status !== 0) this.broken.push(`round ${round}: a calm pass fails: ${out}`);
  }

  /** What is delivered, and what the manifests ask for. */
  private findWatched(): Set<Pair> {
    const world = this.world;
    if (!world) return new Set();
    const pairs = this.groups.flatMap(({ name, eventTypes }) =>
      eventTypes.map((type): Pair => `${name} ${type}`),
    );
    return new Set(pairs.filter((pair) => isDelivered(world, pair)));
  }

  private async run(
    argv: string,
    rough: {
      readonly rate: number;
      readonly dies: number | null;
      readonly look: (when: string) => void;
    } | null,
  ): Promise<{ readonly status: number; readonly out: string; readonly isDead: boolean }> {
    const files = filesOf(this.groups, this.settle);
    const before = this.world;
    if (before)
      for (const path of before.files.paths())
        if (path.startsWith("/subscriptions/")) before.files.take(path);
    let died: () => void = () => undefined;
    const death = new Promise<null>((resolve) => {
      died = () => {
        resolve(null);
      };
    });
    const around = rough ? weather(this.dice.fork(), rough, died) : undefined;
    const isDoomed = rough?.dies !== null && rough !== null;
    const running = runWithAws(`${argv}${isDoomed ? " --concurrency 1" : ""}`, {
      ...{ files, quirks: rough?.rate ? this.quirks : calmed(this.quirks) },
      ...(before ? { from: before } : {}),
      ...(around ? { around } : {}),
      processes: isDoomed ? { pid: 666 } : { pid: 7, isAlive: () => false },
      onWorld: (world) => {
        this.world = world;
        return isDoomed ? withoutSignsOfLife(world) : world;
      },
    });
    const ended = await Promise.race([running, death]);
    if (ended) return { status: ended.status, out: ended.out, isDead: false };
    this.deaths += 1;
    return { status: 1, out: "", isDead: true };
  }

  private editByHand(): void {
    const { world, dice } = this;
    const routes = world ? routesIn(world.state) : [];
    if (!world || routes.length === 0) return;
    this.edits += 1;
    const { aws } = world.state;
    const { id } = dice.pick(routes);
    const [arn, rule] = [...aws.rules].find(([, { Name }]) => Name === id) ?? [];
    if (arn === undefined || !rule) return;
    aws.versions.delete(arn);
    dice.pick([
      () => {
        removeRoute(world.state, id);
      },
      () => aws.rules.set(arn, { ...rule, State: "DISABLED" }),
      () => aws.rules.set(arn, { ...rule, Targets: [] }),
      () =>
        aws.rules.set(arn, {
          ...rule,
          EventPattern: JSON.stringify({ "detail-type": [dice.pick(topics)] }),
        }),
      () => {
        aws.destinations.clear();
      },
      () => {
        for (const [key, one] of aws.sources) aws.sources.set(key, { ...one, isDeactivated: true });
      },
    ])();
  }

  /** Each group is live as its manifest says, and nothing else is. */
  private checkCalm(round: number): void {
    const { world } = this;
    if (!world) return;
    const live = routesIn(world.state).map(({ endpoint, eventTypes, state }) => ({
      endpoint,
      eventTypes,
      state,
    }));
    const wanted = this.groups
      .flatMap(({ name, eventTypes }) => eventTypes.map((type) => `${name} ${type}`))
      .sort();
    const found = live
      .flatMap(({ endpoint, eventTypes }) => eventTypes.map((type) => `${groupAt(endpoint)} ${type}`))
      .sort();
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      this.broken.push(`round ${round}: live is ${found.join()}`);
    if (live.some(({ state }) => state !== "enabled"))
      this.broken.push(`round ${round}: a rule is disabled`);
    for (const { name, endpoints, eventTypes } of this.groups) {
      const counts = endpoints.map((endpoint) => {
        const here = live.filter((one) => one.endpoint === urlOf(name, endpoint));
        return here.reduce((sum, one) => sum + one.eventTypes.length, 0);
      });
      const [least, most] = [
        Math.floor(eventTypes.length / endpoints.length),
        Math.ceil(eventTypes.length / endpoints.length),
      ];
      if (counts.some((count) => count < least || count > most))
        this.broken.push(`round ${round}: ${name} has ${counts.join()}`);
    }
    const fed = [...world.state.integrations.values()].flatMap(
      ({ config }) => config.properties.eventFilter ?? [],
    );
    const union = [...new Set(this.groups.flatMap(({ eventTypes }) => eventTypes))];
    if (JSON.stringify([...fed].sort()) !== JSON.stringify(union.sort()))
      this.broken.push(`round ${round}: the feed has ${fed.join()}`);
    const leftOver =
      [...world.state.aws.destinations.values()].length -
      new Set(live.map(({ endpoint }) => endpoint)).size;
    if (leftOver !== 0) this.broken.push(`round ${round}: ${leftOver} destinations are left over`);
  }
}

function groupAt(endpoint: string): string {
  return /^https:\/\/([a-z]+)-/.exec(endpoint)?.[1] ?? endpoint;
}

function isDelivered({ state, clock }: TestWorld, pair: Pair): boolean {
  const [group = "", type = ""] = pair.split(" ");
  const isFed = [...state.integrations.values()].some(
    ({ intendedState, config }) =>
      intendedState === "ENABLED" && (config.properties.eventFilter ?? []).includes(type),
  );
  return (
    isFed &&
    effectiveRules(state, clock.now()).some(({ pattern, targets }) => {
      const types = (parseJson(pattern) as { readonly "detail-type": readonly string[] })["detail-type"];
      return (
        types.includes(type) &&
        targets.some(({ endpoint }) => endpoint !== null && groupAt(endpoint) === group)
      );
    })
  );
}

function changeGroups(before: readonly Group[], dice: Dice): readonly Group[] {
  const kept = before.filter(() => before.length === 1 || dice.chance(0.9));
  const missing = names.filter((name) => !before.some((group) => group.name === name));
  const added =
    missing.length > 0 && (kept.length === 0 || dice.chance(0.4))
      ? [makeGroup(dice.pick(missing), dice)]
      : [];
  return [...kept.map((group) => (dice.chance(0.7) ? changeGroup(group, dice) : group)), ...added];
}

function makeGroup(name: string, dice: Dice): Group {
  const count = dice.chance(0.3) ? dice.between(40, mostTypes) : dice.between(1, 12);
  return {
    name,
    endpoints: dice.some([0, 1, 2, 3], dice.between(1, 4)),
    eventTypes: dice.some(topics, count),
  };
}

function changeGroup(group: Group, dice: Dice): Group {
  const made = makeGroup(group.name, dice);
  const kept = dice.some(group.eventTypes, Math.max(1, group.eventTypes.length - dice.below(4)));
  return dice.pick([
    { ...group, endpoints: made.endpoints },
    { ...group, eventTypes: kept },
    {
      ...group,
      eventTypes: [...new Set([...group.eventTypes, ...dice.some(topics, dice.between(1, 6))])].slice(
        0,
        mostTypes,
      ),
    },
    { ...made, eventTypes: [...new Set([...kept, ...made.eventTypes])].slice(0, mostTypes) },
  ]);
}

function filesOf(groups: readonly Group[], settle: string): Readonly<Record<string, string>> {
  const manifests = groups.map(({ name, endpoints, eventTypes }) => {
    const pool = endpoints.map((endpoint) => urlOf(name, endpoint));
    return [`subscriptions/${name}.yaml`, manifest(name, { eventTypes, pool })] as const;
  });
  const config = `${configOf({ settle })}limits: { maxEventTypesPerEndpoint: 100 }\n`;
  return { "reconcile.yaml": config, ...Object.fromEntries(manifests) };
}

/** Looks at each request; now and then one goes wrong, and at the last one the process dies. */
function weather(
  dice: Dice,
  {
    rate,
    dies,
    look,
  }: { readonly rate: number; readonly dies: number | null; readonly look: (when: string) => void },
  died: () => void,
): Around {
  let requests = 0;
  const never = new Promise<HttpResponse>(() => undefined);
  return (what, forward) => {
    requests += 1;
    look(`at ${what}`);
    if (dies !== null && requests >= dies) {
      if (requests === dies && dice.chance(0.5)) forward();
      died();
      return never;
    }
    if (!dice.chance(rate)) return forward();
    return dice.pick([
      () => brokenOff(),
      () => {
        forward();
        return brokenOff();
      },
      () => refused(500),
      () => {
        forward();
        return refused(503);
      },
    ])();
  };
}

function refused(status: number): HttpResponse {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status, headers, body: JSON.stringify({ __type: "InternalException", message: "no" }) };
}
