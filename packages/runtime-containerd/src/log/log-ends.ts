import type { RuntimeContext } from "../context.js";
import { logPaths } from "../io/log-paths.js";
import { SegmentCursor } from "./segment-cursor.js";

/** The positions after everything that a container has written, in bytes. */
export async function logEnds(
  context: RuntimeContext,
  name: string,
): Promise<{ readonly stdout: number; readonly stderr: number }> {
  const { directory } = logPaths(context.logDirFmt, name);
  const [stdout, stderr] = await Promise.all(
    (["stdout", "stderr"] as const).map((stream) => new SegmentCursor(context.host.files, directory, stream).end()),
  );
  return { stdout: stdout ?? 0, stderr: stderr ?? 0 };
}
