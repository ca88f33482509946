import { describe, expect, test } from "@jest/globals";
import { RuntimeError, type Container } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime, streamOf } from "../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";

const ID = "a".repeat(64);

describe("run in the foreground", () => {
  test("hands on both streams byte for byte, and the exit code", async () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const fake = fakeRuntime([], {
      io: async () => ({ stdout: streamOf([every, every]), stderr: streamOf(["oh\u001b[0m"]) }),
    });
    fake.exit({ exitCode: 7 });
    const around = new FakeSurroundings(fake.runtime);
    around.stdout = new FakeOutput(true);
    expect(await around.main("run", "--name", "web", "nginx")).toBe(7);
    expect(around.stdout.bytes).toEqual(Uint8Array.from([...every, ...every]));
    expect(around.stderr.text).toBe("oh\u001b[0m");
    expect(fake.calls).toEqual(["run web", "wait aaaa"]);
  });

  test("removes the container at the end with --rm", async () => {
    const fake = fakeRuntime();
    fake.exit({ exitCode: 0 });
    expect(await new FakeSurroundings(fake.runtime).main("run", "--rm", "--name", "web", "nginx")).toBe(0);
    expect(fake.calls).toEqual(["run web", "wait aaaa final", "delete aaaa"]);
  });

  test("says so when nobody knows the exit code", async () => {
    const fake = fakeRuntime();
    fake.exit({ exitCode: "unknown" });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "nginx")).toBe(125);
    expect(around.stderr.text).toContain("nobody can say with which exit code");
  });

  test("removes the container with --rm when nobody reads its output any more", async () => {
    const fake = fakeRuntime([], { io: async () => ({ stdout: streamOf(["y\n"]), stderr: streamOf([]) }) });
    const around = new FakeSurroundings(fake.runtime);
    around.stdout.failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
    expect(await around.main("run", "--rm", "--name", "web", "nginx")).toBe(141);
    expect(fake.calls).toEqual(["run web", "wait aaaa final", "delete aaaa"]);
    expect(around.stderr.text).toBe("");
  });
});

describe("ports that the image exposes", () => {
  const exposing = (): ReturnType<typeof fakeRuntime> => {
    const inspected = fakeRuntime().runtime;
    return fakeRuntime([], {
      inspectImage: async (reference) => {
        const details = await inspected.inspectImage(reference);
        return { ...details, config: { ...details.config, exposedPorts: ["80/tcp", "53/udp"] } };
      },
    });
  };

  test("are published with -P, beside those of --expose, at ports that are chosen", async () => {
    const fake = exposing();
    fake.exit({ exitCode: 0 });
    const args = ["run", "-P", "-p", "8080:80", "--expose", "9000", "nginx"];
    expect(await new FakeSurroundings(fake.runtime).main(...args)).toBe(0);
    expect(fake.requests[0]?.config.portMappings).toEqual([
      { containerPort: 80, hostPort: 8080, protocol: "tcp" },
      { containerPort: 53, hostPort: 0, protocol: "udp" },
      { containerPort: 9000, hostPort: 0, protocol: "tcp" },
    ]);
  });

  test.each([[["--expose", "80"]], [["-P", "--network", "host"]]])("are not with %j", async (flags) => {
    const fake = exposing();
    fake.exit({ exitCode: 0 });
    expect(await new FakeSurroundings(fake.runtime).main("run", ...flags, "nginx")).toBe(0);
    expect(fake.requests[0]?.config.portMappings).toBeUndefined();
  });
});

