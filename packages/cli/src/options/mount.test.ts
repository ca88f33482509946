import { describe, expect, test } from "@jest/globals";
import type { Mount } from "@voiyd/runtime-api";
import fc from "fast-check";
import { parseCsv } from "./csv.js";
import { parseMount } from "./mount.js";

describe("a --mount", () => {
  test.each<[string, Mount]>([
    ["type=bind,source=/a,destination=/b", { type: "bind", source: "/a", destination: "/b" }],
    [
      "type=bind,src=./a,target=/b,readonly",
      { type: "bind", source: "/home/ada/a", destination: "/b", readOnly: true },
    ],
    ["TYPE=bind,SRC=/a,DST=/b,RO=1", { type: "bind", source: "/a", destination: "/b", readOnly: true }],
    ["type=bind,src=/a,dst=/b,ro=false", { type: "bind", source: "/a", destination: "/b" }],
    ['type=bind,"src=/a,""b""",dst=/c', { type: "bind", source: '/a,"b"', destination: "/c" }],
    [
      "type=bind,src=/a,dst=/b,bind-propagation=rslave",
      { type: "bind", source: "/a", destination: "/b", propagation: "rslave" },
    ],
    [
      "type=bind,src=/a,dst=/b,bind-nonrecursive",
      { type: "bind", source: "/a", destination: "/b", nonRecursive: true },
    ],
    [
      "type=bind,src=/a,dst=/b,bind-recursive=disabled",
      { type: "bind", source: "/a", destination: "/b", nonRecursive: true },
    ],
    [
      "type=bind,src=/a,dst=/b,bind-recursive=enabled,consistency=cached",
      { type: "bind", source: "/a", destination: "/b" },
    ],
    [
      "type=bind,src=/a,dst=/b,ro,bind-recursive=writable",
      { type: "bind", source: "/a", destination: "/b", readOnly: true, readOnlyDepth: "top" },
    ],
    [
      "type=bind,src=/a,dst=/b,ro,bind-propagation=rprivate,bind-recursive=readonly",
      {
        type: "bind",
        source: "/a",
        destination: "/b",
        readOnly: true,
        propagation: "rprivate",
        readOnlyDepth: "recursive",
      },
    ],
    ["dst=/b", { type: "volume", destination: "/b" }],
    ["src=data,dst=/b,volume-nocopy", { type: "volume", name: "data", destination: "/b", noCopy: true }],
    [
      "type=volume,src=data,dst=/b,ro,volume-driver=local",
      { type: "volume", name: "data", destination: "/b", readOnly: true },
    ],
    ["type=tmpfs,dst=/b", { type: "tmpfs", destination: "/b" }],
    [
      "type=tmpfs,dst=/b,tmpfs-size=1m,tmpfs-mode=1770",
      { type: "tmpfs", destination: "/b", size: 1_048_576, mode: 0o1770 },
    ],
  ])("%s", (text, expected) => {
    expect(parseMount(text, "/home/ada")).toEqual(expected);
  });

  test.each([
    "",
    "type=tmpfs",
    "type=bind,dst=/b",
    "type=bind,src=a,dst=/b",
    "type=tmpfs,src=a,dst=/b",
    "type=foo,dst=/b",
    "type=image,src=x,dst=/b",
    "foo=bar,dst=/b",
    "type=bind,src=/a,dst=/b,volume-nocopy",
    "type=bind,src=/a,dst=/b,bind-create-src",
    "type=bind,src=/a,dst=/b,bind-recursive=readonly",
    "type=bind,src=/a,dst=/b,bind-recursive=writable",
    "type=bind,src=/a,dst=/b,ro,bind-recursive=readonly",
    "type=bind,src=/a,dst=/b,bind-recursive=some",
    "type=bind,src=/a,dst=/b,bind-propagation=some",
    "type=bind,src=/a,dst=/b,readonly=maybe",
    "type=bind, src=/a,dst=/b",
    "type=tmpfs,dst=/b,tmpfs-mode=9",
    "type=tmpfs,dst=/b,tmpfs-size=1q",
    "src=/a,dst=/b",
    "src=v,dst=/b,volume-subpath=x",
    "src=v,dst=/b,volume-driver=nfs",
    'type=bind,"src=/a,dst=/b',
    "type=bind,src=/a,dst=/b,__proto__=x",
  ])("%j is refused", (text) => {
    expect(() => parseMount(text, "/home/ada")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

describe("comma-separated values", () => {
  test("any fields come back as they were written", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
        const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(",");
        expect(parseCsv(line)).toEqual(fields);
      }),
    );
  });

  test.each([['a"b'], ['"a"b'], ['"a']])("%s is no such thing", (line) => {
    expect(parseCsv(line)).toBeUndefined();
  });
});
