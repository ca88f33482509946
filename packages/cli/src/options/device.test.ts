import { describe, expect, test } from "@jest/globals";
import type { Device } from "@voiyd/runtime-api";
import { parseByteRate, parseDeviceWeight, parseOperationRate } from "./device-limit.js";
import { parseDevice } from "./device.js";
import { parseGpus } from "./gpus.js";

const refusal: unknown = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("a device", () => {
  test.each<[string, Device]>([
    ["/dev/null", { path: "/dev/null" }],
    ["/dev/null:r", { path: "/dev/null", permissions: "r" }],
    ["/dev/null:/dev/x", { path: "/dev/null", destination: "/dev/x" }],
    ["/dev/null:/dev/x:rw", { path: "/dev/null", destination: "/dev/x", permissions: "rw" }],
    ["vendor.com/class=name", { cdi: "vendor.com/class=name" }],
    ["vendor.com/class=GPU-1:2", { cdi: "vendor.com/class=GPU-1:2" }],
  ])("%s is understood", (text, expected) => {
    expect(parseDevice(text)).toEqual(expected);
  });

  test.each(["", ":/dev/x", "/dev/null:", "/dev/null:/dev/x:", "/dev/null:/dev/x:rwm:z"])("%j is refused", (text) => {
    expect(() => parseDevice(text)).toThrow(refusal);
  });
});

describe("GPUs", () => {
  test.each<[string, readonly string[]]>([
    ["all", ["all"]],
    ["-1", ["all"]],
    ["2", ["0", "1"]],
    ["count=1", ["0"]],
    ["device=0", ["0"]],
    ['"device=0,GPU-7"', ["0", "GPU-7"]],
    ['driver=nvidia,"capabilities=compute,utility"', ["all"]],
  ])("%s", (text, names) => {
    expect(parseGpus(text)).toEqual(names.map((name) => ({ cdi: `nvidia.com/gpu=${name}` })));
  });

  test.each(["", "0", "some", "-2", "100", "driver=other", "options=a", '"'])("%j is refused", (text) => {
    expect(() => parseGpus(text)).toThrow(refusal);
  });
});

describe("a limit of a device", () => {
  test("is its path and what is allowed", () => {
    expect(parseByteRate("--device-read-bps", "/dev/sda:1mb")).toEqual({ path: "/dev/sda", rate: 1_048_576 });
    expect(parseOperationRate("--device-read-iops", "/dev/sda:10")).toEqual({ path: "/dev/sda", rate: 10 });
    expect(parseDeviceWeight("/dev/sda:500")).toEqual({ path: "/dev/sda", weight: 500 });
  });

  test.each(["", "/dev/sda", "/dev/sda:", ":1", "/dev/sda:x", "/dev/sda:1.5"])("%j is refused", (text) => {
    expect(() => parseOperationRate("--device-read-iops", text)).toThrow(refusal);
    expect(() => parseDeviceWeight(text)).toThrow(refusal);
  });
});
