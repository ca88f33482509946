import { describe, expect, jest, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import fc from "fast-check";
import { type ImageFileReader, resolveUser } from "./resolve-user.js";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/sh",
  "web:x:33:34:web:/var/www:/bin/sh",
  "web:x:0:0:a second one of the name:/:/bin/sh",
  "lone:x:50:50::/:",
  "toor:x:0:7:root again:/:",
].join("\n");
const GROUP = ["root:x:0:", "adm:x:4:web,root", "web:x:34:", "staff:x:60:lone,web", "staff2:x:60:web", "55:x:99:"].join(
  "\n",
);

const image: ImageFileReader = async (path) => ({ "/etc/passwd": PASSWD, "/etc/group": GROUP })[path];
const scratch: ImageFileReader = async () => undefined;

describe("a user is", () => {
  test.each([
    ["", 0, 0, [0, 4]],
    ["root", 0, 0, [0, 4]],
    ["0", 0, 0, [0, 4]],
    ["web", 33, 34, [34, 4, 60]],
    ["33", 33, 34, [34, 4, 60]],
    ["lone", 50, 50, [50, 60]],
    ["toor", 0, 7, [7]],
    ["1000", 1000, 0, [0]],
    ["1000:1001", 1000, 1001, [1001]],
    ["33:1001", 33, 1001, [1001]],
    ["web:1001", 33, 1001, [1001]],
    ["web:adm", 33, 4, [4]],
    ["1000:adm", 1000, 4, [4]],
    ["0:0", 0, 0, [0]],
    ["2147483647:2147483647", 2147483647, 2147483647, [2147483647]],
  ])("%j: uid %i, gid %i, groups %j", async (text, uid, gid, additionalGids) => {
    expect(await resolveUser(text, image)).toEqual({ uid, gid, additionalGids });
  });

  test.each([
    ["", 0, 0, [0]],
    ["0", 0, 0, [0]],
    ["1000", 1000, 0, [0]],
    ["1000:1001", 1000, 1001, [1001]],
  ])("%j in an image without account files: uid %i, gid %i, groups %j", async (text, uid, gid, additionalGids) => {
    expect(await resolveUser(text, scratch)).toEqual({ uid, gid, additionalGids });
  });
});

describe("a user cannot be", () => {
  test.each([["nobody"], ["nobody:0"], ["web:nogroup"], ["1000:nogroup"]])(
    "%j, whom the image does not know",
    async (text) => {
      await expect(resolveUser(text, image)).rejects.toMatchObject({
        code: "USER_NOT_FOUND",
        hint: expect.any(String),
      });
    },
  );

  test.each([
    ["2147483648"],
    ["4294967296"],
    ["4294967295"],
    ["18446744073709551616"],
    ["0:4294967296"],
    ["-1"],
    ["00"],
    ["0x0"],
    ["1e3"],
    ["1.0"],
    [" 0"],
    ["0\n"],
    ["root\0"],
    ["٠"],
    [":"],
    [":0"],
    ["root:"],
    ["root:root:root"],
    ["../etc"],
    ["a b"],
  ])("%j (CVE-2024-40635 and its like)", async (text) => {
    await expect(resolveUser(text, image)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

test("numbers for both are taken without a look at the image", async () => {
  const read = jest.fn(image);
  await resolveUser("1:2", read);
  expect(read).not.toHaveBeenCalled();
});

test("the primary group is always among the additional ones (CVE-2022-36109, CVE-2023-25173)", async () => {
  const user = fc.constantFrom("", "0", "root", "web", "lone", "33", "1000", "1000:5", "web:adm");
  await fc.assert(
    fc.asyncProperty(user, async (text) => {
      const { gid, additionalGids } = await resolveUser(text, image);
      expect(additionalGids).toContain(gid);
      expect(new Set(additionalGids).size).toBe(additionalGids.length);
    }),
  );
});

test("a user whose number in the file is out of range is not there, and does not become root", async () => {
  const read: ImageFileReader = async () => "evil:x:4294967296:4294967296::/:\n";
  await expect(resolveUser("evil", read)).rejects.toMatchObject({ code: "USER_NOT_FOUND" });
});

test("an error of the files is passed on", async () => {
  const error = new Error("unreadable");
  await expect(resolveUser("web", () => Promise.reject(error))).rejects.toBe(error);
});

test("any request and any files lead to numbers in range, or to an error of ours", async () => {
  const line = fc.array(fc.oneof(fc.string(), fc.constantFrom("root", "x", "0", "33", "4294967296")), { maxLength: 5 });
  const file = fc.array(line.map((cells) => cells.join(":"))).map((lines) => lines.join("\n"));
  const part = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("root", "0", "33"), fc.bigInt().map(String));
  const request = fc.oneof(
    part,
    fc.tuple(part, part).map(([user, group]) => `${user}:${group}`),
  );
  await fc.assert(
    fc.asyncProperty(request, file, file, async (text, passwd, group) => {
      try {
        const { uid, gid, additionalGids } = await resolveUser(text, async (path) =>
          path === "/etc/passwd" ? passwd : group,
        );
        for (const id of [uid, gid, ...additionalGids])
          expect(Number.isInteger(id) && id >= 0 && id <= 2 ** 31 - 1).toBe(true);
        expect(additionalGids).toContain(gid);
      } catch (error) {
        if (!isRuntimeError(error, "INVALID_ARGUMENT", "USER_NOT_FOUND")) throw error;
      }
    }),
  );
});
