// Asks one question on a terminal, and waits for a yes.
import type { World } from "../app/world.ts";
import { plain } from "../lib/plain.ts";

/** A terminal that no keyboard belongs to, such as one of `docker run -t`, never ends its input. */
const answerMs = 600_000;

/** Only `y` and `yes` are a yes. */
export async function askYes(question: string, world: World): Promise<boolean> {
  world.stderr.write(plain(`${question} [y/N] `));
  const answer = await readAnswer(world);
  return answer !== null && /^(?:y|yes)$/.test(answer.trim());
}

async function readAnswer({ stdin, stderr, clock, interrupted }: World): Promise<string | null> {
  const late = new AbortController();
  const cancel = clock.repeat(answerMs, () => {
    late.abort();
  });
  const answer = await stdin.readLine(AbortSignal.any([interrupted, late.signal])).finally(cancel);
  // The cursor still stands behind the question.
  if (answer === null) stderr.write("\n");
  return answer;
}
