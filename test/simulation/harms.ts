// Each kind of harm that a pass or the platform could do, and the check that has to see it.
import type { Sabotage } from "./simulate.ts";

export interface Harm {
  readonly harm: string;
  readonly check: string;
  /** Made anew for each story. */
  readonly sabotage: () => Sabotage;
}

export const harms: readonly Harm[] = [
  {
    harm: "an intent that is not what it was",
    check: "intentFirst",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.intended"', '"change.imagined"') }),
  },
  {
    harm: "a trail that was changed afterwards",
    check: "chainSound",
    sabotage: () => ({ forge: (text) => text.replaceAll('"actor":"somebody', '"actor":"nobodies') }),
  },
  {
    harm: "an outcome that is not on record",
    check: "oneOutcomeEach",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.applied"', '"change.implied"') }),
  },
  {
    harm: "an intent that is left open",
    check: "noneLeftOpen",
    sabotage: () => ({ forge: (text) => text.replaceAll('"change.failed"', '"change.foiled"') }),
  },
  {
    harm: "a write that is confirmed and never made",
    check: "outcomesTrue",
    sabotage: () => ({ lie: onlyPretend(new Map()) }),
  },
  {
    harm: "a resource that is made twice",
    check: "nothingDoubled",
    sabotage: () => ({
      lie: (request, honest, { state, kind, nowMs }) => {
        const answer = honest();
        if (!kind || request.method === "GET") return answer;
        for (const id of [...kind.stored(state).keys()]) {
          const made = kind.look(state, id, nowMs);
          const twin = `${id}again`;
          if (made && !id.endsWith("again") && !kind.look(state, twin, nowMs))
            kind.put(state, { ...made, id: twin, name: "again" }, nowMs);
        }
        return answer;
      },
    }),
  },
  {
    harm: "a loser that is written when the gainer does not deliver",
    check: "noGap",
    sabotage: () => ({
      lie: (request, honest, { state, kind, nowMs }) => {
        const all = kind ? [...kind.stored(state).keys()] : [];
        const id = all.find((one) => request.url.includes(one)) ?? "";
        const before = kind?.look(state, id, nowMs);
        const answer = honest();
        const left = kind?.look(state, id, nowMs)?.eventTypes ?? [];
        const isLoss = before?.eventTypes.some((eventType) => !left.includes(eventType)) === true;
        for (const other of isLoss ? all : []) {
          const found = kind?.look(state, other, nowMs);
          if (found && other !== id) kind?.put(state, { ...found, intended: "disabled" }, nowMs);
        }
        return answer;
      },
    }),
  },
  {
    harm: "a resource of somebody else's that is written over",
    check: "othersUntouched",
    sabotage: () => ({
      resend: (send) => (request) =>
        send({
          ...request,
          ...(request.body ? { body: request.body.replace("(simulation)", "(somebody)") } : {}),
        }),
    }),
  },
  {
    harm: "a write that is sent twice for no reason",
    check: "resendsExplained",
    sabotage: () => ({
      resend: (send) => async (request) => {
        const answer = await send(request);
        return request.method === "PUT" && answer.status === 200 ? send(request) : answer;
      },
    }),
  },
  {
    harm: "a list that is asked for in vain",
    check: "settled",
    sabotage: () => ({
      resend: (send) => async (request) => {
        if (request.method === "GET") await send(request);
        return send(request);
      },
    }),
  },
  {
    harm: "a token in a file",
    check: "noSecrets",
    sabotage: () => ({
      forge: (text) => text.replace('"actor":"somebody@somewhere"', '"actor":"secret-of-the-simulation"'),
    }),
  },
];

/** What is read by its id afterwards is as written, and in the list and in truth it is as before. */
function onlyPretend(written: Map<string, object>): NonNullable<Sabotage["lie"]> {
  return (request, honest, { state, kind }) => {
    const stored = kind?.stored(state) as Map<string, object> | undefined;
    const id = [...(stored?.keys() ?? [])].find((one) => request.url.includes(one));
    const before = id === undefined ? undefined : stored?.get(id);
    if (!stored || id === undefined || before === undefined) return honest();
    stored.set(id, written.get(id) ?? before);
    const answer = honest();
    const after = stored.get(id);
    if (request.method !== "GET" && after) written.set(id, after);
    if (request.method !== "DELETE") stored.set(id, before);
    return answer;
  };
}
