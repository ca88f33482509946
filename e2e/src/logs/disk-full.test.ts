import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import type { Logging } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { SmallDisk } from "../faults/tools/small-disk.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

/** What the disk has left when the container begins to write in earnest. */
const ROOM_BYTES = 512 * 1024;

/** A container whose log's disk has next to no room. */
interface OnFullDisk {
  readonly runtime: ContainerdRuntime;
  /** Whether it has written all that it had to write before the last line. */
  hasWritten(): Promise<boolean>;
  makeRoom(): Promise<void>;
}

/** Runs `box`, which says `first`, then what `script` writes once the disk is full, then `last`. */
async function withFullDisk(
  stage: Stage,
  sizeKiB: number,
  logging: Logging,
  script: string,
  work: (box: OnFullDisk) => Promise<void>,
): Promise<void> {
  await using disk = await SmallDisk.mount(join(stage.directory, "log-disk"), sizeKiB);
  await using stack = stage.open({ logDirFmt: join(disk.path, "%s", "log") });
  const { runtime } = stack;
  const until = (file: string): string => `while [ ! -e ${file} ]; do sleep 0.1; done`;
  const all = `echo first; ${until("/go")}; ${script}; touch /written; ${until("/room")}; echo last`;
  await runtime.run({
    meta: { name: "box" },
    config: { image: stage.busybox, args: ["sh", "-c", all], network: "none", logging },
  });
  const inBox = async (...args: readonly string[]): Promise<unknown> => {
    await using process = await runtime.exec("box", { args });
    return (await process.exited).exitCode;
  };
  const filler = await disk.fill(ROOM_BYTES);
  await inBox("touch", "/go");
  try {
    await work({
      runtime,
      hasWritten: async () => (await inBox("test", "-e", "/written")) === 0,
      makeRoom: async () => {
        await filler[Symbol.asyncDispose]();
        await inBox("touch", "/room");
      },
    });
  } finally {
    await runtime.delete("box");
  }
}

interface Counted {
  readonly kept: number;
  readonly lost: number;
  readonly last: string;
}

/** All of the log, once the container has ended. */
async function count(runtime: ContainerdRuntime): Promise<Counted> {
  expect((await runtime.wait("box")).exitCode).toBe(0);
  let [kept, lost, last] = [0, 0, ""];
  for await (const entry of runtime.logs("box", { follow: true })) {
    if (entry.kind === "lost") lost += entry.bytes;
    else {
      kept += entry.line.length;
      last = Buffer.from(entry.line).toString();
    }
  }
  return { kept, lost, last };
}

const AROUND = "first\n".length + "last\n".length;

await describeOnHost("a log's full disk", (test) => {
  test("does not hold the container up; the loss is counted, and logging goes on when there is room", async (stage) => {
    const logging: Logging = { driver: "local", maxBufferSize: 65_536 };
    // Fifty times as much as there is room for.
    await withFullDisk(stage, 2048, logging, "seq 1 10000000", async (box) => {
      // The container gets to its next step, with a disk that has no room.
      while (!(await box.hasWritten())) await sleep(100);
      await box.makeRoom();
      const { kept, lost, last } = await count(box.runtime);
      expect(lost).toBeGreaterThan(0);
      expect(kept + lost).toBe(78_888_897 + AROUND);
      expect(last).toBe("last\n");
    });
  });

  test("holds the container up where that was asked for, and nothing is lost", async (stage) => {
    // More than there is room for on the disk and in a pipe, and less than there is in the end.
    await withFullDisk(stage, 8192, { driver: "local", mode: "blocking" }, "seq 1 450000", async (box) => {
      await sleep(3_000);
      expect(await box.hasWritten()).toBe(false);
      await box.makeRoom();
      expect(await count(box.runtime)).toEqual({ kept: 3_038_895 + AROUND, lost: 0, last: "last\n" });
    });
  });
});
