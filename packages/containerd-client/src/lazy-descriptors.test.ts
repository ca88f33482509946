import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "@jest/globals";
import { Version, VersionResponseSchema } from "./gen/containerd/services/version/v1/version_pb.js";
import { StatusSchema } from "./gen/containerd/v1/types/task_pb.js";
import { fileDesc, messageDesc } from "./lazy-descriptors.js";

describe("a descriptor", () => {
  test("is decoded when something of it is asked for, and not before", () => {
    const file = fileDesc("this is no descriptor");
    const message = messageDesc(file, 0);
    expect(() => message.typeName).toThrow();
  });

  test("is the same as a decoded one", () => {
    expect(VersionResponseSchema.typeName).toBe("containerd.services.version.v1.VersionResponse");
    expect(VersionResponseSchema.parent).toBeUndefined();
    expect("fields" in VersionResponseSchema).toBe(true);
    expect(Object.keys(VersionResponseSchema)).toEqual(Object.keys(Version.method.version.output));
    expect({ ...VersionResponseSchema }.typeName).toBe(VersionResponseSchema.typeName);
    expect(String(VersionResponseSchema)).toBe("message containerd.services.version.v1.VersionResponse");
    expect(Version.methods.map(({ name }) => name)).toEqual(["Version"]);
    expect(StatusSchema.values[0]?.name).toBe("UNKNOWN");
  });

  test("makes, writes and reads messages", () => {
    const message = create(VersionResponseSchema, { version: "1", revision: "2" });
    expect(fromBinary(VersionResponseSchema, toBinary(VersionResponseSchema, message))).toEqual(message);
    expect(create(Version.method.version.output, message)).toBe(message);
  });
});
