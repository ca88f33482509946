import { describe, expect, test } from "@jest/globals";
import { RuntimeError } from "@voiyd/runtime-api";
import { COMMANDS } from "./commands/table.js";
import { fakeRuntime } from "./testing/fake-runtime.js";
import { FakeSurroundings } from "./testing/fake-surroundings.js";

const idle = (): FakeSurroundings => new FakeSurroundings(fakeRuntime().runtime);

function failingList(error: unknown): FakeSurroundings {
  return new FakeSurroundings(fakeRuntime([], { list: () => Promise.reject(error) }).runtime);
}

describe("what needs no daemon", () => {
  test.each<[string[], string]>([
    [["--version"], "voiyd 1.2.3\n"],
    [["-v"], "voiyd 1.2.3\n"],
    [["--help"], "usage: voiyd [OPTIONS] COMMAND [ARG...]\n"],
    [["help"], "usage: voiyd [OPTIONS] COMMAND [ARG...]\n"],
    [["help", "run"], "usage: voiyd run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"],
    [["run", "--help"], "usage: voiyd run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"],
    [["ps", "-h"], "usage: voiyd ps [OPTIONS]\n"],
  ])("%j is answered without one", async (argv, start) => {
    const around = idle();
    expect(await around.main(...argv)).toBe(0);
    expect(around.stdout.text.startsWith(start)).toBe(true);
    expect(around.composed).toEqual([]);
  });

  test.each<[string[], number, string]>([
    [
      ["foo"],
      1,
      "voiyd: unknown command: foo\nhint: voiyd help lists the commands\nusage: voiyd [OPTIONS] COMMAND [ARG...]\n",
    ],
    [["--foo"], 1, "voiyd: unknown option: --foo\nusage: voiyd [OPTIONS] COMMAND [ARG...]\n"],
    [["ps", "--foo"], 1, "voiyd: unknown option: --foo\nusage: voiyd ps [OPTIONS]\n"],
    [["ps", "x"], 1, "voiyd: ps takes no arguments\nusage: voiyd ps [OPTIONS]\n"],
    [
      ["ps", "--format", "xml"],
      1,
      'voiyd: option --format takes table, json or a template, not "xml"\nusage: voiyd ps [OPTIONS]\n',
    ],
    [["logs", "a", "b"], 1, "voiyd: logs takes at most one argument\nusage: voiyd logs [OPTIONS] CONTAINER\n"],
    [["stop"], 1, "voiyd: stop needs at least one argument\nusage: voiyd stop [OPTIONS] CONTAINER [CONTAINER...]\n"],
    [["run"], 125, "voiyd: run needs at least one argument\nusage: voiyd run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"],
    [["run", "-x", "nginx"], 125, "voiyd: unknown option: -x\nusage: voiyd run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"],
    [
      ["run", "--pull", "now", "nginx"],
      125,
      'voiyd: option --pull takes missing, always or never, not "now"\nusage: voiyd run [OPTIONS] IMAGE [COMMAND] [ARG...]\n',
    ],
    [
      ["kill", "-s", "FOO", "x"],
      1,
      'voiyd: --signal: "FOO" is not valid\nhint: --signal must be a signal\'s name, or a number from 1 to 64\n',
    ],
    [
      ["-a", "tcp://x", "ps"],
      1,
      'voiyd: address: "tcp://x" is not valid\nhint: address must be the path of a unix socket\n',
    ],
    [
      ["\u001b[2J"],
      1,
      "voiyd: unknown command: \\x1b[2J\nhint: voiyd help lists the commands\nusage: voiyd [OPTIONS] COMMAND [ARG...]\n",
    ],
  ])("%j is refused without one", async (argv, code, text) => {
    const around = idle();
    expect(await around.main(...argv)).toBe(code);
    expect(around.stderr.text).toBe(text);
    expect(around.stdout.text).toBe("");
    expect(around.composed).toEqual([]);
  });

  test("no command at all is answered with the overview, as an error", async () => {
    const around = idle();
    expect(await around.main()).toBe(1);
    expect(around.stderr.text).toContain("commands:\n  run ");
    expect(around.stderr.text).not.toContain("__reap");
  });

  test("every command has help, and the overview says the same about it", async () => {
    for (const { name, summary, load } of COMMANDS) {
      const command = await load();
      expect({ name, summary: command.summary, starts: command.usage.slice(0, name.length) }).toEqual({
        name,
        summary,
        starts: name,
      });
    }
  });
});

