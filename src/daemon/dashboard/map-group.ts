// Shows one group on the map: its name and balance and, when opened, its endpoints with the moves drawn beside them.
import { drawArcs } from "./arcs.ts";
import { makeSpark } from "./bar.ts";
import { element, makeList, makeFragment, setText, svg, screenReaderOnly, type Fragment } from "./dom.ts";
import { describeArc, makeEndpoint, type EndpointData } from "./map-endpoint.ts";
import type { MapGroup } from "./map-model.ts";
import { rate } from "./words.ts";

export interface GroupData {
  readonly group: MapGroup;
  readonly isOpen: boolean;
  /** The text to find, in lower case. */
  readonly query: string;
}

/** `onToggle`: called when the user opens or closes the group. */
export function makeGroup(onToggle: (name: string, isOpen: boolean) => void): Fragment<GroupData> {
  const name = element("span", { class: "group-name" });
  const spark = makeSpark();
  const [balance, load, throughput] = ["balance", "load", "rate"].map((kind) =>
    element("span", { class: kind }),
  ) as [HTMLElement, HTMLElement, HTMLElement];
  const head = element("button", { type: "button", class: "group-head row", "aria-expanded": "false" });
  head.append(name, element("span", { class: "group-spark" }, balance, spark.element), load, throughput);
  const meta = element("p", { class: "group-meta" });
  const rows = element("ol", { class: "endpoints" });
  const arcs = svg("svg", { class: "arcs", "aria-hidden": "true" });
  const moved = element("p", { class: "visually-hidden" });
  const body = element(
    "div",
    { class: "group-body" },
    meta,
    element("div", { class: "lanes" }, rows, arcs),
    moved,
  );
  const item = element("li", { class: "group" }, element("h3", {}, head), body);

  let last: GroupData | null = null;
  let heads: HTMLElement[] = [];
  const redraw = (): void => {
    if (last?.isOpen && last.group.arcs.length > 0) drawArcs(arcs, last.group.arcs, heads);
    else arcs.replaceChildren();
  };
  const updateRows = makeList<EndpointData>(rows, {
    keyOf: ({ endpoint }) => endpoint.key,
    make: () => {
      const fragment = makeEndpoint(redraw);
      headsOf.set(fragment.element, fragment.head);
      return fragment;
    },
  });
  const headsOf = new WeakMap<Element, HTMLElement>();
  // When the page changes its width, as on a turned phone, the rows move and the arcs must follow.
  new ResizeObserver(redraw).observe(rows);
  head.addEventListener("click", () => {
    if (last) onToggle(last.group.name, !last.isOpen);
  });

  return makeFragment<GroupData>(item, (data) => {
    last = data;
    const { group, isOpen, query } = data;
    item.className = `group${isOpen ? " is-open" : ""}${group.isPlanned ? " is-planned" : ""}`;
    head.setAttribute("aria-expanded", String(isOpen));
    name.replaceChildren(...describeName(group));
    setText(balance, group.balance.isEven ? group.balance.words : `⚠ ${group.balance.words}`);
    const used = group.endpoints.filter(({ use }) => use !== "left");
    spark.draw(used.length < 2 ? [] : used.map(({ eventTypes }) => eventTypes.length / group.capacity));
    load.replaceChildren(...describeLoad(group, used.length));
    setText(throughput, group.throughput > 0 ? `≈ ${rate(group.throughput)}` : "");
    body.hidden = !isOpen;
    if (!isOpen) return;
    meta.replaceChildren(...describeMeta(group));
    const shared = {
      capacity: group.capacity,
      isShared: used.length > 1,
      isPlanned: group.isPlanned,
      query,
    };
    updateRows(group.endpoints.map((endpoint) => ({ endpoint, ...shared })));
    heads = [...rows.children].flatMap((row) => headsOf.get(row) ?? []);
    const moves = group.arcs.map((arc) => describeArc(arc, group.endpoints, group.isPlanned));
    setText(moved, moves.length === 0 ? "" : `${moves.join("; ")}.`);
    redraw();
  });
}

function describeName({ name, state, arcs, needsAttention, isPlanned }: MapGroup): readonly Node[] {
  const nodes: Node[] = [element("span", { class: "name" }, name)];
  const number = arcs.reduce((sum, arc) => sum + arc.count, 0);
  if (number > 0)
    nodes.push(
      element("span", { class: "note note-moved" }, `⇄ ${number} ${isPlanned ? "would move" : "moved"}`),
    );
  if (state === "disabled") nodes.push(element("span", { class: "note" }, "disabled"));
  if (needsAttention) nodes.push(element("span", { class: "note trouble" }, "needs attention"));
  return nodes;
}

function describeLoad({ total, capacity }: MapGroup, endpoints: number): readonly (Node | string)[] {
  return [`${total}/${capacity * endpoints}`, screenReaderOnly(" event types")];
}

function describeMeta({ host, place, labels, skipped }: MapGroup): readonly Node[] {
  const nodes: Node[] = [];
  if (host !== null) nodes.push(element("span", {}, host));
  nodes.push(element("span", {}, place));
  for (const label of labels) nodes.push(element("span", { class: "note label" }, label));
  if (skipped !== null)
    nodes.push(element("span", { class: "trouble" }, `Nothing is applied here: ${skipped}`));
  return nodes;
}
