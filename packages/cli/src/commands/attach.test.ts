import { describe, expect, test } from "@jest/globals";
import { type AttachOptions, type AttachSession, RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime, streamOf, slowly } from "../testing/fake-runtime.js";
import { FakeInput, FakeSurroundings } from "../testing/fake-surroundings.js";

const ID = "a".repeat(64);

interface Host {
  readonly around: FakeSurroundings;
  readonly fake: FakeRuntime;
  readonly asked: (AttachOptions | undefined)[];
  readonly typed: string[];
  disposals: number;
}

/** A container, and a session at it that says `told`. */
function host(
  config: { readonly tty?: boolean; readonly stdin?: boolean },
  {
    told = streamOf(["out"]),
    annotations = {},
  }: {
    readonly told?: ReadableStream<Uint8Array>;
    readonly annotations?: Readonly<Record<string, string>>;
  } = {},
  phase: "running" | "exited" = "running",
): Host {
  const container = fakeContainer(
    { meta: { name: "web" }, config: { image: "nginx", annotations, ...config } },
    { phase },
  );
  const asked: (AttachOptions | undefined)[] = [];
  const typed: string[] = [];
  const session = (options: AttachOptions | undefined): AttachSession => ({
    tty: config.tty === true,
    ...(options?.stdin === true
      ? {
          stdin: new WritableStream<Uint8Array>({
            write: (chunk) => {
              typed.push(Buffer.from(chunk).toString());
            },
            close: () => {
              typed.push("(end)");
            },
          }),
        }
      : {}),
    stdout: told,
    stderr: streamOf(config.tty === true ? [] : ["err"]),
    resize: async () => undefined,
    [Symbol.asyncDispose]: async () => {
      all.disposals += 1;
    },
  });
  const fake = fakeRuntime([container], {
    attach: async (_ref, options) => {
      asked.push(options);
      return session(options);
    },
    run: async (request) => fakeContainer(request),
    start: async () => fakeContainer(container),
  });
  const around = new FakeSurroundings(fake.runtime);
  const all: Host = { around, fake, asked, typed, disposals: 0 };
  return all;
}

function terminal(around: FakeSurroundings, ...typed: readonly Uint8Array[]): void {
  around.stdin = new FakeInput();
  around.stdin.isTTY = true;
  around.stdin.typed.push(...typed);
}

const endless = (): ReadableStream<Uint8Array> => new ReadableStream();
const DETACH = Uint8Array.of(0x10, 0x11);

describe("attach", () => {
  test("shows what is written from then on, and ends as the container does", async () => {
    const all = host({});
    all.fake.exit({ exitCode: 5 });
    expect(await all.around.main("attach", "web")).toBe(5);
    expect([all.around.stdout.text, all.around.stderr.text]).toEqual(["out", "err"]);
    expect(all.asked).toEqual([expect.objectContaining({ stdin: false, replay: "none" })]);
    expect(all.disposals).toBe(1);
  });

  test.each<[string[], { tty?: boolean; stdin?: boolean }, Partial<AttachOptions>]>([
    [[], { stdin: true }, { stdin: true, replay: "none" }],
    [["--no-stdin"], { stdin: true }, { stdin: false }],
    [["--no-stdin=false"], { stdin: true }, { stdin: true }],
    [[], { tty: true, stdin: true }, { stdin: true, replay: "screen" }],
  ])("%j at a container with %j asks for %j", async (options, config, expected) => {
    const all = host(config);
    all.fake.exit({ exitCode: 0 });
    expect(await all.around.main("attach", ...options, "web")).toBe(0);
    expect(all.asked).toEqual([expect.objectContaining(expected)]);
  });

  test("leaves the container running at the detach keys", async () => {
    const all = host({ tty: true, stdin: true }, { told: endless() });
    terminal(all.around, Buffer.from("ls\r"), DETACH);
    expect(await all.around.main("attach", "web")).toBe(0);
    expect(all.typed.join("")).toBe("ls\r");
    expect(all.around.stderr.text).toBe("read escape sequence\n");
    expect([all.around.stdin.raw, all.disposals]).toEqual([false, 1]);
  });

  test("passes signals on to a container without a terminal", async () => {
    const killed: unknown[] = [];
    const all = host({}, { told: endless() });
    all.fake.runtime.kill = async (_ref, options) => {
      killed.push(options?.killSignal);
      all.around.raise("SIGTERM");
      all.around.raise("SIGTERM");
      all.around.raise("SIGTERM");
    };
    setTimeout(() => all.around.raise("SIGTERM"), 5);
    expect(await all.around.main("attach", "web")).toBe(143);
    expect(killed).toEqual(["SIGTERM", "SIGTERM", "SIGKILL"]);
  });

  test.each<[string[], { tty?: boolean }]>([
    [["--sig-proxy=false"], {}],
    [[], { tty: true }],
  ])("%j at a container with %j: a signal is for us alone", async (options, config) => {
    const all = host(config, { told: endless() });
    setTimeout(() => all.around.raise("SIGTERM"), 5);
    expect(await all.around.main("attach", ...options, "web")).toBe(143);
    expect(all.fake.calls.filter((call) => call.startsWith("kill"))).toEqual([]);
  });

  test("says so when nobody knows the exit code, and when there is no such container", async () => {
    const all = host({});
    all.fake.exit({ exitCode: "unknown" });
    expect(await all.around.main("attach", "web")).toBe(1);
    expect(all.around.stderr.text).toContain("nobody can say with which exit code");
    expect(await all.around.main("attach", "nothing")).toBe(1);
    expect(all.around.stderr.text).toContain('there is no container "nothing"');
  });

  test("does not know every key", async () => {
    const all = host({});
    expect(await all.around.main("attach", "--detach-keys", "ctrl-", "web")).toBe(1);
    expect(all.around.composed).toEqual([]);
  });
});

