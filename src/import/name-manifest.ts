// Makes the name of an imported group's manifest, which is also its file's, from the group's name.
import { sha256Hex } from "../lib/hash.ts";

/** The longest `metadata.name` that the schema allows. */
const maxLength = 63;

/** Windows opens a device under these names, with any file extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Returns lower-case letters, digits and hyphens, which are valid as `metadata.name` and, with `.yaml`, as a file on
 * any system. If the name is taken, 8 hex digits of the group's hash follow, so that the name depends on no other
 * group.
 */
export function nameManifest(group: string, isTaken: (name: string) => boolean): string {
  const name = cut(group.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"), maxLength) || "group";
  if (!device.test(name) && !isTaken(name)) return name;
  const hash = sha256Hex(group);
  const apart = (digits: number): string => `${cut(name, maxLength - digits - 1)}-${hash.slice(0, digits)}`;
  const lengths = [8, 16, 32, 48];
  return apart(lengths.find((digits) => !isTaken(apart(digits))) ?? 56);
}

function cut(text: string, length: number): string {
  return text.replace(/^-+/, "").slice(0, length).replace(/-+$/, "");
}
