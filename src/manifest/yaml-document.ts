// A document of a YAML file: its value, and where each part of it stands.
import type { Place } from "../model/diagnostic.ts";
import { splitPointer } from "./pointer.ts";
import type { YamlNode } from "./yaml-node.ts";

export interface YamlDocument {
  /** Made of plain maps, lists, texts, numbers, booleans and null. */
  readonly value: unknown;
  /** The start of the document's content. */
  readonly place: Place;
  /** A number or a boolean at a JSON pointer as the file writes it, such as `1.10`; undefined for any other value. */
  readonly sourceAt: (pointer: string) => string | undefined;
  readonly has: (pointer: string) => boolean;
  /** The place of the value at a JSON pointer (`/spec/eventTypes/3`), or of the nearest value above it that exists. */
  readonly placeOf: (pointer: string) => Place;
  /** The place of the key whose value is at a JSON pointer; in a list, the place of the value. */
  readonly keyPlaceOf: (pointer: string) => Place;
}

export function makeYamlDocument(root: YamlNode, placeAt: (offset: number) => Place): YamlDocument {
  const find = (pointer: string): { readonly key: number; readonly node: YamlNode; isExact: boolean } => {
    let [key, node] = [root.offset, root];
    for (const segment of splitPointer(pointer)) {
      const child = node.children?.get(segment);
      if (!child) return { key, node, isExact: false };
      [key, node] = [child.keyOffset, child.node];
    }
    return { key, node, isExact: true };
  };
  return {
    value: root.value,
    place: placeAt(root.offset),
    sourceAt: (pointer) => {
      const { node, isExact } = find(pointer);
      return isExact ? node.source : undefined;
    },
    has: (pointer) => find(pointer).isExact,
    placeOf: (pointer) => {
      const { key, node } = find(pointer);
      // An empty value has no place in the text, but its key has.
      return placeAt(node.value === null ? key : node.offset);
    },
    keyPlaceOf: (pointer) => placeAt(find(pointer).key),
  };
}
