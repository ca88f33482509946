import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { untilTrue, withoutBox } from "../life/box.js";
import { onTerminal } from "./on-terminal.js";
import { output, startPiped, voiyd, withInput } from "./voiyd.js";

/** Echoes lines, tells sizes, notices Ctrl-C, and ends with 6 when it is told `bye`. */
const PARROT =
  "trap 'stty size' WINCH; trap 'echo ouch' INT; echo ready; " +
  "while :; do if read line; then echo got $line; [ $line = bye ] && exit 6; fi; done";

await describeOnHost("voiyd on a terminal", (hostTest) => {
  const test = withoutBox(hostTest);

  test("run -it: size, keys, Ctrl-C, exit code, and the terminal as it was", async (stage) => {
    const args = ["run", "-it", "--rm", "--name", "box", "--network", "none", stage.busybox, "sh", "-c", PARROT];
    await using terminal = await onTerminal(stage, args);
    const before = await terminal.settings();
    await terminal.until("ready\r\n");
    expect(await terminal.settings()).toContain("-icanon");
    terminal.type("size\r");
    await terminal.until("got size\r\n");
    await terminal.resize(77, 22);
    await terminal.until("22 77\r\n");
    terminal.type("\u0003");
    await terminal.until("ouch\r\n");
    terminal.type("bye\r");
    await terminal.until("got bye\r\n");
    await terminal.until("left 6");
    expect((await terminal.settings()).replace(/rows \d+; columns \d+/, "")).toBe(
      before.replace(/rows \d+; columns \d+/, ""),
    );
    terminal.type("\n");
    expect((await terminal.result).code).toBe(6);
    expect((await voiyd(stage, "inspect", "box")).code).toBe(1);
  });

  test("detach keys leave it running; attach finds its last screen; --rm is done at its end", async (stage) => {
    const args = ["run", "-it", "--rm", "--name", "box", "--network", "none", stage.busybox, "sh", "-c", PARROT];
    {
      await using terminal = await onTerminal(stage, args);
      await terminal.until("ready\r\n");
      terminal.type("hello\r");
      await terminal.until("got hello\r\n");
      terminal.type("\u0010\u0011");
      await terminal.until("read escape sequence");
      await terminal.until("left 0");
    }
    expect((await stage.main.runtime.get("box")).status.phase).toBe("running");
    {
      await using terminal = await onTerminal(stage, ["attach", "--detach-keys", "ctrl-x,q", "box"]);
      const screen = await terminal.until("got hello\r\n");
      expect(screen).toContain("ready\r\n");
      // It is told of our size, so that it draws itself anew.
      await terminal.until("33 101\r\n");
      terminal.type("\u0010\u0011\r");
      terminal.type("\u0018q");
      await terminal.until("left 0");
    }
    {
      await using terminal = await onTerminal(stage, ["attach", "box"]);
      await terminal.until("33 101\r\n");
      terminal.type("bye\r");
      await terminal.until("left 6");
    }
    await untilTrue(async () => (await voiyd(stage, "inspect", "box")).code === 1);
  });

  test("exec -it: a shell with its own terminal and the size of ours", async (stage) => {
    await output(stage, "run", "-d", "--name", "box", "--network", "none", stage.busybox, "sleep", "10000");
    await using terminal = await onTerminal(stage, ["exec", "-it", "-e", "PS1=> ", "box", "sh"]);
    await terminal.until("> ");
    terminal.type("stty size; echo $TERM\r");
    await terminal.until("33 101\r\n");
    await terminal.until("xterm\r\n");
    await terminal.resize(90, 20);
    terminal.type("sleep 1000\r");
    await untilTrue(async () => (await output(stage, "top", "box")).includes("sleep 1000\n"));
    terminal.type("\u0003");
    await terminal.until("> ");
    terminal.type("stty size\r");
    await terminal.until("20 90\r\n");
    terminal.type("exit 9\r");
    await terminal.until("left 9");
  });

  test("SIGTERM ends us and not the container, and the terminal is as it was", async (stage) => {
    const args = ["run", "-it", "--name", "box", "--network", "none", stage.busybox, "sh", "-c", PARROT];
    await using terminal = await onTerminal(stage, args);
    await terminal.until("ready\r\n");
    terminal.signal("SIGTERM");
    await terminal.until("left 143");
    expect(await terminal.settings()).not.toContain("-icanon");
    expect((await stage.main.runtime.get("box")).status.phase).toBe("running");
  });

  test("run -i and exec -i pass a pipe on, to its end; without a terminal -it is refused", async (stage) => {
    const text = "line\n".repeat(100_000);
    const counted = ["run", "-i", "--rm", "--network", "none", stage.busybox, "sh", "-c", "wc -c; exit 3"];
    expect(await withInput(stage, text, counted)).toEqual({ code: 3, stdout: `${String(text.length)}\n`, stderr: "" });
    await output(stage, "run", "-d", "--name", "box", "--network", "none", stage.busybox, "sleep", "10000");
    expect(await withInput(stage, text, ["exec", "-i", "box", "md5sum"])).toMatchObject({ code: 0 });
    expect(await withInput(stage, text, ["exec", "-i", "box", "cat"])).toEqual({ code: 0, stdout: text, stderr: "" });
    for (const command of [["run"], ["exec"]]) {
      const result = await withInput(stage, "", [...command, "-it", "box", "sh"]);
      expect(result.stderr).toContain("the input device is not a TTY");
      expect(result.code).not.toBe(0);
    }
  });

  test("a client that is killed closes the input of run -i, as its end would", async (stage) => {
    const child = startPiped(stage, ["run", "-i", "--name", "box", "--network", "none", stage.busybox, "cat"]);
    await untilTrue(async () => (await voiyd(stage, "ps", "-q", "--no-trunc")).stdout !== "");
    child.stdin.write("said\n");
    await untilTrue(async () => (await voiyd(stage, "logs", "box")).stdout === "said\n");
    child.kill("SIGKILL");
    expect((await stage.main.runtime.wait("box")).exitCode).toBe(0);
  });
});
