import { expect } from "@jest/globals";
import { refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { until, withoutBox } from "./box.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

await describeOnHost("attach", (hostTest) => {
  const test = withoutBox(hostTest);

  test("standard input and its end reach the container; without it there is none", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", "cat; echo end >&2; exit 4"], network: "none", stdin: true },
    });
    await using session = await runtime.attach("box", { stdin: true, stdinOnce: true, replay: "life" });
    const output = textOf(session.stdout);
    const big = "0123456789abcdef".repeat(20_000);
    const writer = session.stdin?.getWriter();
    await writer?.write(bytes(big));
    await writer?.close();
    expect(await output).toBe(big);
    expect(await textOf(session.stderr)).toBe("end\n");
    expect((await runtime.wait("box")).exitCode).toBe(4);
    await runtime.run({ meta: { name: "crate" }, config: { image: stage.busybox, args: ["cat"], network: "none" } });
    expect((await runtime.wait("crate")).exitCode).toBe(0);
    expect((await refusal(runtime.attach("crate", { stdin: true }))).code).toBe("FAILED_PRECONDITION");
    expect((await refusal(runtime.attach("crate"))).hint).toBe("start it first");
    expect((await refusal(runtime.attach("nothing"))).code).toBe("NOT_FOUND");
  });

  test("a session that ends leaves the input open for the next one, also after a restart", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["cat"], network: "none", stdin: true },
    });
    for (const word of ["one\n", "two\n"]) {
      await using session = await runtime.attach("box", { stdin: true });
      const reader = session.stdout.getReader();
      await session.stdin?.getWriter().write(bytes(word));
      expect(await until(reader, word)).toBe(word);
      await reader.cancel();
    }
    expect((await runtime.get("box")).status.phase).toBe("running");
    await runtime.restart("box", { timeoutMs: 0 });
    await using session = await runtime.attach("box", { stdin: true, stdinOnce: true, replay: "life" });
    const output = textOf(session.stdout);
    const writer = session.stdin?.getWriter();
    await writer?.write(bytes("three\n"));
    await writer?.close();
    expect(await output).toBe("three\n");
    expect((await runtime.wait("box")).exitCode).toBe(0);
  });

  test("several sessions at once get everything, and one that does not read holds nobody up", async (stage) => {
    const { runtime } = stage.main;
    const script = "read go; seq 1 50000; echo done";
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", script], network: "none", stdin: true },
    });
    await using idle = await runtime.attach("box");
    await using first = await runtime.attach("box");
    await using second = await runtime.attach("box", { stdin: true });
    const outputs = [first, second].map((session) => textOf(session.stdout));
    await second.stdin?.getWriter().write(bytes("go\n"));
    const expected = `${Array.from({ length: 50_000 }, (_, index) => String(index + 1)).join("\n")}\ndone\n`;
    for (const output of outputs) expect(await output).toBe(expected);
    await idle.stdout.cancel();
  });

  test("a terminal: typed into, resized, left and found again with its last screen", async (stage) => {
    const { runtime } = stage.main;
    const loop = "while :; do if read line; then echo got $line; [ $line = bye ] && exit 6; fi; done";
    const script = `trap 'stty size' WINCH; trap 'echo ouch' INT; tty; printf '\\033[H\\033[2Jfresh\\n'; ${loop}`;
    await runtime.run({
      meta: { name: "box" },
      config: { image: stage.busybox, args: ["sh", "-c", script], network: "none", stdin: true, tty: true },
    });
    {
      await using session = await runtime.attach("box", { stdin: true, stdinOnce: true, replay: "life" });
      expect(session.tty).toBe(true);
      const reader = session.stdout.getReader();
      expect(await until(reader, "fresh\r\n")).toMatch(/^\/dev\/console\r\n|^\/dev\/pts\/0\r\n/);
      await session.resize({ columns: 120, rows: 40 });
      await until(reader, "40 120\r\n");
      await session.stdin?.getWriter().write(bytes("hello\r"));
      await until(reader, "got hello\r\n");
    }
    expect((await runtime.get("box")).status.phase).toBe("running");
    await using again = await runtime.attach("box", { stdin: true, replay: "screen" });
    const reader = again.stdout.getReader();
    const screen = await until(reader, "got hello\r\n");
    expect(screen.startsWith("\u001b[2Jfresh\r\n")).toBe(true);
    const writer = again.stdin?.getWriter();
    // Ctrl-C: the terminal makes a signal of it.
    await writer?.write(new Uint8Array([3]));
    await until(reader, "ouch\r\n");
    await writer?.write(bytes("bye\r"));
    await until(reader, "got bye\r\n");
    expect((await runtime.wait("box")).exitCode).toBe(6);
    await again.resize({ columns: 80, rows: 24 });
  });
});
