// Returns a ReconcileError in place of throwing it, because a refusal is one of the things that `doctor` reports.
import { ReconcileError } from "../model/errors.ts";

export async function attempt<T>(action: () => Promise<T>): Promise<T | ReconcileError> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ReconcileError) return error;
    throw error;
  }
}
