/** The system's error code (`ENOENT`) of something caught, whichever realm it comes from. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** ESRCH is what /proc answers when a process ends while one of its files is read; ENODEV, for a cgroup's file. */
const ABSENT = ["ENOENT", "ENOTDIR", "ESRCH", "ENODEV"];

function isAbsent(error: unknown): boolean {
  return ABSENT.includes(errorCode(error) ?? "");
}

/** Resolves with `fallback` where the awaited thing does not exist (any more); other errors pass. */
export async function orIfAbsent<T, F>(work: Promise<T>, fallback: F): Promise<T | F> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return fallback;
    throw error;
  }
}

/**
 * The same for what is done at once. For files that the kernel makes up from its memory: there are hundreds to a look at the
 * machine, and the way through the thread pool takes several times as long as to read one.
 */
export function nowOrIfAbsent<T, F>(work: () => T, fallback: F): T | F {
  try {
    return work();
  } catch (error) {
    if (isAbsent(error)) return fallback;
    throw error;
  }
}
