import { join } from "node:path";

/** The folder of the log process, beside those of the containers. No container's folder is called so: theirs have a hyphen and an id. */
export const FOLDER = "log-process";

/** Where it is asked. Only root can reach it: the folder is private. */
export function socketPath(stateDir: string): string {
  return join(stateDir, FOLDER, "socket");
}

/** What only one process may be at a time. The keys of host locks. */
export function lockKeys(stateDir: string): {
  readonly start: string;
  readonly keeper: string;
  readonly writer: string;
} {
  return {
    start: `log process ${stateDir}: start`,
    keeper: `log process ${stateDir}: keeper`,
    writer: `log process ${stateDir}: writer`,
  };
}
