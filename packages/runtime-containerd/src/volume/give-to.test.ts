import { chmod, chown, link, lstat, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserNamespace } from "@voiyd/runtime-api";
import { createFileStore } from "../host/file-store.js";
import { withHostLock } from "../host/host-lock.js";
import { tempFolder, type TempFolder } from "../testing/temp-folder.js";
import { giveTo, type Ownership } from "./give-to.js";
import { VolumeStore } from "./volume-store.js";

const MAPPING = [
  { containerId: 0, hostId: 100_000, size: 1000 },
  { containerId: 1000, hostId: 5000, size: 10 },
];
const OWNER: UserNamespace = { uids: MAPPING, gids: [{ containerId: 0, hostId: 200_000, size: 65_536 }] };
const OTHER: UserNamespace = { uids: [{ containerId: 0, hostId: 300_000, size: 65_536 }], gids: OWNER.gids };
/** Only root can give files away; others see what would be done. */
const isRoot = process.getuid?.() === 0;

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

/** Writes down what is given to whom, relative to a folder. */
function witness(root: string): Ownership & { readonly given: ReadonlyMap<string, string> } {
  const given = new Map<string, string>();
  return {
    given,
    lchown: (path, uid, gid) => {
      const name = path.slice(root.length) || "/";
      if (given.has(name)) return Promise.reject(new Error(`${name} was given away twice`));
      given.set(name, `${String(uid)}:${String(gid)}`);
      return Promise.resolve();
    },
  };
}

describe("a folder that is given to a user namespace", () => {
  test("has all in it given to the ids that stand for those it had, links themselves, and each file once", async () => {
    const { uid, gid } = await lstat(folder.path);
    const root = folder.at("volume");
    await mkdir(join(root, "sub"), { recursive: true });
    await writeFile(join(root, "sub/file"), "x");
    await link(join(root, "sub/file"), join(root, "sub/name"));
    await symlink("/etc/shadow", join(root, "link"));
    const ownership = witness(root);
    const self = { containerId: uid, hostId: 7000, size: 1 };
    const selfGroup = { containerId: gid, hostId: 8000, size: 1 };
    await giveTo(root, { uids: [self], gids: [selfGroup] }, { ownership });
    expect(Object.fromEntries(ownership.given)).toEqual({
      "/": "7000:8000",
      "/link": "7000:8000",
      "/sub": "7000:8000",
      [ownership.given.has("/sub/file") ? "/sub/file" : "/sub/name"]: "7000:8000",
    });
  });

  test("is refused when a file belongs to an id that the namespace does not have", async () => {
    const { gid } = await lstat(folder.path);
    const uids = [{ containerId: 4_000_000, hostId: 0, size: 1 }];
    await expect(
      giveTo(folder.path, { uids, gids: [{ containerId: gid, hostId: 1, size: 1 }] }, { ownership: witness("") }),
    ).rejects.toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining("who is not in") });
  });

  (isRoot ? test : test.skip)("keeps set-id bits, and what links lead to keeps its owner", async () => {
    const root = folder.at("volume");
    const outside = folder.at("outside");
    await mkdir(root);
    await writeFile(outside, "the host's");
    await symlink(outside, join(root, "link"));
    await writeFile(join(root, "su"), "x");
    await chown(join(root, "su"), 1001, 50);
    await chmod(join(root, "su"), 0o6755);
    await giveTo(root, OWNER, {});
    expect(await lstat(join(root, "su"))).toMatchObject({ uid: 5001, gid: 200_050, mode: 0o106755 });
    expect(await lstat(join(root, "link"))).toMatchObject({ uid: 100_000, gid: 200_000 });
    expect(await lstat(outside)).toMatchObject({ uid: 0, gid: 0 });
  });
});

(isRoot ? describe : describe.skip)("a volume with a name, in a user namespace", () => {
  const store = (): VolumeStore =>
    new VolumeStore({ directory: folder.at("volumes"), files: createFileStore(), lock: withHostLock });
  const seed = (directory: string): Promise<void> => writeFile(join(directory, "seed"), "x");
  const nothing = (): Promise<void> => Promise.resolve();

  test("belongs to the container's root, with what the image has there", async () => {
    const data = await store().use("data", seed, { owner: OWNER });
    expect(await lstat(data)).toMatchObject({ uid: 100_000, gid: 200_000 });
    expect(await lstat(join(data, "seed"))).toMatchObject({ uid: 100_000, gid: 200_000 });
    const fresh = await store().use("fresh", nothing, { owner: OWNER });
    expect(await lstat(fresh)).toMatchObject({ uid: 100_000, gid: 200_000, mode: 0o040755 });
  });

  test("is the same again for the same ids, however they are written down", async () => {
    const data = await store().use("data", seed, { owner: OWNER });
    const turned = { uids: [...OWNER.uids].reverse(), gids: OWNER.gids };
    expect(await store().use("data", nothing, { owner: turned })).toBe(data);
  });

  test.each([
    ["of other ids", OTHER, /^volume data has files of other ids \(uids 0:300000:65536 gids/],
    ["of the host's", "host", /^volume data has files of the host's ids/],
  ] as const)("%s is refused, but for reading", async (_, before, message) => {
    await store().use("data", seed, { owner: before });
    await expect(store().use("data", nothing, { owner: OWNER })).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message: expect.stringMatching(message),
    });
    expect(await readdir(await store().use("data", nothing, { owner: OWNER, readOnly: true }))).toEqual(["seed"]);
  });

  test("is open to containers with the host's ids, and stays whose it is", async () => {
    await store().use("data", seed, { owner: OWNER });
    const data = await store().use("data", nothing, {});
    expect(await lstat(data)).toMatchObject({ uid: 100_000 });
    await store().use("data", nothing, { owner: OWNER });
  });

  test("changes hands while it is empty", async () => {
    const data = await store().use("data", nothing, {});
    expect((await lstat(data)).uid).toBe(0);
    await store().use("data", nothing, { owner: OTHER });
    expect((await lstat(data)).uid).toBe(300_000);
    await store().use("data", seed, { owner: OWNER });
    expect((await lstat(data)).uid).toBe(100_000);
    await store().use("data", nothing, { owner: OWNER });
  });

  test("is not there when it cannot be given away, and can be made later", async () => {
    const foreign = async (directory: string): Promise<void> => {
      await seed(directory);
      await chown(join(directory, "seed"), 70_000, 0);
    };
    await expect(store().use("data", foreign, { owner: OWNER })).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(await store().list()).toEqual([]);
    await store().use("data", seed, { owner: OWNER });
  });
});
