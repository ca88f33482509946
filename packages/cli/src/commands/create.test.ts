import { describe, expect, test } from "@jest/globals";
import { RuntimeError, type Container } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";

const ID = "a".repeat(64);

describe("create", () => {
  test("makes a container, starts nothing, and prints its id", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    expect([await around.main("create", "--name", "web", "nginx"), around.stderr.text]).toEqual([0, ""]);
    expect(around.stdout.text).toBe(`${ID}\n`);
    expect(fake.calls).toEqual(["create web"]);
    expect(around.spawned).toEqual([]);
  });

  test("takes the options of run, and leaves what follows the image to the command", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    const options = ["-it", "-e", "A=1", "-p", "8080:80", "-v", "./data:/data", "--network", "front", "-l", "a=b"];
    expect(await around.main("create", ...options, "nginx", "serve", "--rm", "-d")).toBe(0);
    expect(fake.requests[0]).toMatchObject({
      meta: { labels: { a: "b" } },
      config: {
        image: "nginx",
        args: ["serve", "--rm", "-d"],
        tty: true,
        stdin: true,
        envvars: [{ name: "A", value: "1" }],
        portMappings: [{ containerPort: 80, hostPort: 8080 }],
        mounts: [{ type: "bind", source: "/home/ada/data", destination: "/data" }],
        network: "front",
      },
    });
    expect(around.madeFolders).toEqual(["/home/ada/data"]);
  });

  test.each([["-d"], ["--detach-keys=ctrl-a"], ["--sig-proxy"], ["--link=db"]])(
    "%s is refused: nobody stays with what does not run, and nothing is made",
    async (option) => {
      const fake = fakeRuntime();
      expect(await new FakeSurroundings(fake.runtime).main("create", option, "nginx")).toBe(1);
      expect(fake.calls).toEqual([]);
    },
  );

  test("pulls an image that is missing, with its progress on stderr", async () => {
    let pulled = false;
    const fake = fakeRuntime([], {
      create: async (request): Promise<Container> => {
        if (!pulled) throw new RuntimeError("IMAGE_NOT_FOUND", "no image");
        return fakeContainer(request);
      },
      pullImage: async (name, options) => {
        pulled = true;
        options?.onProgress?.({ phase: "resolving", subject: name, kind: "image" });
        return { name, digest: "sha256:0", mediaType: "m", created: new Date(0) };
      },
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("create", "nginx")).toBe(0);
    expect([around.stdout.text, around.stderr.text]).toEqual([`${ID}\n`, "nginx: resolving\n"]);
  });

  test("pulls it in any case with --pull always", async () => {
    const fake = fakeRuntime();
    expect(await new FakeSurroundings(fake.runtime).main("create", "--pull", "always", "--name", "web", "nginx")).toBe(
      0,
    );
    expect(fake.calls).toEqual(["pull nginx", "create web"]);
  });

  test("writes the id into --cidfile, and leaves none where there is no container", async () => {
    const around = new FakeSurroundings(fakeRuntime().runtime);
    expect(await around.main("create", "--cidfile", "cid", "nginx")).toBe(0);
    expect(around.files.get("cid")).toBe(ID);
    const failing = new FakeSurroundings(
      fakeRuntime([], { create: () => Promise.reject(new RuntimeError("NAME_IN_USE", "taken")) }).runtime,
    );
    expect(await failing.main("create", "--cidfile", "cid", "--name", "web", "nginx")).toBe(1);
    expect([...failing.files.keys()]).toEqual([]);
    expect(failing.stderr.text).toBe("voiyd: taken\n");
  });
});

