// Handles the keyboard: `/` and `t` focus the filters, Escape empties a filter, arrows move through the map.
import { byId } from "./dom.ts";

export function listenToKeys(): void {
  const filters: Readonly<Record<string, string>> = { "/": "map-filter", t: "trail-text" };
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
      if (key === "Escape" && target instanceof HTMLInputElement) empty(target);
      return;
    }
    const id = filters[key];
    if (id === undefined) return;
    event.preventDefault();
    byId(id).focus();
  });
}

/** Up and down move from row to row, and from elsewhere to the row where they were last; right opens a row, left closes it. */
export function moveByArrows(list: HTMLElement): void {
  let last: HTMLElement | null = null;
  list.addEventListener("focusin", ({ target }) => {
    last = rowOf(target, list) ?? last;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...list.querySelectorAll<HTMLElement>(".row")].filter(
      (other) => other.offsetParent !== null,
    );
    const row = rowOf(event.target, list);
    const move = row
      ? movesFrom(row, rows)[event.key]
      : /^Arrow(?:Up|Down)$/.test(event.key) && !needsArrows(event.target) && rows.length > 0
        ? () => (last && rows.includes(last) ? last : rows[0])?.focus()
        : undefined;
    if (!move) return;
    event.preventDefault();
    move();
  });
}

function movesFrom(row: HTMLElement, rows: readonly HTMLElement[]): Readonly<Record<string, () => void>> {
  const at = rows.indexOf(row);
  const isOpen = row.getAttribute("aria-expanded") === "true";
  return {
    ArrowDown: () => rows[at + 1]?.focus(),
    ArrowUp: () => rows[at - 1]?.focus(),
    Home: () => rows[0]?.focus(),
    End: () => rows.at(-1)?.focus(),
    ArrowRight: () => {
      if (!isOpen) row.click();
    },
    ArrowLeft: () => {
      if (isOpen) row.click();
      else row.closest(".group")?.querySelector<HTMLElement>(".row")?.focus();
    },
  };
}

function rowOf(target: EventTarget | null, list: HTMLElement): HTMLElement | null {
  const row = target instanceof Element ? target.closest<HTMLElement>(".row") : null;
  return row && list.contains(row) ? row : null;
}

/** A select changes its value by the arrows, and the trail's records are scrolled by them. */
function needsArrows(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("select, .trail-scroll") !== null;
}

function empty(input: HTMLInputElement): void {
  if (input.value === "") input.blur();
  input.value = "";
  input.dispatchEvent(new Event("input"));
}
