import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { execute } from "@voiyd/harness";
import type { DiskUsageReport } from "@voiyd/runtime-api";
import { output } from "../cli/voiyd.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const KIB = 1024;

/** A shell's words that write so many KiB to a file. */
function write(kib: number, file: string): string {
  return `dd if=/dev/zero of=${file} bs=1024 count=${String(kib)} 2>/dev/null`;
}

/** The same as others see it: the daemon's files, `ctr` and `du`. */
async function fromOutside({ host }: Stage): Promise<{ readonly stored: number; readonly files: number }> {
  const blobs = join(host.root, "io.containerd.content.v1.content", "blobs", "sha256");
  const sizes = await Promise.all((await readdir(blobs)).map(async (name) => (await stat(join(blobs, name))).size));
  const usage = await host.ctr("-n", "voiyd", "snapshots", "--snapshotter", host.snapshotter, "usage", "-b");
  const layers = usage
    .split("\n")
    .slice(1)
    .map((line) => Number(line.trim().split(/\s+/)[1] ?? 0));
  const { stdout } = await execute("du", ["-sxB1", host.stateDir, host.containersDir]);
  const files = stdout.split("\n").map((line) => Number(line.split("\t")[0]));
  return { stored: sum(sizes) + sum(layers), files: sum(files) };
}

function split(report: DiskUsageReport): { readonly stored: number; readonly files: number } {
  const loose = [...report.cache, ...report.orphans];
  const isFile = ({ kind }: { kind: string }): boolean => kind === "log" || kind === "files";
  return {
    stored:
      report.imageBytes +
      sum(report.containers.map(({ layerBytes, keptBytes }) => layerBytes + keptBytes)) +
      sum(loose.filter((one) => !isFile(one)).map(({ bytes }) => bytes)),
    files:
      sum(report.containers.map(({ logBytes, fileBytes }) => logBytes + fileBytes)) +
      sum(report.volumes.map(({ bytes }) => bytes)) +
      sum(loose.filter(isFile).map(({ bytes }) => bytes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

await describeOnHost("what takes the room on the disk", (test) => {
  test("is told to the byte, with whom it belongs to; prune gives back what nobody uses, and says why before", async (stage) => {
    const { runtime } = stage.main;
    const spare = await stage.publishBusybox("test/spare", { config: { labels: { spare: "yes" } } });
    await runtime.pullImage(spare);
    const volume = (name: string): { type: "volume"; name: string; destination: string } => ({
      type: "volume",
      name,
      destination: "/data",
    });
    const script = `${write(1024, "/own")}; ${write(300, "/data/kept")}; ${write(200, "/dev/stdout")}; sleep 1000`;
    await runtime.run({
      meta: { name: "web" },
      config: { image: stage.busybox, args: ["sh", "-c", script], network: "none", mounts: [volume("data")] },
    });
    await runtime.run({
      meta: { name: "old" },
      config: {
        image: spare,
        args: ["sh", "-c", `${write(500, "/own")}; ${write(100, "/data/left")}`],
        network: "none",
        mounts: [volume("left")],
      },
    });
    await runtime.wait("old");
    const nobody = join(stage.host.containersDir, "nobody", "log");
    await mkdir(nobody, { recursive: true });
    await writeFile(join(nobody, "stdout.log"), Buffer.alloc(400 * KIB));

    const report = await runtime.diskUsage();
    const [seen, told] = [await fromOutside(stage), split(report)];
    expect(told.stored).toBe(seen.stored);
    // The folders that hold everybody's are nobody's.
    expect(Math.abs(told.files - seen.files)).toBeLessThan(64 * KIB);
    const web = report.containers.find(({ name }) => name === "web");
    const old = report.containers.find(({ name }) => name === "old");
    expect(web).toMatchObject({ active: true, volumes: ["data"], keptBytes: 0 });
    expect(web?.layerBytes).toBeGreaterThanOrEqual(1024 * KIB);
    expect(web?.logBytes).toBeGreaterThanOrEqual(200 * KIB);
    expect(old).toMatchObject({ active: false, volumes: ["left"] });
    expect(report.volumes).toEqual([
      { name: "data", bytes: expect.any(Number), containers: ["web"] },
      { name: "left", bytes: expect.any(Number), containers: ["old"] },
    ]);
    expect(report.images.find(({ name }) => name === spare)).toMatchObject({ containers: ["old"] });
    expect(report.orphans).toEqual([expect.objectContaining({ kind: "log", subject: nobody })]);
    await rm(join(stage.host.containersDir, "nobody"), { recursive: true });

    const dry = await output(stage, "system", "prune", "--dry-run", "-a", "--volumes");
    expect(dry).toMatch(/^ {2}container old \(exited \(0\).*\)$/m);
    expect(dry).toMatch(/^ {2}volume left \(no container uses it\)$/m);
    expect(dry).toContain(`  image ${spare} (no container uses it)`);
    expect(dry).not.toMatch(/web|data|test\/busybox/);
    const done = await output(stage, "system", "prune", "-f", "-a", "--volumes");
    expect(done.split("\n").slice(0, -2)).toEqual([
      "Removed: container old",
      "Removed: volume left",
      `Removed: image ${spare}`,
    ]);
    const rows = (await output(stage, "system", "df", "--format", "json")).trim().split("\n");
    expect(rows.map((row): unknown => JSON.parse(row))).toEqual([
      expect.objectContaining({ Type: "Images", TotalCount: "1", Active: "1", ReclaimableBytes: 0 }),
      expect.objectContaining({ Type: "Containers", TotalCount: "1", Active: "1" }),
      expect.objectContaining({ Type: "Local Volumes", TotalCount: "1", Active: "1" }),
      expect.objectContaining({ Type: "Cache" }),
      expect.objectContaining({ Type: "Orphans", Bytes: 0 }),
    ]);
    await runtime.delete("web");
    expect((await runtime.pruneVolumes()).removed.map(({ name }) => name)).toEqual(["data"]);
    // The folder for volumes stays, for the next one.
    await rm(join(stage.host.stateDir, "volumes"), { recursive: true });
  });
});