describe("a removal at the end that fails", () => {
  const failing = { delete: () => Promise.reject(new RuntimeError("CLEANUP_INCOMPLETE", "a mount is left")) };

  test("is an error of our own", async () => {
    const fake = fakeRuntime([], failing);
    fake.exit({ exitCode: 3 });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "--rm", "nginx")).toBe(125);
    expect(around.stderr.text).toBe("voiyd: a mount is left\n");
  });

  test("does not hide what failed before", async () => {
    const io = (): Promise<never> => Promise.reject(new RuntimeError("UNAVAILABLE", "no logs"));
    const around = new FakeSurroundings(fakeRuntime([], { ...failing, io }).runtime);
    expect(await around.main("run", "--rm", "nginx")).toBe(125);
    expect(around.stderr.text).toBe("voiyd: a mount is left\nvoiyd: no logs\n");
  });
});

describe("signals to a run in the foreground", () => {
  test("go to the container's process, whose exit code is ours", async () => {
    const fake = fakeRuntime([], {
      kill: async (_, options) => {
        fake.exit({ exitCode: options?.killSignal === "SIGTERM" ? 143 : 1 });
      },
      io: async () => {
        around.raise("SIGTERM");
        return { stdout: streamOf([]), stderr: streamOf([]) };
      },
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "--rm", "--name", "web", "nginx")).toBe(143);
    expect(fake.calls).toEqual(["run web", "wait aaaa final", "delete aaaa"]);
    expect(around.listening).toBe(false);
  });

  test("kill the container at the third time of asking, and give up at the fourth", async () => {
    const fake = fakeRuntime([], {
      wait: (_, options) =>
        new Promise((_resolve, reject) =>
          options?.signal?.addEventListener("abort", () => reject(options.signal?.reason)),
        ),
      io: async () => {
        for (const signal of ["SIGINT", "SIGHUP", "SIGINT", "SIGINT", "SIGINT"] as const) around.raise(signal);
        return { stdout: streamOf([]), stderr: streamOf([]) };
      },
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "--rm", "--name", "web", "nginx")).toBe(130);
    expect(fake.calls).toEqual([
      "run web",
      "kill aaaa SIGINT",
      "kill aaaa SIGHUP",
      "kill aaaa SIGINT",
      "kill aaaa SIGKILL",
      "delete aaaa",
    ]);
  });

  test("that come while the container is being made undo it", async () => {
    const fake = fakeRuntime([], {
      run: (_, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => reject(options.signal?.reason));
          around.raise("SIGINT");
        }),
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "--rm", "nginx")).toBe(130);
    expect(fake.calls).toEqual([]);
  });

  test("that come just when it has been made are handed on", async () => {
    const fake = fakeRuntime([], {
      run: async (request): Promise<Container> => {
        around.raise("SIGINT");
        fake.exit({ exitCode: 130 });
        return fakeContainer(request);
      },
    });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "--name", "web", "nginx")).toBe(130);
    expect(fake.calls).toEqual(["kill aaaa SIGINT", "wait aaaa"]);
  });

  test("that cannot be handed on are reported, unless the container has ended", async () => {
    for (const [code, text] of [
      ["INTERNAL", "voiyd: no\n"],
      ["NOT_FOUND", ""],
    ] as const) {
      const fake = fakeRuntime([], {
        kill: async () => {
          fake.exit({ exitCode: 0 });
          throw new RuntimeError(code, "no");
        },
        io: async () => {
          around.raise("SIGINT");
          return { stdout: streamOf([]), stderr: streamOf([]) };
        },
      });
      const around = new FakeSurroundings(fake.runtime);
      expect(await around.main("run", "nginx")).toBe(0);
      expect(around.stderr.text).toBe(text);
    }
  });
});

describe("run in the background", () => {
  test("prints the id and leaves the container running", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "-d", "--name", "web", "nginx")).toBe(0);
    expect(around.stdout.text).toBe(`${ID}\n`);
    expect(fake.calls).toEqual(["run web"]);
    expect(around.spawned).toEqual([]);
  });

  test("leaves a process behind that removes it with --rm", async () => {
    const around = new FakeSurroundings(fakeRuntime().runtime);
    expect(await around.main("-n", "other", "-a", "x.sock", "run", "-d", "--rm", "nginx")).toBe(0);
    expect(around.spawned).toEqual([["--address", "/home/ada/x.sock", "--namespace", "other", "__reap", ID]]);
  });

  test("that process waits for the end, and removes what is there then", async () => {
    const fake = fakeRuntime();
    fake.exit({ exitCode: 1 });
    expect(await new FakeSurroundings(fake.runtime).main("__reap", ID)).toBe(0);
    expect(fake.calls).toEqual(["wait aaaa final", "delete aaaa"]);
  });
});