describe("global options", () => {
  test.each([
    [["--address", "/x.sock", "-n", "other", "--debug", "ps", "-a"]],
    [["ps", "-a", "--address", "/x.sock", "--namespace", "other", "--debug"]],
    [["--address", "/not-this.sock", "ps", "--address=/x.sock", "--namespace=other", "--debug"]],
  ])("%j", async (argv) => {
    const around = idle();
    expect(await around.main(...argv)).toBe(0);
    expect(around.composed).toEqual([
      { address: "/x.sock", namespace: "other", debug: true, network: {}, registry: {}, shortcuts: true },
    ]);
  });

  test("the runtime is disposed of, and signals are let go, whatever happens", async () => {
    for (const around of [idle(), failingList(new RuntimeError("INTERNAL", "broken"))]) {
      await around.main("ps");
      expect(around.disposals).toBe(1);
      expect(around.listening).toBe(false);
    }
  });
});

describe("an error", () => {
  const error = new RuntimeError("UNAVAILABLE", "containerd does not answer\n\u001b[2J", {
    hint: "is it running?",
    cause: new Error("connect ENOENT", { cause: new Error("deeper") }),
    details: { address: "/x.sock" },
  });

  test("is one line and a hint, escaped", async () => {
    const around = failingList(error);
    expect(await around.main("ps")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: containerd does not answer\\n\\x1b[2J\nhint: is it running?\n");
  });

  test.each([[["--debug", "ps"]], [["ps", "--debug"]]])("has its details and causes with %j", async (argv) => {
    const around = failingList(error);
    expect(await around.main(...argv)).toBe(1);
    expect(around.stderr.text).toContain('details: {"code":"UNAVAILABLE","address":"/x.sock"}');
    expect(around.stderr.text).toContain("cause: Error: connect ENOENT");
    expect(around.stderr.text).toContain("cause: Error: deeper");
    expect(around.stderr.text).not.toContain("\u001b");
  });

  test("that is no error at all is shown all the same", async () => {
    const around = failingList("just a string");
    expect(await around.main("ps")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: just a string\n");
  });

  test.each<[string, number]>([
    ["COMMAND_NOT_EXECUTABLE", 126],
    ["COMMAND_NOT_FOUND", 127],
    ["PORT_IN_USE", 125],
  ])("%s of run ends with %d", async (code, exitCode) => {
    const error = new RuntimeError(
      code === "COMMAND_NOT_FOUND"
        ? "COMMAND_NOT_FOUND"
        : code === "PORT_IN_USE"
          ? "PORT_IN_USE"
          : "COMMAND_NOT_EXECUTABLE",
      "no",
    );
    const around = new FakeSurroundings(fakeRuntime([], { run: () => Promise.reject(error) }).runtime);
    expect(await around.main("run", "nginx", "x")).toBe(exitCode);
    expect(around.stderr.text).toBe("voiyd: no\n");
  });
});

describe("a reader that has gone away", () => {
  const gone = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });

  test("ends the program as quietly as SIGPIPE does", async () => {
    const around = idle();
    around.stdout.failure = gone;
    expect(await around.main("ps")).toBe(141);
    expect(around.stderr.text).toBe("");
    expect(around.disposals).toBe(1);
  });

  test("of errors leaves their exit code", async () => {
    const around = idle();
    around.stderr.failure = gone;
    expect(await around.main("foo")).toBe(1);
  });
});

describe("a signal", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends a command with %d and no words", async (signal, code) => {
    const around: FakeSurroundings = new FakeSurroundings(
      fakeRuntime([], {
        list: (options) =>
          new Promise((_, reject) => {
            options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
            around.raise(signal);
          }),
      }).runtime,
    );
    expect(await around.main("ps")).toBe(code);
    expect(around.stderr.text).toBe("");
    expect(around.disposals).toBe(1);
  });
});
