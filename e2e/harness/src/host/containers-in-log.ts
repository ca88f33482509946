/** The containers that a daemon's log speaks of, as `<namespace>/<id>`: the only trace of one that is gone altogether. */
export function containersInLog(log: string): string[] {
  return [...new Set(Array.from(log.matchAll(/runtime\.v2\.task\/([\w.-]+\/[\w.-]+)/gu), ([, name]) => name ?? ""))];
}
