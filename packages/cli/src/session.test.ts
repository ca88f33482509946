import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createMemoryRuntime, type MemoryRuntime, type Program } from "@voiyd/runtime-testing";
import { FakeSurroundings } from "./testing/fake-surroundings.js";
import { withVerbs } from "./testing/with-verbs.js";

/** Prints its arguments, then ends with 42 when it is asked to. */
const server: Program = ({ args, stdout, onSignal, gone }) =>
  new Promise((resolve) => {
    onSignal(2, () => resolve(42));
    onSignal(15, () => resolve(0));
    gone.addEventListener("abort", () => resolve(137));
    stdout(`serving ${args.slice(1).join(" ")}\n`);
  });

let runtime: MemoryRuntime;

beforeEach(() => {
  runtime = createMemoryRuntime({ images: { "docker.io/library/busybox:latest": {} }, programs: { server } });
});

afterEach(async () => {
  await runtime[Symbol.asyncDispose]();
});

async function voiyd(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const around = new FakeSurroundings(withVerbs(runtime));
  const code = await around.main(...argv);
  return { code, out: around.stdout.text, err: around.stderr.text };
}

describe("a session on a runtime in memory", () => {
  test("a container in the foreground gives its output and its exit code, and stays until it is removed", async () => {
    expect(await voiyd("run", "-q", "--name", "job", "busybox", "echo", "hello")).toEqual({
      code: 0,
      out: "hello\n",
      err: "",
    });
    expect((await voiyd("run", "--rm", "busybox", "false")).code).toBe(1);
    expect((await voiyd("ps", "-aq")).out.split("\n")).toHaveLength(2);
    expect((await voiyd("logs", "job")).out).toBe("hello\n");
    expect(await voiyd("rm", "job")).toEqual({ code: 0, out: "job\n", err: "" });
    expect((await voiyd("ps", "-aq")).out).toBe("");
  });

  test("a missing image is pulled, and its progress shown", async () => {
    const { code, err } = await voiyd("run", "--rm", "busybox", "true");
    expect(code).toBe(0);
    expect(err).toContain("done\n");
    expect((await voiyd("images")).out).toContain("busybox");
  });

  test("a container in the background is listed, asked for its logs, stopped and removed", async () => {
    const started = await voiyd(
      "run",
      "-dq",
      "--name",
      "web",
      "-p",
      "8080:80",
      "-l",
      "tier=front",
      "busybox",
      "server",
      "--fast",
    );
    expect(started).toMatchObject({ code: 0, out: expect.stringMatching(/^[0-9a-f]{64}\n$/) });
    const id = started.out.trim();
    expect((await voiyd("ps")).out).toContain('"server --fast"');
    expect((await voiyd("ps")).out).toContain("0.0.0.0:8080->80/tcp");
    expect((await voiyd("logs", id.slice(0, 12))).out).toBe("serving --fast\n");
    expect(JSON.parse((await voiyd("inspect", "web")).out)).toMatchObject([
      { meta: { name: "web", labels: { tier: "front" } }, status: { phase: "running" } },
    ]);
    expect(await voiyd("rm", "web")).toMatchObject({ code: 1, out: "" });
    expect(await voiyd("stop", "web")).toEqual({ code: 0, out: "web\n", err: "" });
    expect((await voiyd("ps", "-a")).out).toContain("Exited (0)");
    expect(await voiyd("rm", id)).toMatchObject({ code: 0 });
    expect(await voiyd("logs", "web")).toMatchObject({ code: 1, err: expect.stringContaining("web") });
  });

  test("a command that is not there ends with 127, and one that cannot be executed with 126", async () => {
    expect((await voiyd("run", "-q", "busybox", "no-such-command")).code).toBe(127);
    expect((await voiyd("run", "-q", "busybox", "/")).code).toBe(126);
    expect((await voiyd("ps", "-aq")).out).toBe("");
  });

  test("an image that is nowhere ends run with 125, and inspect and pull with 1", async () => {
    expect((await voiyd("run", "-q", "nowhere")).code).toBe(125);
    expect((await voiyd("pull", "-q", "nowhere")).code).toBe(1);
    expect((await voiyd("inspect", "nowhere")).code).toBe(1);
  });

  test("a name is taken once", async () => {
    await voiyd("run", "-dq", "--name", "web", "busybox", "server");
    expect(await voiyd("run", "-dq", "--name", "web", "busybox", "server")).toMatchObject({
      code: 125,
      out: "",
      err: expect.stringContaining("web"),
    });
    expect(await voiyd("rm", "-f", "web")).toMatchObject({ code: 0 });
  });

  test("SIGINT goes to the process of the container, and --rm leaves nothing behind", async () => {
    const around = new FakeSurroundings(withVerbs(runtime));
    const write = around.stdout.write.bind(around.stdout);
    around.stdout.write = async (data): Promise<void> => {
      await write(data);
      around.raise("SIGINT");
    };
    expect(await around.main("run", "-q", "--rm", "busybox", "server")).toBe(42);
    expect(around.stdout.text).toBe("serving \n");
    expect((await voiyd("ps", "-aq")).out).toBe("");
  });
});
