import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { outputOf, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { countLines, countOf, logBox, logProcesses, logSizes } from "./log-box.js";

/** At full size 1 000 000, 2 000 and 1 GiB. */
const LINES = countOf("VOIYD_LOG_LINES", 200_000);
const CONTAINERS = countOf("VOIYD_LOG_CONTAINERS", 20);
const BYTES = countOf("VOIYD_LOG_BYTES", 64 * 1024 * 1024);
const KILLS = countOf("VOIYD_LOG_KILLS", 4);

const LONG = { timeoutMs: 900_000 };

await describeOnHost("logs of the driver local", (test) => {
  test("keep the streams apart, with the last line that has no end, and a time for each line", async (stage) => {
    const { runtime } = stage.main;
    const before = new Date();
    await logBox(stage, "box", "echo out; echo err >&2; sleep 0.2; printf last");
    expect(await outputOf(runtime, "box")).toEqual({ stdout: "out\nlast", stderr: "err\n" });
    const entries = [];
    for await (const entry of runtime.logs("box")) entries.push(entry);
    expect(entries.map((entry) => (entry.kind === "line" ? Buffer.from(entry.line).toString() : entry.kind))).toEqual(
      expect.arrayContaining(["out\n", "err\n", "last"]),
    );
    for (const { time } of entries) expect(time?.getTime()).toBeGreaterThanOrEqual(before.getTime());
    const [first, , last] = entries;
    expect((last?.time?.getTime() ?? 0) - (first?.time?.getTime() ?? 0)).toBeGreaterThanOrEqual(150);
    await runtime.delete("box");
  });

  test(
    "numbered lines on both streams, rotated at 1 MB, read by three who come and go: each line once, in order",
    async (stage) => {
      const { runtime } = stage.main;
      const script = `seq 1 ${LINES} & seq 1 ${LINES} >&2; wait`;
      await logBox(stage, "box", script, { maxSize: 1_000_000, maxFiles: 1000 });
      const reader = async (stream: "stdout" | "stderr", comesAfterMs: number): Promise<number> => {
        await sleep(comesAfterMs);
        // One that goes in the middle.
        const first = await runtime.io("box", { follow: true });
        const leaving = first[stream].getReader();
        await leaving.read();
        await leaving.cancel();
        const io = await runtime.io("box", { follow: true });
        await io[stream === "stdout" ? "stderr" : "stdout"].cancel();
        return countLines(io[stream]);
      };
      const counts = await Promise.all([
        reader("stdout", 0),
        reader("stderr", 0),
        reader("stdout", 100),
        reader("stderr", 300),
      ]);
      expect(counts).toEqual([LINES, LINES, LINES, LINES]);
      for (const stream of ["stdout", "stderr"]) {
        const sizes = await logSizes(stage, "box", stream);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
        expect(sizes.length).toBeGreaterThan(1);
      }
      await runtime.delete("box");
    },
    LONG,
  );

  test(
    "of containers that print one line and end at once have that line",
    async (stage) => {
      const { runtime } = stage.main;
      let lines = 0;
      for (let at = 0; at < CONTAINERS; at += 8) {
        const names = Array.from({ length: Math.min(8, CONTAINERS - at) }, (_, index) => `one-${at + index}`);
        await Promise.all(
          names.map(async (name) => {
            await logBox(stage, name, `echo ${name}`);
            const { stdout } = await outputOf(runtime, name);
            if (stdout === `${name}\n`) lines++;
            await runtime.delete(name);
          }),
        );
      }
      expect(lines).toBe(CONTAINERS);
    },
    LONG,
  );

  test(
    "are byte for byte what was written, however much that is",
    async (stage) => {
      const { runtime } = stage.main;
      // Every byte there is, without a pattern that a lost piece could fit into.
      const script = `head -c ${BYTES} /dev/urandom | tee /dev/stderr | sha256sum | cut -c1-64`;
      await logBox(stage, "box", script, { maxFiles: 100_000 });
      const { stdout, stderr } = await runtime.io("box", { follow: true });
      const hash = createHash("sha256");
      let bytes = 0;
      for await (const chunk of stderr) {
        hash.update(chunk);
        bytes += chunk.length;
      }
      expect(bytes).toBe(BYTES);
      expect(`${hash.digest("hex")}\n`).toBe(await textOf(stdout));
      await runtime.delete("box");
    },
    LONG,
  );

  test(
    "lose no byte and double none when the writer, or its keeper, is killed in the middle of it",
    async (stage) => {
      const { runtime } = stage.main;
      await logBox(stage, "box", `i=0; while [ $i -lt ${KILLS} ]; do seq 1 100000; i=$((i+1)); done; seq 1 5 >&2`, {
        maxSize: 1_000_000,
        maxFiles: 10_000,
      });
      const io = await runtime.io("box", { follow: true });
      const read = textOf(io.stdout);
      for (let kill = 0; kill < KILLS; kill++) {
        const running = await logProcesses(stage);
        const victim = kill % 2 === 1 ? running?.keeper : running?.writer;
        if (victim !== undefined) process.kill(victim, "SIGKILL");
        await sleep(700);
      }
      const expected = `${Array.from({ length: 100_000 }, (_, index) => String(index + 1)).join("\n")}\n`.repeat(KILLS);
      // Compared as a whole, and not shown: a difference of megabytes helps nobody.
      expect((await read) === expected).toBe(true);
      expect(await textOf(io.stderr)).toBe("1\n2\n3\n4\n5\n");
      await runtime.delete("box");
    },
    LONG,
  );

  test("go on over a restart of the container, and of containerd", async (stage) => {
    const { runtime } = stage.main;
    await logBox(stage, "box", "trap 'echo bye; exit 0' TERM; echo hello; while :; do sleep 0.1; done");
    const seen: string[] = [];
    const following = (async () => {
      for await (const entry of runtime.logs("box", { follow: true })) {
        if (entry.kind === "line") seen.push(Buffer.from(entry.line).toString());
      }
    })();
    const until = async (lines: number): Promise<void> => {
      while (seen.length < lines) await sleep(20);
    };
    await until(1);
    await runtime.restart("box");
    await until(3);
    await stage.host.restart("kill");
    await runtime.stop("box");
    await following;
    expect(seen).toEqual(["hello\n", "bye\n", "hello\n", "bye\n"]);
    await runtime.delete("box");
  });

  test("can be cut by since, until and tail", async (stage) => {
    const { runtime } = stage.main;
    await logBox(stage, "box", "echo one; sleep 0.5; echo two; echo three >&2; sleep 0.5; echo four");
    await runtime.wait("box");
    await outputOf(runtime, "box");
    const lines = async (options: Parameters<typeof runtime.logs>[1]): Promise<string[]> => {
      const texts: string[] = [];
      for await (const entry of runtime.logs("box", options))
        if (entry.kind === "line") texts.push(Buffer.from(entry.line).toString().trim());
      return texts;
    };
    const times: Date[] = [];
    for await (const { time } of runtime.logs("box")) if (time !== undefined) times.push(time);
    const [one, , , four] = times;
    const between = new Date((one?.getTime() ?? 0) + 250);
    expect(await lines({})).toHaveLength(4);
    expect((await lines({ since: between })).sort()).toEqual(["four", "three", "two"]);
    expect(await lines({ until: between })).toEqual(["one"]);
    expect((await lines({ since: between, until: four ?? between })).sort()).toEqual(["three", "two"]);
    expect(await lines({ tail: 1 })).toEqual(["four"]);
    expect((await lines({ tail: 3 })).sort()).toEqual(["four", "three", "two"]);
    expect(await lines({ tail: 0 })).toEqual([]);
    expect(await lines({ streams: ["stderr"] })).toEqual(["three"]);
    await runtime.delete("box");
  });

  test("are kept to as many files as were asked for", async (stage) => {
    const { runtime } = stage.main;
    await logBox(stage, "box", "seq 1 100000", { maxSize: 65_536, maxFiles: 3 });
    await runtime.wait("box");
    const { stdout } = await outputOf(runtime, "box");
    expect(stdout.endsWith("99999\n100000\n")).toBe(true);
    expect(await logSizes(stage, "box", "stdout")).toHaveLength(3);
    await runtime.delete("box");
  });

  test("of the drivers none and binary go where they are to", async (stage) => {
    const { runtime } = stage.main;
    const run = (name: string, logging: Parameters<typeof runtime.run>[0]["config"]["logging"]): Promise<unknown> =>
      runtime.run({
        meta: { name },
        config: {
          image: stage.busybox,
          args: ["echo", "said"],
          network: "none",
          ...(logging === undefined ? {} : { logging }),
        },
      });
    await run("nothing", { driver: "none" });
    expect(await outputOf(runtime, "nothing")).toEqual({ stdout: "", stderr: "" });
    const file = `${stage.directory}/said`;
    await run("told", { driver: "binary", path: "/bin/sh", key: "-c", value: `exec 5>&-; cat <&3 >${file}` });
    await runtime.wait("told");
    await runtime.delete("told");
    const { readFile } = await import("node:fs/promises");
    for (let look = 0; look < 100 && (await readFile(file, "utf8").catch(() => "")) === ""; look++) await sleep(50);
    expect(await readFile(file, "utf8")).toBe("said\n");
    await runtime.delete("nothing");
  });

  test("need no process any more when nobody logs: it ends, and leaves nothing", async (stage) => {
    while ((await logProcesses(stage)) !== undefined) await sleep(100);
    while ((await readdir(stage.host.stateDir)).includes("log-process")) await sleep(100);
    expect(await readdir(stage.host.stateDir)).not.toContain("log-process");
  });
});
