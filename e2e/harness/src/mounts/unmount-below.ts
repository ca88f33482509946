import { type Execute, execute } from "../process/execute.js";
import { isWithin, listMounts } from "./mount-info.js";

/**
 * Unmounts everything in a folder, deepest first, the folder itself included. Throws when something stays mounted:
 * whoever deletes the folder next would delete what is mounted there.
 */
export async function unmountBelow(folder: string, run: Execute = execute): Promise<void> {
  const mountPoints = async (): Promise<string[]> =>
    (await listMounts()).map((mount) => mount.mountPoint).filter((point) => isWithin(point, folder));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const points = (await mountPoints()).sort((a, b) => b.length - a.length);
    if (points.length === 0) return;
    // Its exit code says only that one of them was gone already; what counts is read again.
    await run("umount", ["-l", "--", ...points], { accept: "any" });
  }
  const left = await mountPoints();
  if (left.length > 0) throw new Error(`could not unmount ${left.join(", ")}`);
}
