/** The system's error code (`ENOENT`) of something caught, whichever realm it comes from. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Resolves with `fallback` where the awaited thing does not exist (any more); other errors pass. */
export async function orIfAbsent<T, F>(work: Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await work;
  } catch (error) {
    // ESRCH is what /proc answers when a process ends while one of its files is read; ENODEV, for a cgroup's file.
    if (["ENOENT", "ENOTDIR", "ESRCH", "ENODEV"].includes(errorCode(error) ?? "")) return fallback;
    throw error;
  }
}
