// One line on a terminal's stderr that says how far a long pass is; nothing anywhere else.
import type { World } from "./world.ts";

export interface Progress {
  show(stage: string, done: number, total: number): void;
  /** Takes the line away. */
  clear(): void;
}

/** A redraw costs more than a write: ten a second are enough for an eye. */
const leastGapMs = 100;

export function makeProgress(world: Pick<World, "stderr" | "clock">, wanted: boolean): Progress {
  if (!wanted || !world.stderr.isTerminal) return { show: () => undefined, clear: () => undefined };
  let drawnMs = -Infinity;
  let drawn = false;
  return {
    show: (stage, done, total) => {
      const nowMs = world.clock.monotonic();
      if (nowMs - drawnMs < leastGapMs) return;
      [drawnMs, drawn] = [nowMs, true];
      world.stderr.write(`\r\u001b[K${stage}${total > 0 ? ` ${done}/${total}` : " …"}`);
    },
    clear: () => {
      if (drawn) world.stderr.write("\r\u001b[K");
      drawn = false;
    },
  };
}
