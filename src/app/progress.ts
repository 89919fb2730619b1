// Shows how far a long pass has come, as one line on a terminal's stderr; it writes nothing if stderr is not a terminal.
import type { World } from "./world.ts";

export interface Progress {
  show(stage: string, done: number, total: number): void;
  /** Erases the line. */
  clear(): void;
}

/** A redraw takes longer than a write on the platform, and ten redraws a second look smooth. */
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