describe("the name of a container", () => {
  test("is chosen when none is given, and chosen again when it is taken", async () => {
    let taken = 4;
    const names: string[] = [];
    const fake = fakeRuntime([], {
      run: async (request): Promise<Container> => {
        names.push(request.meta.name);
        if (taken-- > 0) throw new RuntimeError("NAME_IN_USE", "taken");
        return fakeContainer(request);
      },
    });
    expect(await new FakeSurroundings(fake.runtime).main("run", "-d", "nginx")).toBe(0);
    expect(names).toEqual(["agile_avocet", "agile_avocet", "agile_avocet", "agile_avocet_0", "agile_avocet_0"]);
  });

  test("that the user chose is an error when it is taken", async () => {
    const fake = fakeRuntime([], { run: () => Promise.reject(new RuntimeError("NAME_IN_USE", "taken")) });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "-d", "--name", "web", "nginx")).toBe(125);
    expect(around.stderr.text).toBe("voiyd: taken\n");
  });
});

describe("the image of a container", () => {
  function imageless(): ReturnType<typeof fakeRuntime> {
    let pulled = false;
    const fake = fakeRuntime([], {
      run: async (request): Promise<Container> => {
        if (!pulled) throw new RuntimeError("IMAGE_NOT_FOUND", "no image");
        return fakeContainer(request);
      },
      pullImage: async (reference, options) => {
        pulled = true;
        options?.onProgress?.({ phase: "resolving", subject: reference, kind: "image" });
        return { name: reference, digest: "sha256:0", mediaType: "m", created: new Date(0) };
      },
    });
    return fake;
  }

  test("is pulled when it is missing, with its progress on stderr", async () => {
    const around = new FakeSurroundings(imageless().runtime);
    expect(await around.main("run", "-d", "nginx")).toBe(0);
    expect(around.stderr.text).toBe("nginx: resolving\n");
    expect(around.stdout.text).toBe(`${ID}\n`);
  });

  test("is pulled in silence with -q", async () => {
    const around = new FakeSurroundings(imageless().runtime);
    expect(await around.main("run", "-dq", "nginx")).toBe(0);
    expect(around.stderr.text).toBe("");
  });

  test("is never pulled with --pull never", async () => {
    const around = new FakeSurroundings(imageless().runtime);
    expect(await around.main("run", "-d", "--pull", "never", "nginx")).toBe(125);
    expect(around.stderr.text).toBe("voiyd: no image\n");
  });

  test("is pulled first with --pull always", async () => {
    const fake = fakeRuntime();
    expect(
      await new FakeSurroundings(fake.runtime).main("run", "-d", "--pull", "always", "--name", "web", "nginx"),
    ).toBe(0);
    expect(fake.calls).toEqual(["pull nginx", "run web"]);
  });
});

