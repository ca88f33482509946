/** The newest version of the CNI specification that this library speaks. */
export const NEWEST_CNI_VERSION = "1.1.0";

/** All released versions of the CNI specification's configuration format, oldest first. */
export const CNI_VERSIONS: readonly string[] = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

/** What a missing version means (CNI specification 0.1.0, the only one without the key). */
export const OLDEST_CNI_VERSION = "0.1.0";

const VERSION = /^\d{1,9}(?:\.\d{1,9}){0,2}$/;

/** Whether `text` is a version: one to three numbers with dots between them. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/** Negative when `a` is older than `b`, positive when newer, 0 when equal. Missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let part = 0; part < 3; part += 1) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether `version` is `least` or newer. */
export function isAtLeast(version: string, least: string): boolean {
  return compareVersions(version, least) >= 0;
}

/** The newest of `versions`, or `undefined` of none. */
export function newestOf(versions: readonly string[]): string | undefined {
  return versions.reduce<string | undefined>(
    (newest, version) => (newest === undefined || compareVersions(version, newest) > 0 ? version : newest),
    undefined,
  );
}
