import { afterEach, describe, expect, test } from "@jest/globals";
import type { ID } from "@voiyd/runtime-api";
import { generateId, isId, isRuntimeError } from "@voiyd/runtime-api";
import type { MemoryRuntime } from "./memory-runtime.js";
import { createMemoryRuntime } from "./memory-runtime.js";
import type { MemoryRuntimeOptions } from "./options.js";

const made: MemoryRuntime[] = [];

async function runtimeWith(options: MemoryRuntimeOptions = {}): Promise<MemoryRuntime> {
  const runtime = createMemoryRuntime(options);
  made.push(runtime);
  for (const image of Object.keys(options.images ?? { busybox: {} })) await runtime.pullImage(image);
  return runtime;
}

async function outputOf(runtime: MemoryRuntime, name: string): Promise<string> {
  const { stdout } = await runtime.io(name, { follow: true });
  return new Response(stdout).text();
}

function withArgs(
  name: string,
  ...args: string[]
): { meta: { name: string }; config: { image: string; args: string[] } } {
  return { meta: { name }, config: { image: "busybox", args } };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "resolved",
    (error: unknown) => (isRuntimeError(error) ? error.code : String(error)),
  );
}

describe("the in-memory runtime", () => {
  afterEach(async () => {
    await Promise.all(made.splice(0).map((runtime) => runtime[Symbol.asyncDispose]()));
  });

  test("runs the programs it is given", async () => {
    const runtime = await runtimeWith({
      programs: {
        greet: ({ args, env, workingDir, stdout }) => {
          stdout(`${args.join("|")} ${env["WHO"] ?? ""} ${workingDir}`);
          return 4;
        },
      },
    });
    await runtime.run({
      meta: { name: "one" },
      config: {
        image: "busybox",
        args: ["greet", "a b"],
        envvars: [{ name: "WHO", value: "you" }],
        workingDir: "/srv",
      },
    });
    expect(await outputOf(runtime, "one")).toBe("greet|a b you /srv");
    expect(await runtime.wait("one")).toMatchObject({ exitCode: 4, oomKilled: false });
  });

  test("a program that throws ends with 1 and tells why", async () => {
    const runtime = await runtimeWith({
      programs: {
        broken: () => {
          throw new Error("no luck");
        },
      },
    });
    await runtime.run(withArgs("one", "broken"));
    expect(await runtime.wait("one")).toMatchObject({ exitCode: 1 });
    const { stderr } = await runtime.io("one");
    expect(await new Response(stderr).text()).toBe("Error: no luck\n");
  });

  test("a program learns of its signals and of its end", async () => {
    const seen: string[] = [];
    const runtime = await runtimeWith({
      programs: {
        watch: async ({ clock, gone, onSignal }) => {
          onSignal(1, () => seen.push("HUP"));
          await clock.sleep(Infinity, gone);
          seen.push("gone");
          return 0;
        },
      },
    });
    await runtime.run(withArgs("one", "watch"));
    await runtime.kill("one", { killSignal: "HUP" });
    await runtime.kill("one", { killSignal: "USR1" });
    await runtime.kill("one");
    expect(seen).toEqual(["HUP", "gone"]);
    expect((await runtime.get("one")).status.exitCode).toBe(137);
  });

  test("takes command, environment, user and signal from the image", async () => {
    const runtime = await runtimeWith({
      images: {
        "registry.example/app:1": {
          entrypoint: ["echo", "from"],
          args: ["the", "image"],
          users: ["root", "app"],
          user: "app",
        },
      },
    });
    const image = "registry.example/app:1";
    await runtime.run({ meta: { name: "plain" }, config: { image } });
    await runtime.run({ meta: { name: "args" }, config: { image, args: ["me"] } });
    await runtime.run({ meta: { name: "entrypoint" }, config: { image, entrypoint: ["echo"] } });
    expect(await outputOf(runtime, "plain")).toBe("from the image\n");
    expect(await outputOf(runtime, "args")).toBe("from me\n");
    expect(await outputOf(runtime, "entrypoint")).toBe("\n");
    expect(await codeOf(runtime.run({ meta: { name: "user" }, config: { image, user: "nobody" } }))).toBe(
      "USER_NOT_FOUND",
    );
  });

  test("a stop waits as long as its clock says", async () => {
    const slept: number[] = [];
    const now = new Date("2026-01-31T12:00:00Z");
    const runtime = await runtimeWith({
      clock: {
        now: () => now,
        sleep: (ms, signal) => {
          slept.push(ms);
          // Only the container sleeps on; whoever waits for it has waited enough.
          return ms === Infinity
            ? new Promise((resolve) => signal.addEventListener("abort", () => resolve()))
            : Promise.resolve();
        },
      },
    });
    await runtime.run(withArgs("one", "sleep", "infinity"));
    await runtime.stop("one");
    expect(slept).toEqual([Infinity, 10_000]);
    expect((await runtime.get("one")).status).toMatchObject({ exitCode: 137, startedAt: now, exitedAt: now });
  });

  test("an id in two forms, as a name and as an id, is ambiguous and not a guess", async () => {
    const ids: ID[] = [generateId(), generateId()];
    const [first = ""] = ids;
    const runtime = await runtimeWith({ generateId: () => ids.shift() ?? generateId() });
    await runtime.run(withArgs("one", "sleep", "infinity"));
    await runtime.run(withArgs(first, "sleep", "infinity"));
    expect(await codeOf(runtime.get(first))).toBe("AMBIGUOUS_ID");
    expect(await codeOf(runtime.delete(first))).toBe("AMBIGUOUS_ID");
    expect(await runtime.list()).toHaveLength(2);
  });

  test("a delete in the middle of a run wins, and the name is free", async () => {
    const runtime = await runtimeWith();
    const running = codeOf(runtime.run(withArgs("one", "sleep", "infinity")));
    await runtime.delete("one");
    expect(await running).toBe("FAILED_PRECONDITION");
    expect(await runtime.list()).toEqual([]);
    expect((await runtime.run(withArgs("one", "sleep", "infinity"))).status.phase).toBe("running");
  });

  test("nothing that it gives away can change what it holds", async () => {
    const runtime = await runtimeWith();
    const ran = await runtime.run(withArgs("one", "sleep", "infinity"));
    const before = JSON.stringify(await runtime.get("one"));
    ran.meta.created.setTime(0);
    Object.assign(ran.meta.labels, { changed: "yes" });
    Object.assign(ran.config, { image: "changed" });
    expect(JSON.stringify(await runtime.get("one"))).toBe(before);
  });

  test("its objects are those of the realm that it is used in", async () => {
    const runtime = await runtimeWith();
    const { meta, config } = await runtime.run(withArgs("one", "sleep", "infinity"));
    expect(meta.created).toBeInstanceOf(Date);
    expect(config).toStrictEqual({ image: "busybox", args: ["sleep", "infinity"] });
  });

  test("disposing of it deletes everything", async () => {
    const runtime = await runtimeWith();
    const { status } = await runtime.run(withArgs("one", "sleep", "1000000"));
    const waiter = runtime.wait(status.id);
    await runtime.get(status.id);
    await runtime[Symbol.asyncDispose]();
    expect(await waiter).toMatchObject({ exitCode: 137 });
    expect(await runtime.list()).toEqual([]);
  });

  test("addresses and ids are new for every container", async () => {
    const runtime = await runtimeWith();
    const one = await runtime.run(withArgs("one", "true"));
    const two = await runtime.run(withArgs("two", "true"));
    const host = await runtime.run({
      meta: { name: "host" },
      config: { image: "busybox", args: ["true"], network: "host" },
    });
    expect([one.status.ip, two.status.ip, host.status.ip]).toEqual(["10.69.0.2", "10.69.0.3", undefined]);
    expect(isId(one.status.id)).toBe(true);
  });
});