describe("the platform of an image", () => {
  const mismatched = (): ReturnType<typeof fakeRuntime> => {
    const fake = fakeRuntime([], {
      run: async (request): Promise<Container> => {
        if (fake.calls.some((call) => call.startsWith("pull"))) return fakeContainer(request);
        throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", "image nginx is here, and not for linux/arm64");
      },
    });
    return fake;
  };
  const ask = ["run", "-d", "--platform", "linux/arm64"];

  test("is asked for of the runtime, of the registry, and of what the image exposes", async () => {
    const fake = fakeRuntime();
    const inspected: (string | undefined)[] = [];
    const { inspectImage } = fake.runtime;
    fake.runtime.inspectImage = (reference, options) => {
      inspected.push(options?.platform);
      return inspectImage(reference, options);
    };
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main(...ask, "-P", "--pull", "always", "--name", "web", "nginx")).toBe(0);
    expect(fake.calls).toEqual(["pull nginx linux/arm64", "run web"]);
    expect(fake.requests[0]?.config.platform).toBe("linux/arm64");
    expect(inspected).toEqual(["linux/arm64"]);
  });

  test("is pulled when the image is here for another one alone", async () => {
    const fake = mismatched();
    expect(await new FakeSurroundings(fake.runtime).main(...ask, "nginx")).toBe(0);
    expect(fake.calls).toEqual(["pull nginx linux/arm64"]);
  });

  test.each([
    ["with --pull never", [...ask, "--pull", "never"]],
    ["when nobody asked for one", ["run", "-d"]],
  ])("is an error %s", async (_, args) => {
    const fake = mismatched();
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main(...args, "nginx")).toBe(125);
    expect(fake.calls).toEqual([]);
    expect(around.stderr.text).toBe("voiyd: image nginx is here, and not for linux/arm64\n");
  });

  test("of another operating system than Linux is refused before anything is done", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "-d", "--platform", "windows/amd64", "nginx")).toBe(125);
    expect(fake.calls).toEqual([]);
    expect(around.stderr.text).toContain('platform: "windows/amd64" is not valid');
  });
});

describe("the files of --cidfile and --pidfile", () => {
  test("say who the container is", async () => {
    const around = new FakeSurroundings(fakeRuntime().runtime);
    expect(await around.main("run", "-d", "--cidfile", "cid", "--pidfile", "pid", "nginx")).toBe(0);
    expect(around.files.get("cid")).toBe(ID);
    expect(around.files.has("pid")).toBe(true);
  });

  test("are not there when there is no container", async () => {
    const fake = fakeRuntime([], { run: () => Promise.reject(new RuntimeError("INTERNAL", "no")) });
    const around = new FakeSurroundings(fake.runtime);
    expect(await around.main("run", "-d", "--cidfile", "cid", "--pidfile", "pid", "nginx")).toBe(125);
    expect([...around.files.keys()]).toEqual([]);
  });

  test("are left alone when they are there, and nothing is run", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    around.files.set("pid", "1");
    expect(await around.main("run", "-d", "--cidfile", "cid", "--pidfile", "pid", "nginx")).toBe(125);
    expect([...around.files]).toEqual([["pid", "1"]]);
    expect(fake.calls).toEqual([]);
    expect(around.stderr.text).toBe(
      "voiyd: --pidfile: pid is there already\nhint: remove it when its container is gone\n",
    );
  });
});

describe("folders that -v names", () => {
  test("are made before the container, and left to the runtime where there is something else", async () => {
    const around = new FakeSurroundings(fakeRuntime().runtime);
    expect(await around.main("run", "-d", "-v", "./data:/data", "-v", "named:/x", "nginx")).toBe(0);
    expect(around.madeFolders).toEqual(["/home/ada/data"]);
    const file = new FakeSurroundings(fakeRuntime().runtime);
    file.makeFolderFailure = Object.assign(new Error("EEXIST"), { code: "EEXIST" });
    expect(await file.main("run", "-d", "-v", "/etc/passwd:/data", "nginx")).toBe(0);
  });

  test("that cannot be made are an error, and nothing is run", async () => {
    const fake = fakeRuntime();
    const around = new FakeSurroundings(fake.runtime);
    around.makeFolderFailure = Object.assign(new Error("EROFS: read-only"), { code: "EROFS" });
    expect(await around.main("run", "-d", "-v", "/proc/x:/data", "nginx")).toBe(125);
    expect(around.stderr.text).toBe("voiyd: --volume: /proc/x cannot be made: EROFS: read-only\n");
    expect(fake.calls).toEqual([]);
  });
});
