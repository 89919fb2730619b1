import { expect, test } from "vitest";
import { withRoomForMany } from "../../src/lib/young-heap.ts";

test.each([1, 1000])("what becomes of an action of %i writes is what it comes to", async (writes) => {
  expect(await withRoomForMany(writes, () => Promise.resolve("done"))).toBe("done");
  await expect(withRoomForMany(writes, () => Promise.reject(new Error("failed")))).rejects.toThrow(
    "failed",
  );
});
