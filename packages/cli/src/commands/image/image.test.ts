import { describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeError, type Image } from "@voiyd/runtime-api";
import { fakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../../testing/fake-surroundings.js";
import type { CommandRuntime } from "../command.js";

function host(overrides: Partial<CommandRuntime> = {}): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime([], overrides);
  return [new FakeSurroundings(fake.runtime), fake];
}

const BUSYBOX = "docker.io/library/busybox:latest";

describe("rmi", () => {
  test("takes names, and says what it has untagged", async () => {
    const [around, fake] = host();
    expect(await around.main("rmi", BUSYBOX)).toBe(0);
    expect(fake.calls).toEqual([`rmi ${BUSYBOX}`]);
    expect(around.stdout.text).toBe(`Untagged: ${BUSYBOX}\n`);
  });

  test("takes the ids that images shows", async () => {
    const [around, fake] = host();
    expect(await around.main("image", "rm", "-f", "1".repeat(12))).toBe(0);
    expect(fake.calls).toEqual([`rmi ${BUSYBOX} force`]);
  });

  test("fails for what is not here, except when forced", async () => {
    const [around] = host();
    expect(await around.main("rmi", "nothing")).toBe(1);
    expect(around.stderr.text).toContain('no image "nothing"');
    expect(await around.main("rmi", "-f", "nothing")).toBe(0);
  });

  test("refuses an id of several images", async () => {
    const image = (digit: string): Image => ({
      name: `i:${digit}`,
      digest: `sha256:abcd${digit.repeat(60)}`,
      mediaType: "m",
      created: new Date(0),
    });
    const [around] = host({ listImages: async () => [image("1"), image("2")] });
    expect(await around.main("rmi", "abcd")).toBe(1);
    expect(around.stderr.text).toContain("fits several");
  });
});

describe("tag, push, save and load", () => {
  test("tag hands both names on", async () => {
    const [around, fake] = host();
    expect(await around.main("tag", "a", "b:1")).toBe(0);
    expect(fake.calls).toEqual(["tag a b:1"]);
  });

  test("untag takes names, says what it has untagged, and goes on after one that it must not take", async () => {
    const [around, fake] = host();
    expect(await around.main("untag", "a:1", BUSYBOX, "b:1")).toBe(1);
    expect(fake.calls).toEqual(["untag a:1", "untag b:1"]);
    expect(around.stdout.text).toBe("Untagged: a:1\nUntagged: b:1\n");
    expect(around.stderr.text).toContain("only name");
  });

  test("push says where the image is and with which digest", async () => {
    const [around, fake] = host();
    expect(await around.main("push", "--platform", "linux/arm64", "a", "r.example/a:1")).toBe(0);
    expect(fake.calls).toEqual(["push a r.example/a:1 linux/arm64"]);
    expect(around.stdout.text).toBe(`r.example/a:1: digest: sha256:${"1".repeat(64)}\n`);
  });

  test.each(["push", "pull", "save"])("%s takes one platform or all", async (command) => {
    const [around, fake] = host();
    expect(await around.main(command, "--platform", "linux/arm64", "--all-platforms", "a")).toBe(1);
    expect(around.stderr.text).toContain("exclude each other");
    expect(fake.calls).toEqual([]);
  });

  test("pull hands the platform on", async () => {
    const asked: unknown[] = [];
    const [around] = host({
      pullImage: async (name, options) => {
        asked.push(options?.platform);
        return { name, digest: "sha256:2", mediaType: "m", created: new Date(0) };
      },
    });
    await around.main("pull", "--platform", "linux/arm64", "a");
    expect(asked).toEqual(["linux/arm64"]);
  });

  test("save writes to standard output or a file, and not to a terminal", async () => {
    const [around, fake] = host();
    expect(await around.main("save", "a", "b")).toBe(0);
    expect(around.stdout.text).toBe("archive");
    expect(await around.main("save", "-o", "out.tar", "a")).toBe(0);
    expect(around.files.get("/home/ada/out.tar")).toBe("archive");
    around.stdout = new FakeOutput(true);
    expect(await around.main("save", "a")).toBe(1);
    expect(fake.calls).toEqual(["save a b", "save a"]);
  });

  test("load reads standard input or a file, and not a terminal", async () => {
    const [around, fake] = host();
    around.input = "typed";
    expect(await around.main("load")).toBe(0);
    expect(around.stdout.text).toBe(`Loaded image: ${BUSYBOX}\n`);
    around.files.set("/home/ada/in.tar", "filed");
    expect(await around.main("load", "-q", "-i", "in.tar")).toBe(0);
    around.inputIsTTY = true;
    expect(await around.main("load")).toBe(1);
    expect(fake.calls).toEqual(["load typed", "load filed"]);
  });
});

