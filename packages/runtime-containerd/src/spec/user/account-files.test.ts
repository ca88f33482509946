import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseGroup, parsePasswd } from "./account-files.js";

describe("a passwd file", () => {
  test("has one user a line", () => {
    const text = "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/sbin/nologin\n";
    expect(parsePasswd(text)).toEqual([
      { name: "root", uid: 0, gid: 0 },
      { name: "web", uid: 33, gid: 33 },
    ]);
  });

  test("may lack its last line break, and have other ones, comments and spaces around its lines", () => {
    expect(parsePasswd("# users\r\n\r\n  root:x:0:0:::\r\nweb:x:33:33")).toEqual([
      { name: "root", uid: 0, gid: 0 },
      { name: "web", uid: 33, gid: 33 },
    ]);
  });

  test.each([
    [":x:0:0::/:"],
    ["name"],
    ["name:x"],
    ["name:x:1"],
    ["name:x::1"],
    ["name:x:a:1"],
    ["name:x:1:a"],
    ["name:x:-1:1"],
    ["name:x:+1:1"],
    ["name:x: 1:1"],
    ["name:x:0x0:0"],
    ["name:x:1e3:1"],
    ["name:x:1.5:1"],
    ["name:x:2147483648:0"],
    ["name:x:4294967296:0"],
    ["name:x:99999999999999999999:0"],
    ["name:x:0:4294967296"],
    ["name:x:٣:0"],
  ])("has no user in %j", (line) => {
    expect(parsePasswd(line)).toEqual([]);
  });

  test("has the greatest user that there can be", () => {
    expect(parsePasswd("last:x:2147483647:2147483647")).toEqual([{ name: "last", uid: 2147483647, gid: 2147483647 }]);
  });

  test("of a hundred thousand lines is read", () => {
    expect(parsePasswd("u:x:1:1\n".repeat(100_000))).toHaveLength(100_000);
  });

  test("of any content at all has no user out of range", () => {
    const cell = fc.oneof(fc.string({ unit: "binary" }), fc.bigInt().map(String), fc.constant("0"));
    const text = fc.array(fc.array(cell).map((cells) => cells.join(":"))).map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, (content) => {
        for (const { name, uid, gid } of parsePasswd(content)) {
          expect(name).not.toBe("");
          for (const id of [uid, gid]) expect(Number.isInteger(id) && id >= 0 && id <= 2 ** 31 - 1).toBe(true);
        }
      }),
    );
  });
});

describe("a group file", () => {
  test("has one group a line, with its members", () => {
    expect(parseGroup("root:x:0:\nadm:x:4:web,,db,\nnone:x:5\n")).toEqual([
      { name: "root", gid: 0, members: [] },
      { name: "adm", gid: 4, members: ["web", "db"] },
      { name: "none", gid: 5, members: [] },
    ]);
  });

  test.each([[":x:0:web"], ["g:x:"], ["g:x:-1:web"], ["g:x:4294967296:web"], ["g"]])("has no group in %j", (line) => {
    expect(parseGroup(line)).toEqual([]);
  });
});
