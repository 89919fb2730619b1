// Stands between a store and its PostgreSQL server, statement by statement: each is an await of its process, and has a fate.
import { startBetween, type Between, type Ends } from "../../state/postgres/between.ts";
import type { PlacePorts } from "./place.ts";
import type { RealCalls } from "./real-work.ts";
import type { Sleeper } from "./sleeper.ts";

interface Ports extends PlacePorts {
  readonly calls: RealCalls;
  /** Sets the server's clock to the present. */
  readonly setTime: () => Promise<void>;
}

export function startStatements(toPort: number, sleeper: Sleeper, ports: Ports): Promise<Between> {
  return startBetween(toPort, (ends) => {
    for (const socket of [ends.near, ends.far]) socket.setNoDelay(true);
    join(ends, sleeper, ports);
  });
}

function join({ near, far, cut }: Ends, sleeper: Sleeper, ports: Ports): void {
  let isReady = false;
  let sent: Buffer = Buffer.alloc(0);
  let answer: Buffer[] = [];
  let onAnswer: (() => void) | null = null;

  const ask = (statement: Buffer): Promise<Buffer> =>
    new Promise((resolve) => {
      answer = [];
      onAnswer = () => {
        onAnswer = null;
        resolve(Buffer.concat(answer));
      };
      far.write(statement);
    });

  const play = async (statement: Buffer): Promise<void> => {
    const what = nameOf(statement);
    // The rest of a long trail is read ahead of its need, so that no time may pass with it.
    if (what === "read") return void near.write(await ask(statement));
    const fate = ports.fateOf(sleeper, what);
    await wait(`before ${what}`, fate.upMs, ports, sleeper);
    if (fate.ends === "unreached") {
      cut();
      return;
    }
    if (fate.ends === "refused") {
      near.write(refusal);
      return;
    }
    await ports.setTime();
    const answered = await ask(statement);
    if (changing.has(what)) await ports.observe(sleeper);
    await wait(`after ${what}`, fate.downMs, ports, sleeper);
    if (fate.ends === "lost") cut();
    else near.write(answered);
  };

  far.on("data", (bytes: Buffer) => {
    if (onAnswer) {
      answer.push(bytes);
      if (isComplete(Buffer.concat(answer))) onAnswer();
      return;
    }
    isReady ||= isComplete(bytes);
    near.write(bytes);
  });
  near.on("data", (bytes: Buffer) => {
    if (!isReady) return void far.write(bytes);
    sent = Buffer.concat([sent, bytes]);
    if (sent[0] === terminate) return void far.write(sent);
    if (!isWhole(sent)) return;
    const statement = sent;
    sent = Buffer.alloc(0);
    play(statement).catch(cut);
  });
}

async function wait(
  where: string,
  delayMs: number,
  { calls, timeline }: Ports,
  sleeper: Sleeper,
): Promise<void> {
  await calls.aside(async () => {
    await sleeper.pause(`${where} in the database`);
    if (delayMs > 0)
      await new Promise<void>((resolve) => {
        timeline.at(delayMs, resolve);
      });
    await sleeper.pause(`${where} in the database`);
  });
}

const [sync, query, terminate, readyForQuery] = [...Buffer.from("SQXZ")] as [
  number,
  number,
  number,
  number,
];

/** The types of the messages, if the last one is whole. */
function typesOf(bytes: Buffer): number[] | null {
  const types: number[] = [];
  let at = 0;
  for (; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) types.push(bytes[at] ?? 0);
  return at === bytes.length ? types : null;
}

function isWhole(sent: Buffer): boolean {
  const last = typesOf(sent)?.at(-1);
  return last === sync || last === query;
}

/** The server has answered, and waits for the next statement. */
function isComplete(answer: Buffer): boolean {
  return typesOf(answer)?.at(-1) === readyForQuery;
}

const names: readonly (readonly [RegExp, string])[] = [
  [/append_records/, "append"],
  [/take_lease/, "take"],
  [/set expires_at/, "renew"],
  [/set holder = null/, "release"],
  [/select lease\.fence/, "look"],
  [/bytes_before/, "read"],
];

function nameOf(statement: Buffer): string {
  const text = statement.toString("latin1", 0, 400);
  return names.find(([words]) => words.test(text))?.[1] ?? "statement";
}

const changing: ReadonlySet<string> = new Set(["append", "take", "renew", "release"]);

/** Of a server whose disk is full. */
const refusal = Buffer.concat([
  message("E", "SERROR\0C53100\0Mcould not extend file: no space left on device\0\0"),
  message("Z", "I"),
]);

function message(type: string, text: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(Buffer.byteLength(text) + 4, 1);
  return Buffer.concat([head, Buffer.from(text)]);
}