describe("create --rm", () => {
  const made = async (...options: readonly string[]): Promise<Container> => {
    const fake = fakeRuntime();
    expect(await new FakeSurroundings(fake.runtime).main("create", ...options, "--name", "web", "nginx")).toBe(0);
    const [request] = fake.requests;
    if (request === undefined) throw new Error("nothing was asked for");
    return fakeContainer(request, { phase: "created" });
  };

  test("is seen to by start: a process stays behind that removes the container at its end", async () => {
    const around = new FakeSurroundings(fakeRuntime([await made("--rm", "--annotation", "a=b")]).runtime);
    expect(await around.main("start", "web")).toBe(0);
    expect(around.spawned).toEqual([
      ["--address", "/run/containerd/containerd.sock", "--namespace", "voiyd", "__reap", ID],
    ]);
  });

  test("and by restart", async () => {
    const around = new FakeSurroundings(fakeRuntime([await made("--rm")]).runtime);
    expect(await around.main("restart", "web")).toBe(0);
    expect(around.spawned.map((args) => args.at(-2))).toEqual(["__reap"]);
  });

  test("a restart of one that runs leaves no second such process behind", async () => {
    const running = await made("--rm");
    const fake = fakeRuntime([{ ...running, status: { ...running.status, phase: "running" } }]);
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("restart", "web")).toBe(0);
    expect([fake.calls, around.spawned]).toEqual([["restart web"], []]);
  });

  test("and by start -a, which removes the container itself", async () => {
    const fake = fakeRuntime([await made("--rm")]);
    fake.exit({ exitCode: 3 });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("start", "-a", "web")).toBe(3);
    expect(fake.calls).toEqual(["start web", "attach aaaa", "wait aaaa final", "delete aaaa"]);
    expect(around.spawned).toEqual([]);
  });

  test.each([["start"], ["start", "-a"], ["restart"]])("%s %s that fails removes it, and says why", async (...argv) => {
    const failure = new RuntimeError("COMMAND_NOT_FOUND", "there is no such command");
    const fails = { start: () => Promise.reject(failure), restart: () => Promise.reject(failure) };
    const fake = fakeRuntime([await made("--rm")], fails);
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main(...argv, "web")).toBe(1);
    expect([fake.calls, around.stderr.text]).toEqual([["delete aaaa"], "voiyd: there is no such command\n"]);
    const kept = fakeRuntime([await made()], fails);
    expect(await new FakeSurroundings(kept.runtime).main(...argv, "web")).toBe(1);
    expect(kept.calls).toEqual([]);
  });

  test("a start that is refused because it is paused, or interrupted, leaves it", async () => {
    const container = await made("--rm");
    const paused = { ...container, status: { ...container.status, phase: "paused" } } as const;
    const refused = { start: () => Promise.reject(new RuntimeError("FAILED_PRECONDITION", "it is paused")) };
    const fake = fakeRuntime([paused], refused);
    expect(await new FakeSurroundings(fake.runtime).main("start", "web")).toBe(1);
    expect(fake.calls).toEqual([]);
    const interrupted = fakeRuntime([container], {
      start: (_ref, options) => {
        around.raise("SIGINT");
        return Promise.reject(options?.signal?.reason);
      },
    });
    const around = new FakeSurroundings(interrupted.runtime);
    expect(await around.main("start", "web")).toBe(130);
    expect(interrupted.calls).toEqual([]);
  });

  test("a removal that fails is told beside what failed first", async () => {
    const fake = fakeRuntime([await made("--rm")], {
      start: () => Promise.reject(new RuntimeError("COMMAND_NOT_FOUND", "there is no such command")),
      delete: () => Promise.reject(new RuntimeError("UNAVAILABLE", "away")),
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("start", "web")).toBe(1);
    expect(around.stderr.text).toBe("voiyd: away\nvoiyd: there is no such command\n");
  });

  test("what is made without it stays", async () => {
    const fake = fakeRuntime([await made()]);
    fake.exit({ exitCode: 3 });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("start", "web")).toBe(0);
    expect(await around.main("start", "-a", "web")).toBe(3);
    expect(around.spawned).toEqual([]);
    expect(fake.calls).not.toContain("delete aaaa");
  });

  test("contradicts a restart policy", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("create", "--rm", "--restart", "always", "nginx")).toBe(1);
    expect(around.stderr.text).toContain("--rm and --restart contradict each other");
    expect(fake.calls).toEqual([]);
  });
});
