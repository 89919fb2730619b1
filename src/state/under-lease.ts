// Runs an action under the lease, for a command that writes whatever it reads.
import type { HeldLease, LeaseWish, State } from "./state.ts";

/** Throws as `take` does. */
export async function underLease<T>(
  state: State,
  wish: LeaseWish,
  action: (held: HeldLease) => Promise<T>,
): Promise<T> {
  const held = await state.take(wish);
  try {
    return await action(held);
  } finally {
    await held.release();
  }
}
