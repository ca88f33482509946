import { create } from "@bufbuild/protobuf";
import { anyPack, AnySchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "@jest/globals";
import { OptionsSchema } from "../gen/containerd/runc/v1/options_pb.js";
import { PlatformSchema } from "../gen/containerd/types/platform_pb.js";
import { packAny, packJson, unpackAny, unpackJson } from "./pack.js";
import { bareTypeUrl } from "./type-url.js";

describe("a message in an Any", () => {
  test("carries containerd's bare type name, and comes out as it went in", () => {
    const any = packAny(OptionsSchema, { binaryName: "runc", systemdCgroup: true });
    expect(any.typeUrl).toBe("containerd.runc.v1.Options");
    expect(unpackAny(OptionsSchema, any)).toMatchObject({ binaryName: "runc", systemdCgroup: true });
  });

  test("is accepted with the prefix that other tools write", () => {
    const any = anyPack(PlatformSchema, create(PlatformSchema, { os: "linux", architecture: "arm64" }));
    expect(any.typeUrl).toBe("type.googleapis.com/containerd.types.Platform");
    expect(unpackAny(PlatformSchema, any)).toMatchObject({ os: "linux", architecture: "arm64" });
  });

  test("is not taken for a message of another type", () => {
    expect(unpackAny(PlatformSchema, packAny(OptionsSchema, { binaryName: "runc" }))).toBeUndefined();
  });

  test("throws when its bytes are not such a message", () => {
    const any = create(AnySchema, { typeUrl: PlatformSchema.typeName, value: new Uint8Array([0x0a, 0xff]) });
    expect(() => unpackAny(PlatformSchema, any)).toThrow();
  });
});

describe("JSON in an Any", () => {
  const type = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

  test("keeps every value that JSON has", () => {
    const value = { text: "ä\u0000\u2028", list: [1, null, false], ["__proto__"]: { own: true } };
    expect(unpackJson(type, packJson(type, value))).toEqual(value);
  });

  test("is UTF-8 without a type of its own", () => {
    const any = packJson(type, { a: "ä" });
    expect(any.typeUrl).toBe(type);
    expect(Buffer.from(any.value).toString("utf8")).toBe('{"a":"ä"}');
  });

  test("of another type is undefined", () => {
    expect(unpackJson("other", packJson(type, 1))).toBeUndefined();
  });

  test("that is none throws", () => {
    expect(() => unpackJson(type, create(AnySchema, { typeUrl: type, value: new Uint8Array([0x7b]) }))).toThrow(/JSON/);
  });
});

test.each([
  ["type.googleapis.com/a.B", "a.B"],
  ["a.B", "a.B"],
  ["types.containerd.io/a", "types.containerd.io/a"],
  ["", ""],
])("the bare form of the type URL %j is %j", (url, bare) => {
  expect(bareTypeUrl(url)).toBe(bare);
});
