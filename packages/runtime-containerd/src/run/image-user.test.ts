import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { RecentCache } from "../cache/recent-cache.js";
import type { SpecUser } from "../spec/oci.js";
import { imageUser } from "./image-user.js";

const image = (chainId: string, user?: string): Parameters<typeof imageUser>[1] => ({
  chainId,
  config: {
    os: "linux",
    architecture: "amd64",
    config: { exposedPorts: [], env: [], volumes: [], labels: {}, ...(user === undefined ? {} : { user }) },
    rootfs: { diffIds: [] },
    history: [],
  },
});
const FILES: Readonly<Record<string, string>> = {
  "/etc/passwd": "root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n",
  "/etc/group": "root:x:0:\nweb:x:34:\nlogs:x:4:web\n",
};
const read = jest.fn(async (path: string) => FILES[path]);

let users: RecentCache<SpecUser>;

beforeEach(() => {
  users = new RecentCache();
  read.mockClear();
});

describe("the user of an image", () => {
  test("is looked up once for all containers that are the same in it", async () => {
    const context = { users, shortcuts: true };
    const expected = { uid: 33, gid: 34, additionalGids: [34, 4] };
    expect(await imageUser(context, image("a", "web"), {}, read)).toEqual(expected);
    expect(await imageUser(context, image("a"), { user: "web" }, read)).toEqual(expected);
    expect(read).toHaveBeenCalledTimes(2);
  });

  test("is looked up for each chain of layers, user and list of groups", async () => {
    const context = { users, shortcuts: true };
    await imageUser(context, image("a"), { user: "web" }, read);
    await imageUser(context, image("b"), { user: "web" }, read);
    expect(await imageUser(context, image("a"), {}, read)).toMatchObject({ uid: 0 });
    expect(await imageUser(context, image("a"), { user: "web", groupAdd: ["root"] }, read)).toMatchObject({
      additionalGids: [34, 4, 0],
    });
    expect(read).toHaveBeenCalledTimes(8);
  });

  test("is looked up again after a failure, and where shortcuts are off", async () => {
    await expect(
      imageUser({ users, shortcuts: true }, image("a"), { user: "web" }, () => Promise.reject(new Error("gone"))),
    ).rejects.toThrow("gone");
    for (let turn = 0; turn < 2; turn++)
      await imageUser({ users, shortcuts: false }, image("a"), { user: "web" }, read);
    expect(read).toHaveBeenCalledTimes(4);
  });
});
