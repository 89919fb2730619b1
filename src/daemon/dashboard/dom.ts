// Elements, and what keeps them up to date: a part is drawn anew only where its data changed.

type Attributes = Readonly<Record<string, string | boolean>>;
export type Child = Node | string | null;

/** Text stays text, whatever it holds. An attribute of `false` is left out, one of `true` is empty. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** For a screen reader only. */
export function unseen(text: string): HTMLElement {
  return element("span", { class: "unseen" }, text);
}

/** Of page.html; throws where it has no such element. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

export function setAttributes(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : value);
  }
}

/** Without a change nothing is touched, so that a screen reader has nothing to say. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export interface Part<Data> {
  readonly element: Element;
  readonly update: (data: Data) => void;
}

/** `draw` is called where the data, as JSON, is not what it was. */
export function makePart<Data>(target: Element, draw: (data: Data) => void): Part<Data> {
  let drawn = "";
  return {
    element: target,
    update: (data) => {
      const text = JSON.stringify(data);
      if (text === drawn) return;
      drawn = text;
      draw(data);
    },
  };
}

/** Keeps one part an item, by its key, in the order of the items; parts of items that are gone go, too. */
export function makeList<Item>(
  parent: Element,
  options: { readonly keyOf: (item: Item) => string; readonly make: (item: Item) => Part<Item> },
): (items: readonly Item[]) => void {
  let parts = new Map<string, Part<Item>>();
  return (items) => {
    const next = new Map<string, Part<Item>>();
    for (const item of items) {
      const key = options.keyOf(item);
      next.set(key, parts.get(key) ?? options.make(item));
    }
    for (const [key, part] of parts) if (!next.has(key)) part.element.remove();
    let place = parent.firstElementChild;
    for (const { element: child } of next.values()) {
      if (child === place) place = place.nextElementSibling;
      else parent.insertBefore(child, place);
    }
    parts = next;
    for (const item of items) next.get(options.keyOf(item))?.update(item);
  };
}
