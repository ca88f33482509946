import { describe, expect, test } from "@jest/globals";
import { type ContainerExit, type ExecRequest, RuntimeError, type TerminalSize } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeExec, fakeRuntime, streamOf, slowly } from "../testing/fake-runtime.js";
import { FakeInput, FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
const DETACH = Uint8Array.of(0x10, 0x11);

interface Process {
  readonly exit?: ContainerExit;
  readonly stdout?: ReadableStream<Uint8Array>;
  readonly stderr?: ReadableStream<Uint8Array>;
}

interface Host {
  readonly around: FakeSurroundings;
  readonly requests: readonly ExecRequest[];
  readonly typed: readonly string[];
  readonly sizes: readonly TerminalSize[];
}

/** A container in which a process says what it is given, and keeps what is typed. */
function host({ exit = { exitCode: 0 }, stdout = streamOf([]), stderr = streamOf([]) }: Process = {}): Host {
  const requests: ExecRequest[] = [];
  const typed: string[] = [];
  const sizes: TerminalSize[] = [];
  const stdin = new WritableStream<Uint8Array>({
    write: (chunk) => {
      typed.push(Buffer.from(chunk).toString());
    },
    close: () => {
      typed.push("(end)");
    },
  });
  const { runtime } = fakeRuntime([web], {
    exec: async (_ref, request) => {
      requests.push(request);
      return fakeExec(Promise.resolve(exit), {
        stdout,
        stderr,
        ...(request.stdin === true ? { stdin } : {}),
        resize: async (size) => {
          sizes.push(size);
        },
      });
    },
  });
  return { around: new FakeSurroundings(runtime), requests, typed, sizes };
}

function terminal(around: FakeSurroundings, ...typed: readonly Uint8Array[]): void {
  around.stdout = new FakeOutput(true);
  around.stdin = new FakeInput();
  around.stdin.isTTY = true;
  around.stdin.typed.push(...typed);
}

describe("exec", () => {
  test("hands on both streams as they are, and the exit code", async () => {
    const { around } = host({ exit: { exitCode: 7 }, stdout: streamOf(["a\u001b[31m"]), stderr: streamOf(["b"]) });
    around.stdout = new FakeOutput(true);
    expect(await around.main("exec", "web", "sh", "-c", "exit 7")).toBe(7);
    expect([around.stdout.text, around.stderr.text]).toEqual(["a\u001b[31m", "b"]);
  });

  const plain: ExecRequest = {
    args: ["env"],
    envvars: [],
    tty: false,
    stdin: false,
    detached: false,
    privileged: false,
  };

  test.each<[string[], Partial<ExecRequest>]>([
    [[], {}],
    [["-u", "1000:ada"], { user: "1000:ada" }],
    [["-w", "/srv"], { workingDir: "/srv" }],
    [["--privileged"], { privileged: true }],
    [["-i"], { stdin: true }],
    [["-t"], { tty: true }],
    [["-d"], { detached: true }],
    [["-id"], { detached: true }],
    [
      ["--env-file", "vars", "-e", "A=1", "-e", "HOME", "-e", "ABSENT"],
      {
        envvars: [
          { name: "B", value: "2" },
          { name: "A", value: "1" },
          { name: "HOME", value: "/home/ada" },
        ],
      },
    ],
  ])("%j asks for %j", async (options, expected) => {
    const { around, requests } = host();
    around.env = { HOME: "/home/ada" };
    around.files.set("vars", "B=2\n");
    expect([await around.main("exec", ...options, "web", "env"), around.stderr.text]).toEqual([0, ""]);
    expect(requests).toEqual([{ ...plain, ...expected }]);
  });

  test("leaves what follows the container to the command", async () => {
    const { around, requests } = host();
    expect(await around.main("exec", "web", "ls", "-it", "--user", "x")).toBe(0);
    expect(requests[0]?.args).toEqual(["ls", "-it", "--user", "x"]);
  });

  test.each([
    [["web"], "exec needs at least 2 arguments"],
    [["-w", "srv", "web", "ls"], 'workingDir: "srv" is not valid'],
    [["--env-file", "nowhere", "web", "ls"], "--env-file: nowhere cannot be read: ENOENT"],
    [["--detach-keys", "ctrl-1", "web", "ls"], "option --detach-keys does not know the key"],
    [["-it", "web", "ls"], "the input device is not a TTY"],
  ])("%j is refused before anybody is asked", async (argv, problem) => {
    const { around } = host();
    expect(await around.main("exec", ...argv)).toBe(1);
    expect(around.stderr.text).toContain(problem);
    expect(around.composed).toEqual([]);
  });

  test.each([
    ["COMMAND_NOT_FOUND", 127],
    ["COMMAND_NOT_EXECUTABLE", 126],
    ["FAILED_PRECONDITION", 1],
  ] as const)("ends for %s with %i", async (code, exitCode) => {
    const { runtime } = fakeRuntime([web], { exec: () => Promise.reject(new RuntimeError(code, "no")) });
    const around = new FakeSurroundings(runtime);
    expect(await around.main("exec", "web", "ls")).toBe(exitCode);
    expect(around.stderr.text).toBe("voiyd: no\n");
  });

  test("says so when nobody knows the exit code", async () => {
    const { around } = host({ exit: { exitCode: "unknown" } });
    expect(await around.main("exec", "web", "ls")).toBe(1);
    expect(around.stderr.text).toContain("nobody can say with which exit code");
  });

  test("does not wait for what is detached", async () => {
    const { around } = host({ stdout: new ReadableStream(), exit: { exitCode: 9 } });
    expect(await around.main("exec", "-d", "web", "sleep", "9")).toBe(0);
  });
});

describe("what is typed to an exec", () => {
  test("goes to its process, with its end", async () => {
    const { around, typed } = host({ stdout: slowly() });
    around.stdin.typed.push(Buffer.from("one\n"), DETACH);
    expect(await around.main("exec", "-i", "web", "cat")).toBe(0);
    expect(typed).toEqual(["one\n", "\u0010\u0011", "(end)"]);
  });

  test("is taken raw from a terminal, whose size the process is told, now and when it changes", async () => {
    const { around, requests, sizes } = host({ stdout: slowly() });
    terminal(around);
    const setRaw = around.stdin.setRaw.bind(around.stdin);
    const raw: boolean[] = [];
    around.stdin.setRaw = async (value) => {
      raw.push(value);
      if (value) setTimeout(() => around.resize(), 1);
      await setRaw(value);
    };
    expect(await around.main("exec", "-it", "web", "sh")).toBe(0);
    expect(raw).toEqual([true, false]);
    expect(requests[0]).toMatchObject({ tty: true, stdin: true, size: { columns: 80, rows: 24 } });
    expect(sizes).toEqual([
      { columns: 80, rows: 24 },
      { columns: 80, rows: 24 },
    ]);
  });

  test.each<[string[], Uint8Array, string]>([
    [[], DETACH, "ls"],
    [["--detach-keys", "x,ctrl-a"], Uint8Array.of(0x78, 0x01), "ls"],
  ])("leaves it running at the detach keys: %j", async (options, keys, before) => {
    const { around, typed } = host({ stdout: new ReadableStream() });
    terminal(around, Buffer.from(before), keys);
    expect(await around.main("exec", "-it", ...options, "web", "sh")).toBe(0);
    expect(typed.join("")).toBe(before);
    expect(around.stderr.text).toBe("read escape sequence\n");
    expect(around.stdin.raw).toBe(false);
  });
});
