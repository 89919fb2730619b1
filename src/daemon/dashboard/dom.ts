// Makes elements and keeps them up to date: a fragment is drawn again only when its data has changed.

type Attributes = Readonly<Record<string, string | boolean>>;
export type Child = Node | string | null;

/** Text children are never parsed as HTML. An attribute of `false` is left out, one of `true` is empty. */
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

/** Returns text that only a screen reader presents. */
export function screenReaderOnly(text: string): HTMLElement {
  return element("span", { class: "visually-hidden" }, text);
}

/** Returns an element of page.html. Throws Error if the page has none of this id. */
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

/** Leaves an unchanged text alone, so that a screen reader does not repeat it. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export interface Fragment<Data> {
  readonly element: Element;
  readonly update: (data: Data) => void;
}

/** Calls `draw` when the data's JSON differs from the last one. */
export function makeFragment<Data>(target: Element, draw: (data: Data) => void): Fragment<Data> {
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

/** Keeps one fragment for each item, found by its key, in the order of the items. Removes fragments whose item is gone. */
export function makeList<Item>(
  parent: Element,
  options: { readonly keyOf: (item: Item) => string; readonly make: (item: Item) => Fragment<Item> },
): (items: readonly Item[]) => void {
  let fragments = new Map<string, Fragment<Item>>();
  return (items) => {
    const next = new Map<string, Fragment<Item>>();
    for (const item of items) {
      const key = options.keyOf(item);
      next.set(key, fragments.get(key) ?? options.make(item));
    }
    for (const [key, fragment] of fragments) if (!next.has(key)) fragment.element.remove();
    let place = parent.firstElementChild;
    for (const { element: child } of next.values()) {
      if (child === place) place = place.nextElementSibling;
      else parent.insertBefore(child, place);
    }
    fragments = next;
    for (const item of items) next.get(options.keyOf(item))?.update(item);
  };
}