describe("start that stays", () => {
  test.each<[string, { stdin?: boolean }, Partial<AttachOptions>]>([
    ["-a", {}, { stdin: false, replay: "life" }],
    ["-a", { stdin: true }, { stdin: false }],
    ["-i", { stdin: true }, { stdin: true, stdinOnce: true }],
    ["-ai", {}, { stdin: false }],
  ])("%s at a container with %j asks for %j", async (option, config, expected) => {
    const all = host(config, {}, "exited");
    all.fake.exit({ exitCode: 4 });
    expect(await all.around.main("start", option, "web")).toBe(4);
    expect(all.around.stdout.text).toBe("out");
    expect(all.asked).toEqual([expect.objectContaining(expected)]);
  });

  test("is refused for one that runs, and for several", async () => {
    const all = host({});
    expect(await all.around.main("start", "-a", "web")).toBe(1);
    expect(all.around.stderr.text).toBe("voiyd: container web runs already\nhint: attach to it\n");
    expect(await all.around.main("start", "-a", "web", "db")).toBe(1);
    expect(all.asked).toEqual([]);
  });

  test("leaves the removal of what was made with create --rm to somebody when it is left running", async () => {
    const annotations = { "voiyd.remove-at-end": "true" };
    const all = host({ tty: true, stdin: true }, { told: endless(), annotations }, "exited");
    terminal(all.around, DETACH);
    expect(await all.around.main("start", "-ai", "web")).toBe(0);
    expect(all.around.spawned.map((args) => args.slice(-2))).toEqual([["__reap", ID]]);
    expect(all.fake.calls.filter((call) => call.startsWith("delete"))).toEqual([]);
  });
});

describe("run with -i, -t or -a", () => {
  test("shows the whole life, and passes on what is typed with its end", async () => {
    const all = host({ stdin: true }, { told: slowly() });
    all.around.stdin.typed.push(Buffer.from("typed"));
    all.fake.exit({ exitCode: 0 });
    expect(await all.around.main("run", "-i", "--name", "web", "nginx")).toBe(0);
    expect(all.asked).toEqual([expect.objectContaining({ stdin: true, stdinOnce: true, replay: "life" })]);
    expect(all.typed).toEqual(["typed", "(end)"]);
  });

  test.each<[string[], string, string]>([
    [["-a", "stdout"], "out", ""],
    [["-a", "STDERR"], "", "err"],
    [["-a", "stdout", "-a", "stderr"], "out", "err"],
    [["-a", "stdin"], "", ""],
    [["--sig-proxy=false"], "out", "err"],
  ])("%j shows %j and %j", async (options, out, err) => {
    const all = host({});
    all.fake.exit({ exitCode: 0 });
    expect(await all.around.main("run", ...options, "nginx")).toBe(0);
    expect([all.around.stdout.text, all.around.stderr.text]).toEqual([out, err]);
  });

  test("removes the container at its end with --rm, also when something fails", async () => {
    const all = host({});
    all.fake.exit({ exitCode: 3 });
    expect(await all.around.main("run", "--rm", "-a", "stdout", "nginx")).toBe(3);
    expect(all.fake.calls).toEqual(["wait aaaa final", "delete aaaa"]);
    const failing = host({});
    failing.fake.runtime.attach = () => Promise.reject(new RuntimeError("UNAVAILABLE", "away"));
    expect(await failing.around.main("run", "--rm", "-i", "nginx")).toBe(125);
    expect(failing.fake.calls).toEqual(["delete aaaa"]);
    expect(failing.around.stderr.text).toBe("voiyd: away\n");
  });

  test("leaves its removal to somebody when it is left running", async () => {
    const all = host({ tty: true, stdin: true }, { told: endless() });
    terminal(all.around, DETACH);
    expect(await all.around.main("run", "-it", "--rm", "nginx")).toBe(0);
    expect(all.around.spawned.map((args) => args.slice(-2))).toEqual([["__reap", ID]]);
    expect(all.fake.calls.filter((call) => call.startsWith("delete"))).toEqual([]);
  });

  test.each([
    [["-it"], "the input device is not a TTY"],
    [["-a", "sound"], "option --attach takes stdin, stdout or stderr, not sound"],
    [["-d", "-a", "stdout"], "--attach and --detach contradict each other"],
    [["-t", "--detach-keys", "f13"], "option --detach-keys does not know the key"],
  ])("%j is refused, and nothing is run", async (options, problem) => {
    const all = host({});
    expect(await all.around.main("run", ...options, "nginx")).toBe(125);
    expect(all.around.stderr.text).toContain(problem);
    expect(all.around.composed).toEqual([]);
  });
});
