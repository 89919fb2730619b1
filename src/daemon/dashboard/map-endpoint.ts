// Shows one endpoint on the map: its load as a bar and, when opened, its event types.
import { count } from "../../lib/count.ts";
import { makeBar } from "./bar.ts";
import { element, makeFragment, setText, screenReaderOnly, type Fragment } from "./dom.ts";
import type { MapEndpoint, MapEventType } from "./map-model.ts";
import { tellTicks } from "./tip.ts";
import { nounAt, rate } from "./words.ts";

export interface EndpointData {
  readonly endpoint: MapEndpoint;
  readonly capacity: number;
  readonly isShared: boolean;
  readonly isPlanned: boolean;
  /** The text to find, in lower case. */
  readonly query: string;
}

/** `onResize`: called when the rows below it have moved. */
export function makeEndpoint(
  onResize: () => void,
): Fragment<EndpointData> & { readonly head: HTMLElement } {
  const label = element("span", { class: "endpoint-label" });
  const bar = makeBar();
  tellTicks(bar);
  const [load, delta, throughput] = ["load", "delta", "rate"].map((name) =>
    element("span", { class: name }),
  ) as [HTMLElement, HTMLElement, HTMLElement];
  const head = element("button", { type: "button", class: "endpoint-head row", "aria-expanded": "false" });
  head.append(label, bar.element, load, delta, throughput);
  const types = element("ul", { class: "types", hidden: true });
  const item = element("li", { class: "endpoint" }, head, types);
  let isOpen: boolean | null = null;
  let last: EndpointData | null = null;

  const show = (data: EndpointData): void => {
    const open = isOpen ?? isHit(data.endpoint, data.query);
    head.setAttribute("aria-expanded", String(open));
    types.hidden = !open;
    types.replaceChildren(...(open ? listTypes(data) : []));
  };
  head.addEventListener("click", () => {
    isOpen = head.getAttribute("aria-expanded") === "false";
    if (last) show(last);
    onResize();
  });
  const fragment = makeFragment<EndpointData>(item, (data) => {
    const { endpoint, capacity, isShared, isPlanned } = data;
    last = data;
    item.className = `endpoint endpoint-${endpoint.use}`;
    item.title = endpoint.url;
    bar.draw({ endpoint: isShared ? endpoint : { ...endpoint, share: null }, capacity });
    label.replaceChildren(...describeLabel(endpoint));
    const number = endpoint.eventTypes.length;
    const noun = number === 1 ? "event type" : "event types";
    load.replaceChildren(
      ...(endpoint.use === "used" ? [`${number}/${capacity}`, screenReaderOnly(` ${noun}`)] : []),
    );
    delta.replaceChildren(...describeMoved(endpoint, isPlanned));
    setText(throughput, endpoint.throughput > 0 ? `≈ ${rate(endpoint.throughput)}` : "");
    show(data);
  });
  return { ...fragment, head };
}

function describeLabel({ url, label, weight, use, trouble, planned }: MapEndpoint): readonly Node[] {
  const nodes: Node[] = [element("span", { class: "path" }, label)];
  if (!url.endsWith(label) || label.startsWith("/"))
    nodes.unshift(screenReaderOnly(url.slice(0, url.length - label.length)));
  if (weight !== null)
    nodes.push(element("span", { class: "note" }, `×${weight}`), screenReaderOnly(" weight"));
  if (use === "left") nodes.push(element("span", { class: "note" }, "left"));
  if (use === "idle") nodes.push(element("span", { class: "note" }, `no ${nounAt(url)}`));
  if (planned !== null && use !== "left")
    nodes.push(element("span", { class: "note note-moved" }, planned));
  if (trouble !== null) nodes.push(element("span", { class: "note trouble" }, trouble));
  return nodes;
}

function describeMoved({ eventTypes, gone }: MapEndpoint, isPlanned: boolean): readonly Node[] {
  const arrived = eventTypes.filter(({ other }) => other !== null).length;
  const would = isPlanned ? "would be " : "";
  return [
    ...(arrived > 0 ? [element("b", {}, `+${arrived}`), screenReaderOnly(` ${would}moved here `)] : []),
    ...(gone.length > 0
      ? [element("b", {}, `−${gone.length}`), screenReaderOnly(` ${would}moved away`)]
      : []),
  ];
}

function listTypes({ endpoint, query }: EndpointData): readonly Node[] {
  const { eventTypes, gone } = endpoint;
  if (eventTypes.length + gone.length === 0) return [element("li", { class: "type" }, "no event type")];
  return [
    ...eventTypes.map((type) => chip(type, { side: "from", query })),
    ...gone.map((type) => chip(type, { side: "to", query })),
  ];
}

function chip(
  { name, other }: MapEventType,
  { side, query }: { side: "from" | "to"; query: string },
): Node {
  const kind = side === "to" ? "type-gone" : other === null ? "" : "type-arrived";
  const hit = query !== "" && name.toLowerCase().includes(query) ? "type-hit" : "";
  const moved =
    other === null
      ? null
      : element("span", { class: "type-other" }, side === "from" ? ` ← ${other}` : ` → ${other}`);
  return element("li", { class: `type ${kind} ${hit}` }, name, moved);
}

function isHit({ eventTypes }: MapEndpoint, query: string): boolean {
  return query.length > 2 && eventTypes.some(({ name }) => name.toLowerCase().includes(query));
}

/** Describes an arc for a screen reader: `3 event types moved from /a to /b`. */
export function describeArc(
  { from, to, count: number }: { readonly from: number; readonly to: number; readonly count: number },
  endpoints: readonly MapEndpoint[],
  isPlanned: boolean,
): string {
  const verb = isPlanned ? "would move" : "moved";
  return `${count(number, "event type")} ${verb} from ${endpoints[from]?.label ?? ""} to ${endpoints[to]?.label ?? ""}`;
}
