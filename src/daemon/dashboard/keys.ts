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

/** Up and down move from row to row, right opens a row, left closes it. Tab works as usual. */
export function moveByArrows(list: HTMLElement): void {
  list.addEventListener("keydown", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>(".row") : null;
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...list.querySelectorAll<HTMLElement>(".row")].filter(
      (other) => other.offsetParent !== null,
    );
    const at = rows.indexOf(row);
    const isOpen = row.getAttribute("aria-expanded") === "true";
    const moves: Readonly<Record<string, () => void>> = {
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
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
}

function empty(input: HTMLInputElement): void {
  if (input.value === "") input.blur();
  input.value = "";
  input.dispatchEvent(new Event("input"));
}
