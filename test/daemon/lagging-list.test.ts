// The daemon while the platform's lists lag behind what it has just done.
import { expect, test } from "vitest";
import { kinds } from "../support/kinds.ts";
import { manifest, writesOf } from "../support/world.ts";
import { startDaemon } from "./daemon.ts";

// Integrations settle while time passes, which this daemon's clock does not do by itself.
test.each(kinds.filter(({ isMadeInSteps }) => !isMadeInSteps))(
  "the next look after $nouns were created shows no drift, and makes no second one",
  async (kind) => {
    const daemon = await startDaemon({
      argv: "watch --interval 60s",
      files: { "subscriptions/alpha.yaml": manifest("alpha", { kind }) },
      quirks: { listLagMs: 3_600_000 },
    });
    await daemon.pass(0);
    for (let waited = 0; waited < 10 && (await daemon.status()).passes === 0; waited += 1)
      await daemon.pass(3_000);
    const made = kind.stored(daemon.world.state).length;
    const writes = writesOf(daemon.world).length;
    expect(made).toBeGreaterThan(0);

    const next = await daemon.pass(90_000);
    expect(next.passes).toBeGreaterThan(1);
    expect(next).toMatchObject({ driftLog: [], lastPass: { ok: true } });
    expect(daemon.world.logged.filter((line) => /drift|deleted outside/.test(line))).toEqual([]);
    expect(writesOf(daemon.world)).toHaveLength(writes);
    expect(kind.stored(daemon.world.state)).toHaveLength(made);
    await daemon.stop();
  },
);