describe("history, inspect, prune and verify", () => {
  test("history is a table, or JSON", async () => {
    const [around] = host();
    expect(await around.main("history", "a")).toBe(0);
    expect(around.stdout.text.split("\n").slice(0, 2)).toEqual([
      "LAYER          CREATED        CREATED BY   SIZE    COMMENT",
      "<none>         N/A            CMD sh       0B",
    ]);
    around.stdout = new FakeOutput();
    await around.main("image", "history", "--format", "json", "a");
    expect(around.stdout.text).toContain('"CreatedBy":"CMD sh"');
  });

  test("history takes a platform, and tells sizes and times exactly with --human=false", async () => {
    const asked: unknown[] = [];
    const [around] = host({
      imageHistory: async (_name, options) => {
        asked.push(options?.platform);
        return [{ createdBy: "x", size: 1_500_000, created: new Date("2026-01-02T03:04:05Z") }];
      },
    });
    expect(await around.main("history", "-H=false", "--platform", "linux/arm64", "a")).toBe(0);
    expect(around.stdout.text).toMatch(/ 2026-01-02T03:04:05\.000Z +x +1500000 *$/m);
    expect(asked).toEqual(["linux/arm64"]);
  });

  test("image inspect takes a platform", async () => {
    const asked: unknown[] = [];
    const [around] = host({
      inspectImage: async (_name, options) => {
        asked.push(options?.platform);
        throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", "not for that");
      },
    });
    expect(await around.main("image", "inspect", "--platform", "linux/arm64", "a")).toBe(1);
    expect(asked).toEqual(["linux/arm64"]);
  });

  test.each([
    [["pull", "-a", "a"], "--all-tags: each tag is named by itself"],
    [["push", "--disable-content-trust=false", "a"], "--disable-content-trust: images are verified by their digests"],
    [["load", "--platform", "linux/arm64"], "--platform: an archive is read whole"],
    [["rmi", "--platform", "linux/arm64", "a"], "--platform: a name goes with the images for all platforms"],
  ])("%j is refused with the reason", async (argv, reason) => {
    const [around, fake] = host();
    expect(await around.main(...argv)).toBe(1);
    expect(around.stderr.text).toContain(reason);
    expect(fake.calls).toEqual([]);
  });

  test("inspect shows an image whole, with --type image alone", async () => {
    const [around] = host();
    expect(await around.main("inspect", "--type", "image", "a")).toBe(0);
    expect(JSON.parse(around.stdout.text)).toEqual([expect.objectContaining({ name: "a", diskSize: 3_000_000 })]);
    expect(await around.main("inspect", "--type", "container", "a")).toBe(1);
    expect(await around.main("inspect", "--type", "volume", "a")).toBe(1);
  });

  test("prune tells what goes and how much it is; a dry run what stays and why, too", async () => {
    const [around, fake] = host();
    expect(await around.main("image", "prune", "-af")).toBe(0);
    expect(around.stdout.text).toBe(`Untagged: ${BUSYBOX} (no container uses it)\nTotal reclaimed space: 2MB\n`);
    around.stdout = new FakeOutput();
    await around.main("image", "prune", "--dry-run");
    expect(around.stdout.text).toContain("Would keep: other (used by container web)\nWould reclaim: 2MB\n");
    expect(fake.calls).toEqual(["prune all", "prune dry"]);
  });

  describe("prune --filter", () => {
    const made: Readonly<Record<string, [created: string, labels: Readonly<Record<string, string>> | undefined]>> = {
      old: ["2026-02-01T00:00:00Z", { keep: "" }],
      new: ["2026-03-01T12:00:00Z", {}],
      "for-another-machine": ["2026-02-02T00:00:00Z", undefined],
    };

    test.each<[string[], string[]]>([
      [["until=24h"], ["old", "for-another-machine"]],
      [["label=keep"], ["old"]],
      [["label!=keep"], ["new"]],
      [["label=keep", "until=2026-01-01T00:00:00Z"], []],
    ])("%j lets %j go", async (filters, expected) => {
      const asked: unknown[] = [];
      const inspected = fakeRuntime().runtime;
      const [around] = host({
        listImages: async () =>
          Object.entries(made).map(([name, [created]]) => ({
            name,
            digest: "sha256:1",
            mediaType: "m",
            created: new Date(created),
          })),
        inspectImage: async (name) => {
          const labels = made[name]?.[1];
          if (labels === undefined) throw new RuntimeError("IMAGE_PLATFORM_MISMATCH", "not for this one");
          const details = await inspected.inspectImage(name);
          return { ...details, config: { ...details.config, labels } };
        },
        pruneImages: async (options) => {
          asked.push([options?.all, options?.dryRun, options?.only]);
          return { removed: [], kept: [], reclaimedBytes: 0 };
        },
      });
      const options = filters.flatMap((filter) => ["--filter", filter]);
      expect([await around.main("image", "prune", "-a", ...options), around.stderr.text]).toEqual([0, ""]);
      expect(asked).toEqual([[true, false, expected]]);
    });

    test("is refused before anybody is asked where it is none", async () => {
      const [around] = host();
      expect(await around.main("image", "prune", "--filter", "colour=red")).toBe(1);
      expect(around.composed).toEqual([]);
    });
  });

  test("verify fails for what is not whole, unless it is repaired", async () => {
    const [around, fake] = host();
    expect(await around.main("image", "verify", "good", "bad")).toBe(1);
    expect(around.stdout.text).toBe(`good: ok\nbad: layer sha256:${"1".repeat(64)} is missing\n`);
    expect(await around.main("image", "verify", "--repair", "bad")).toBe(0);
    expect(fake.calls).toEqual(["repair bad"]);
  });

  test("an image command that does not exist is told from those that do", async () => {
    const [around] = host();
    expect(await around.main("image", "explode")).toBe(1);
    expect(around.stderr.text).toContain("unknown command: image explode");
    expect(around.stderr.text).toContain("prune");
  });

  test("an error of a runtime is shown with its hint", async () => {
    const [around] = host({
      removeImage: async () => {
        throw new RuntimeError("FAILED_PRECONDITION", "in use", { hint: "force it" });
      },
    });
    expect(await around.main("rmi", BUSYBOX)).toBe(1);
    expect(around.stderr.text).toBe("voiyd: in use\nhint: force it\n");
  });
});

