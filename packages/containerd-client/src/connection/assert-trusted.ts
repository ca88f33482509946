import { lstatSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";

/** What the check asks of the file system. Synchronous: a few looks, and no turn of others between them and the connection. */
export interface SocketLook {
  readonly lstat: (path: string) => PathFacts | undefined;
  readonly readlink: (path: string) => string;
  /** The user we are; undefined on systems without users. */
  readonly uid: number | undefined;
}

export interface PathFacts {
  readonly kind: "folder" | "link" | "other";
  readonly uid: number;
  readonly mode: number;
}

/** Who answers there may be somebody else than containerd, who would be told everything and believed everything. */
export class UntrustedSocketError extends Error {
  readonly code = "EUNTRUSTED";
}

const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
/** As many as the kernel follows (`path_resolution(7)`). */
const MAX_LINKS = 40;

/**
 * Throws {@link UntrustedSocketError} unless nobody but root and us could have put the socket where it is: it and every
 * folder on the way to it, links followed, are root's or ours, and not everybody's to write to. In a folder with the
 * sticky bit, as `/tmp`, what lies there cannot be replaced by others. What is not there is left for the connection to find.
 */
export function assertTrusted(address: string, look: SocketLook = ofThisHost): void {
  if (look.uid === undefined) return;
  const pending = address.split("/").filter((part) => part !== "");
  let path = "/";
  let links = 0;
  for (;;) {
    const facts = look.lstat(path);
    if (facts === undefined) return;
    if (facts.kind === "link") {
      if (++links > MAX_LINKS) return;
      pending.unshift(
        ...resolve(path, "..", look.readlink(path))
          .split("/")
          .filter((part) => part !== ""),
      );
      path = "/";
      continue;
    }
    assertOurs(path, facts, look.uid);
    const next = pending.shift();
    if (next === undefined) return;
    path = resolve(path, next);
  }
}

function assertOurs(path: string, { kind, uid, mode }: PathFacts, own: number): void {
  if (uid !== 0 && uid !== own) {
    throw new UntrustedSocketError(`${path} belongs to user ${String(uid)}, who could answer in containerd's place`);
  }
  const isSafeToShare = kind === "folder" && (mode & STICKY) !== 0;
  if ((mode & OTHERS_WRITE) !== 0 && !isSafeToShare) {
    throw new UntrustedSocketError(
      kind === "folder"
        ? `everybody may write to ${path}, and so answer in containerd's place`
        : `everybody may write to ${path}, and so is root on this host`,
    );
  }
}

const ofThisHost: SocketLook = {
  lstat(path) {
    try {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      const kind = stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "other";
      return { kind, uid: stats.uid, mode: stats.mode };
    } catch {
      // What may not be looked at cannot be connected to either, which says so in its own words.
      return undefined;
    }
  },
  readlink: (path) => readlinkSync(path),
  uid: process.getuid?.(),
};
