// SHA-256 as lower-case hex, plain or keyed.
import { createHash, createHmac } from "node:crypto";

export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export function hmacSha256Hex(text: string, key: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}
