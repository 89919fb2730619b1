// Stands between the client and the platform, and lists odd entities beside the honest ones.
import type { TestKind } from "../support/kinds.ts";
import { answer, type Intercept } from "../support/world.ts";
import { inForm, type OddForm } from "./odd-forms.ts";

export interface Beside {
  readonly intercept: Intercept;
  /** The requests that would change an odd entity. */
  readonly writes: readonly string[];
}

/** Lists a stranger in each form, each with an id of its own. The list must show a resource of ours, whose shape it takes. */
export function besideStrangers(kind: TestKind, forms: readonly OddForm[]): Beside {
  const writes: string[] = [];
  const intercept: Intercept = (request, forward) => {
    const { pathname, searchParams } = new URL(request.url);
    const stranger = /\/stranger-(\d+)/.exec(pathname)?.[1];
    if (stranger !== undefined) {
      if (request.method !== "GET") writes.push(`${request.method} ${pathname}`);
      return configurations[Number(stranger) % configurations.length] ?? answer(404);
    }
    const response = forward();
    if (request.method !== "GET" || pathname !== kind.path) return response;
    const body = JSON.parse(response.body) as { entities: unknown[]; total?: number };
    const [ours] = body.entities;
    const isFirst = ["1", null].includes(searchParams.get("pageNumber")) && !searchParams.has("after");
    const strangers = isFirst ? forms.map((form, index) => inForm(asStranger(ours, index), form)) : [];
    return answer(200, {
      ...body,
      entities: [...strangers, ...body.entities],
      ...(body.total === undefined ? {} : { total: body.total + forms.length }),
    });
  };
  return { intercept, writes };
}

/** What may be answered where a list holds no configuration of an integration. */
const configurations = [
  answer(403, { message: "no permission" }),
  answer(404, { message: "not found" }),
  answer(200, { quite: "new" }),
  answer(200, null),
];

function asStranger(ours: unknown, index: number): unknown {
  const text = JSON.stringify(ours)
    .replaceAll(/Consumer group:[^"]*/g, "made by hand")
    .replaceAll(/alpha(-[0-9a-f]{8})?/g, `theirs-${index}`);
  return { ...(JSON.parse(text) as object), id: `stranger-${index}` };
}

/** Lists the resources of group alpha in that form. */
export function asOddly(kind: TestKind, form: OddForm): Intercept {
  return (request, forward) => {
    const response = forward();
    if (request.method !== "GET" || new URL(request.url).pathname !== kind.path) return response;
    const body = JSON.parse(response.body) as { entities: unknown[] };
    const isOurs = (entity: unknown): boolean => JSON.stringify(entity).includes("group: alpha");
    const entities = body.entities.map((entity) => (isOurs(entity) ? inForm(entity, form) : entity));
    return answer(200, { ...body, entities });
  };
}
