// Shows at the pointer which event type a tick is. Without a pointer, the list below the endpoint shows the same.
import type { Bar } from "./bar.ts";
import { byId, setText } from "./dom.ts";

export function tellTicks(bar: Bar): void {
  const tip = byId("tip");
  const hide = (): void => {
    tip.hidden = true;
  };
  bar.element.addEventListener("pointermove", (event) => {
    const { left, width, bottom } = bar.element.getBoundingClientRect();
    const name = bar.find((event.clientX - left) / width);
    if (name === null) {
      hide();
      return;
    }
    setText(tip, name);
    tip.hidden = false;
    const mostLeft = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(8, Math.min(event.clientX - 8, mostLeft))}px`;
    tip.style.top = `${bottom + 6}px`;
  });
  bar.element.addEventListener("pointerleave", hide);
}
