// Shows the map: groups → endpoints → event types, with a filter. Groups open by hand, by the filter, or after a change.
import { count } from "../../lib/count.ts";
import type { PassResults } from "../view.ts";
import { byId, makeList, setText } from "./dom.ts";
import { sayCounts } from "./headline-words.ts";
import { makeGroup, type GroupData } from "./map-group.ts";
import { changeOf, makeMap, type MapGroup } from "./map-model.ts";
import { moveByArrows } from "./keys.ts";
import { nounOfAll } from "./words.ts";

/** Up to this many groups are all open. Among more groups, only this many open by themselves: those that are marked. */
const fewGroups = 8;
/** Up to this many matches of a filter open by themselves. */
const fewMatches = 4;

export function makeMapView(): (shown: PassResults) => void {
  const list = byId("groups");
  const filter = byId("map-filter") as HTMLInputElement;
  const toggleAll = byId("map-toggle");
  const byHand = new Map<string, boolean>();
  let groups: readonly MapGroup[] = [];
  let shownData: readonly GroupData[] = [];
  const updateList = makeList<GroupData>(list, {
    keyOf: ({ group }) => group.name,
    make: () =>
      makeGroup((name, isOpen) => {
        byHand.set(name, isOpen);
        redraw();
      }),
  });
  const areAllOpen = (): boolean => shownData.every(({ isOpen }) => isOpen);
  const redraw = (): void => {
    const query = filter.value.trim().toLowerCase();
    const found = groups.filter((group) => matches(group, query));
    const marked = new Set(groups.filter(({ isMarked }) => isMarked).slice(0, fewGroups));
    const opensItself = (group: MapGroup): boolean =>
      groups.length <= fewGroups || marked.has(group) || (query !== "" && found.length <= fewMatches);
    shownData = found.map((group) => ({
      group,
      query,
      isOpen: byHand.get(group.name) ?? opensItself(group),
    }));
    updateList(shownData);
    setText(toggleAll, areAllOpen() ? "Close all" : "Open all");
    toggleAll.hidden = found.length === 0;
    setText(byId("map-found"), describeFound(groups, found.length, query));
  };
  filter.addEventListener("input", redraw);
  toggleAll.addEventListener("click", () => {
    const open = !areAllOpen();
    for (const { group } of shownData) byHand.set(group.name, open);
    redraw();
  });
  moveByArrows(list);
  return (shown) => {
    groups = makeMap(shown);
    const isPlanned = changeOf(shown)?.result.dryRun === true;
    setText(byId("map-mode"), isPlanned ? "as it would be" : "");
    const [capacity, ...others] = new Set(groups.map((group) => group.capacity));
    const isOne = capacity !== undefined && others.length === 0;
    const room = isOne ? `; an endpoint has room for ${capacity}` : "";
    setText(byId("legend-share"), `fair share${room}`);
    setText(byId("map-counts"), describeCounts(groups));
    setText(byId("map-others"), describeOthers(shown));
    redraw();
  };
}

function matches({ name, labels, endpoints, host }: MapGroup, query: string): boolean {
  if (query === "") return true;
  const texts = [
    name,
    host ?? "",
    ...labels,
    ...endpoints.flatMap(({ url, eventTypes }) => [url, ...eventTypes.map((type) => type.name)]),
  ];
  return texts.some((text) => text.toLowerCase().includes(query));
}

function describeFound(groups: readonly MapGroup[], found: number, query: string): string {
  if (groups.length === 0) return "No group yet.";
  if (query === "") return "";
  return found === 0
    ? `None of ${count(groups.length, "group")} has that.`
    : `${found} of ${count(groups.length, "group")}`;
}

function describeCounts(groups: readonly MapGroup[]): string {
  if (groups.length === 0) return "";
  const served = groups.flatMap(({ endpoints }) => endpoints.filter(({ use }) => use === "used"));
  const eventTypes = groups.reduce((sum, { total }) => sum + total, 0);
  return sayCounts(groups.length, served.length, eventTypes);
}

function describeOthers({ result }: PassResults): string {
  if (!result) return "";
  const { orphans, unmanaged } = result;
  const parts: string[] = [];
  if (orphans.length > 0) {
    const names = [...new Set(orphans.map(({ group }) => group))].slice(0, 5).join(", ");
    const noun = nounOfAll(orphans);
    parts.push(
      `${count(orphans.length, noun)} of groups without a manifest (${names}): --prune deletes them.`,
    );
  }
  if (unmanaged > 0) parts.push(`${count(unmanaged, "unmanaged resource")} in Genesys Cloud, left alone.`);
  return parts.join(" ");
}
