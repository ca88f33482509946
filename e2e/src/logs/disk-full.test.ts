import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { SmallDisk } from "../faults/tools/small-disk.js";
import { describeOnHost } from "../fixture/on-host.js";

await describeOnHost("a log's full disk", (test) => {
  test("does not hold the container up; the loss is counted, and logging goes on when there is room", async (stage) => {
    await using disk = await SmallDisk.mount(join(stage.directory, "log-disk"), 2048);
    await using stack = stage.open({ logDirFmt: join(disk.path, "%s", "log") });
    const { runtime } = stack;
    // Fifty times as much as there is room for; and something at the end that is to be there.
    const script =
      "echo first; while [ ! -e /go ]; do sleep 0.1; done; seq 1 10000000; touch /written; while [ ! -e /room ]; do sleep 0.1; done; echo last";
    await runtime.run({
      meta: { name: "box" },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", script],
        network: "none",
        logging: { driver: "local", maxBufferSize: 65_536 },
      },
    });
    const inBox = async (...args: readonly string[]): Promise<unknown> => {
      await using process = await runtime.exec("box", { args });
      return (await process.exited).exitCode;
    };
    const filler = await disk.fill(512 * 1024);
    await inBox("touch", "/go");
    // The container gets to its next step, with a disk that has no room.
    while ((await inBox("test", "-e", "/written")) !== 0) await sleep(100);
    await filler[Symbol.asyncDispose]();
    await inBox("touch", "/room");
    expect((await runtime.wait("box")).exitCode).toBe(0);
    const written = "first\n".length + 78_888_897 + "last\n".length;
    let kept = 0;
    let lost = 0;
    let last = "";
    for await (const entry of runtime.logs("box", { follow: true })) {
      if (entry.kind === "lost") lost += entry.bytes;
      else {
        kept += entry.line.length;
        last = Buffer.from(entry.line).toString();
      }
    }
    expect(lost).toBeGreaterThan(0);
    expect(kept + lost).toBe(written);
    expect(last).toBe("last\n");
    await runtime.delete("box");
  });
});
