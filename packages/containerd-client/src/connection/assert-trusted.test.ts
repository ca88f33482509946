import { createServer, type Server } from "node:net";
import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ContainerdClient } from "../client.js";
import { assertTrusted, type PathFacts, type SocketLook } from "./assert-trusted.js";

const SOCKET = "/run/containerd/containerd.sock";
const FOLDER: PathFacts = { kind: "folder", uid: 0, mode: 0o755 };
const DEFAULTS: Readonly<Record<string, PathFacts>> = {
  "/": FOLDER,
  "/run": FOLDER,
  "/run/containerd": { kind: "folder", uid: 0, mode: 0o711 },
  [SOCKET]: { kind: "other", uid: 0, mode: 0o660 },
};

function outcome(
  changes: Readonly<Record<string, Partial<PathFacts>>>,
  { links = {}, uid = 1000, address = SOCKET }: { links?: Record<string, string>; uid?: number; address?: string } = {},
): string {
  const look: SocketLook = {
    uid,
    lstat: (path) => {
      const link = Object.hasOwn(links, path) ? { kind: "link" as const, uid: 0, mode: 0o777 } : undefined;
      const facts = link ?? DEFAULTS[path];
      return facts === undefined && changes[path] === undefined ? undefined : { ...FOLDER, ...facts, ...changes[path] };
    },
    readlink: (path) => links[path] ?? "",
  };
  try {
    assertTrusted(address, look);
    return "trusted";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("S25: a socket is trusted", () => {
  test("when it and all folders on the way are root's or ours", () => {
    expect(outcome({})).toBe("trusted");
    expect(outcome({ [SOCKET]: { uid: 1000 }, "/run/containerd": { uid: 1000 } })).toBe("trusted");
    expect(outcome({ "/run": { mode: 0o1777 } })).toBe("trusted");
  });

  test("when nothing is there, which the connection finds out", () => {
    expect(outcome({}, { address: "/nowhere/at/all.sock" })).toBe("trusted");
  });
});

describe("S25: a socket is not trusted", () => {
  test.each([
    ["that is another's", { [SOCKET]: { uid: 1001 } }, /^\/run\/containerd\/containerd\.sock belongs to user 1001/],
    ["in another's folder", { "/run/containerd": { uid: 1001 } }, /^\/run\/containerd belongs to user 1001/],
    ["that everybody may write to", { [SOCKET]: { mode: 0o666 } }, /^everybody may write to .*sock, and so is root/],
    [
      "in a folder that everybody may write to",
      { "/run": { mode: 0o777 } },
      /^everybody may write to \/run, and so answer/,
    ],
    // The sticky bit keeps others from files in a folder, and says nothing about a socket.
    ["that has the sticky bit itself", { [SOCKET]: { mode: 0o1666 } }, /^everybody may write to .*sock/],
  ])("%s", (_, changes, message) => {
    expect(outcome(changes)).toMatch(message);
  });

  test("by root, when it belongs to some user", () => {
    expect(outcome({ [SOCKET]: { uid: 1000 } }, { uid: 0 })).toMatch(/belongs to user 1000/);
  });

  test("when a link on the way leads through such a folder", () => {
    const links = { "/var": "/evil/var" };
    const address = "/var/containerd.sock";
    expect(
      outcome({ "/evil": {}, "/evil/var": {}, "/evil/var/containerd.sock": { kind: "other" } }, { links, address }),
    ).toBe("trusted");
    expect(outcome({ "/evil": { uid: 1001 }, "/evil/var": {} }, { links, address })).toMatch(/^\/evil belongs/);
  });
});

describe("S25: a client", () => {
  let folder: string;
  let server: Server;
  let connections = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trust-"));
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await mkdir(join(folder, "open"), { mode: 0o700 });
    await symlink("open", join(folder, "link"));
    await new Promise<void>((resolve) => server.listen(join(folder, "open/containerd.sock"), resolve));
  });

  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const ask = async (transport: "lean" | "connect", trustAnySocket = false): Promise<unknown> => {
    const address = join(folder, "link/containerd.sock");
    const client = new ContainerdClient({ address, namespace: "x", transport, trustAnySocket });
    try {
      return await client.version.version({}, { timeoutMs: 5000 });
    } catch (error) {
      return error;
    } finally {
      client.close();
    }
  };

  test.each(["lean", "connect"] as const)("says nothing to one that is not trusted (%s)", async (transport) => {
    await chmod(join(folder, "open"), 0o777);
    expect(await ask(transport)).toMatchObject({
      name: "ContainerdError",
      code: "permission_denied",
      message: expect.stringContaining("open, and so answer in containerd's place"),
      hint: expect.stringContaining("chmod"),
    });
    expect(connections).toBe(0);
    expect(await ask(transport, true)).toMatchObject({ code: "unavailable" });
    expect(connections).toBeGreaterThan(0);
    await chmod(join(folder, "open"), 0o700);
    expect(await ask(transport)).toMatchObject({ code: "unavailable" });
  });
});
