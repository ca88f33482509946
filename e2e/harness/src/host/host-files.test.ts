import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerdConfig } from "./containerd-config.js";
import { hostPaths } from "./host-paths.js";
import { HOST_PREFIX, listKnownHosts } from "./known-hosts.js";
import { isOwnerAlive, parseOwner, readOwner, writeOwner } from "./owner.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "voiyd-owner-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const network = { bridge: "vh1", subnet: "10.96.0.0/20" };

describe("a host's files", () => {
  test("a folder whose sockets would have too long a path is refused", () => {
    expect(() => hostPaths(`/tmp/${"x".repeat(90)}`)).toThrow("too long a path");
    expect(hostPaths(`/tmp/${"x".repeat(74)}`).address.length).toBeLessThan(102);
  });

  test("the daemon is told its own folders, no CRI, and no port", () => {
    const config = containerdConfig(hostPaths("/tmp/h"));
    expect(config).toContain('root = "/tmp/h/root"\nstate = "/tmp/h/state"');
    expect(config).toContain('address = "/tmp/h/state/containerd.sock"\ntcp_address = ""');
    expect(config).toContain('disabled_plugins = ["io.containerd.grpc.v1.cri"');
  });
});

describe("owners", () => {
  test("this process's mark is read back, and is alive", async () => {
    const file = join(folder, "owner");
    await writeOwner(file, network);
    const owner = await readOwner(file);
    expect(owner).toMatchObject({ pid: process.pid, ...network });
    expect(owner !== undefined && (await isOwnerAlive(owner))).toBe(true);
  });

  test.each([{ startTime: "1" }, { bootId: "another boot" }, { pid: 2 ** 30 }])(
    "a mark with %j is a dead process's",
    async (change) => {
      const owner = parseOwner(await readFile(join(folder, "owner"), "utf8"));
      expect(owner !== undefined && (await isOwnerAlive({ ...owner, ...change }))).toBe(false);
    },
  );

  test.each(["", "{", "null", "[]", '{"pid":1}', '{"pid":"1","startTime":"1","bootId":"b","bridge":"b","subnet":"s"}'])(
    "%j is no mark",
    (text) => {
      expect(parseOwner(text)).toBeUndefined();
    },
  );

  test("a folder without a mark is unclear while it is young, and dead when it is old", async () => {
    const [young, old] = [join(folder, `${HOST_PREFIX}young`), join(folder, `${HOST_PREFIX}old`)];
    await mkdir(young);
    await mkdir(old);
    await utimes(old, 0, 0);
    await writeFile(join(folder, "unrelated"), "");
    const states = Object.fromEntries((await listKnownHosts(folder)).map(({ directory, state }) => [directory, state]));
    expect(states).toEqual({ [young]: "unclear", [old]: "dead" });
  });
});
