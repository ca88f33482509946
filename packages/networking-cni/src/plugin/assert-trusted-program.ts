import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { RuntimeError } from "@voiyd/runtime-api";

interface Us {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * A plugin is run as root, whoever has written it. Throws `FAILED_PRECONDITION` unless it and the folders that it is in,
 * links followed, are root's or ours and nobody else's to write to; our own group may, as it may where everyone has one of
 * their own. Synchronous: the way through the thread pool would take far longer.
 */
export function assertTrustedProgram(
  path: string,
  us: Us = { uid: process.getuid?.(), gid: process.getgid?.() },
): void {
  if (us.uid === undefined) return;
  const program = realpathSync(path);
  for (const place of new Set([dirname(path), dirname(program), program])) {
    const { uid, gid, mode } = statSync(place);
    if (uid !== 0 && uid !== us.uid) throw untrusted(path, place, `belongs to user ${String(uid)}`);
    const shared = (mode & 0o020) !== 0 && gid !== 0 && gid !== us.gid;
    if (shared || (mode & 0o002) !== 0) throw untrusted(path, place, "can be written to by others");
  }
}

function untrusted(path: string, place: string, reason: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `CNI plugin ${path} is not run as root: ${place} ${reason}`, {
    hint: `chown root:root ${place}; chmod go-w ${place}`,
    details: { path: place },
  });
}