describe("login and logout", () => {
  const registry = async (password: string) => {
    const server = createServer((request, response) => {
      const right = request.headers.authorization === `Basic ${btoa(`ada:${password}`)}`;
      response.writeHead(right ? 200 : 401, { "www-authenticate": 'Basic realm="r"', "content-length": "0" });
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const folder = await mkdtemp(join(tmpdir(), "voiyd-login-"));
    return {
      folder,
      host: `127.0.0.1:${typeof address === "object" && address !== null ? String(address.port) : ""}`,
      async [Symbol.asyncDispose]() {
        server.close();
        server.closeAllConnections();
        await rm(folder, { recursive: true, force: true });
      },
    };
  };

  test("keep the password when the registry takes it, and show it nowhere", async () => {
    await using server = await registry("canary-secret");
    const [around] = host();
    around.env = { DOCKER_CONFIG: server.folder, VOIYD_HOSTS_DIR: "/nowhere" };
    around.input = "canary-secret\n";
    expect(await around.main("login", "-u", "ada", "--password-stdin", server.host)).toBe(0);
    const config = await readFile(join(server.folder, "config.json"), "utf8");
    expect(config).toContain(btoa("ada:canary-secret"));
    expect(await around.main("logout", server.host)).toBe(0);
    expect(await readFile(join(server.folder, "config.json"), "utf8")).not.toContain(btoa("ada:canary-secret"));
    expect(around.stdout.text).toContain("Login Succeeded");
    expect(around.stdout.text + around.stderr.text).not.toContain("canary");
  });

  test("keep nothing when the registry does not", async () => {
    await using server = await registry("another");
    const [around] = host();
    around.env = { DOCKER_CONFIG: server.folder, VOIYD_HOSTS_DIR: "/nowhere" };
    around.input = "canary-secret";
    expect(await around.main("login", "-u", "ada", "--password-stdin", server.host)).toBe(1);
    expect(around.stderr.text).toContain("401");
    expect(around.stderr.text).not.toContain("canary");
    await expect(readFile(join(server.folder, "config.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.each([
    [["login", "r.example"], "user name"],
    [["login", "-u", "a", "r.example"], "one password"],
    [["login", "-u", "a", "-p", "x", "--password-stdin", "r.example"], "one password"],
    [["login", "-u", "a", "--password-stdin", "a b"], "no registry"],
    [["logout", "a/b"], "no registry"],
  ])("%j is refused: %s", async (argv, problem) => {
    const [around] = host();
    expect(await around.main(...argv)).toBe(1);
    expect(around.stderr.text).toContain(problem);
  });
});
