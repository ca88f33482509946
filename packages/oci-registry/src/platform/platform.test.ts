import { describe, expect, test } from "@jest/globals";
import type { Descriptor } from "../document/descriptor.js";
import type { Index } from "../document/manifest.js";
import { OCI_INDEX, OCI_MANIFEST } from "../document/media-types.js";
import { describe as describeHost, hostPlatform } from "./host-platform.js";
import { normalizePlatform } from "./normalize-platform.js";
import type { Platform } from "./platform.js";
import { formatPlatform } from "./platform.js";
import { platformLadder } from "./platform-ladder.js";
import { platformFits, selectPlatform } from "./select-platform.js";

function platform(text: string): Platform {
  const [os = "", architecture = "", variant] = text.split("/");
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

function entry(text: string | undefined, more: Partial<Descriptor> = {}): Descriptor {
  return {
    mediaType: OCI_MANIFEST,
    digest: `sha256:${"0".repeat(64)}`,
    size: 1,
    ...(text !== undefined && { platform: platform(text) }),
    ...more,
  };
}

function index(...manifests: Descriptor[]): Index {
  return { mediaType: OCI_INDEX, manifests };
}

describe("a platform", () => {
  test.each([
    ["linux/x86_64", "linux/amd64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/i386", "linux/386"],
    ["linux/armhf", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["linux/amd64/v1", "linux/amd64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["macos/arm64", "darwin/arm64"],
    ["linux/arm64/8", "linux/arm64"],
    ["linux/arm/6", "linux/arm/v6"],
    ["LINUX/AMD64", "linux/amd64"],
    ["linux/amd64/v3", "linux/amd64/v3"],
    ["linux/riscv64", "linux/riscv64"],
  ])("%s is %s", (written, normal) => {
    expect(formatPlatform(normalizePlatform(platform(written)))).toBe(normal);
  });

  test.each([
    ["linux/amd64", "amd64 386"],
    ["linux/amd64/v3", "amd64/v3 amd64/v2 amd64 386"],
    ["linux/arm64", "arm64 arm/v8 arm/v7 arm/v6 arm/v5"],
    ["linux/arm64/v8.2", "arm64/v8.2 arm64/v8.1 arm64 arm/v8 arm/v7 arm/v6 arm/v5"],
    ["linux/arm/v7", "arm/v7 arm/v6 arm/v5"],
    ["linux/arm/v6", "arm/v6 arm/v5"],
    ["linux/riscv64", "riscv64"],
    ["linux/386", "386"],
  ])("%s also runs %s, in this order", (host, ladder) => {
    expect(
      platformLadder(platform(host))
        .map((step) => formatPlatform(step).replace("linux/", ""))
        .join(" "),
    ).toBe(ladder);
  });

  test("of ARM 9 runs images of ARM 8", () => {
    const ladder = platformLadder(platform("linux/arm64/v9")).map(formatPlatform);
    expect(ladder.slice(0, 3)).toEqual(["linux/arm64/v9", "linux/arm64/v8.5", "linux/arm64/v8.4"]);
  });

  test.each([
    ["linux", "x64", "x86_64", "linux/amd64"],
    ["linux", "arm64", "aarch64", "linux/arm64"],
    ["linux", "arm", "armv7l", "linux/arm/v7"],
    ["linux", "arm", "armv6l", "linux/arm/v6"],
    ["linux", "arm", "aarch64", "linux/arm/v8"],
    ["linux", "ia32", "i686", "linux/386"],
    ["linux", "ppc64", "ppc64le", "linux/ppc64le"],
    ["linux", "s390x", "s390x", "linux/s390x"],
    ["linux", "riscv64", "riscv64", "linux/riscv64"],
    ["darwin", "arm64", "arm64", "darwin/arm64"],
    ["windows", "x64", "x86_64", "windows/amd64"],
  ])("of a host %s %s (%s) is %s", (os, arch, machine, expected) => {
    expect(formatPlatform(describeHost(os, arch, machine))).toBe(expected);
  });

  test("of this host has an architecture", () => {
    expect(hostPlatform().architecture).not.toBe("");
  });
});

describe("the choice from an index", () => {
  test.each([
    ["linux/amd64", ["linux/arm64", "linux/amd64", "linux/386"], "linux/amd64"],
    ["linux/amd64", ["linux/386", "linux/arm64"], "linux/386"],
    ["linux/arm64", ["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7"],
    ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], "linux/arm/v5"],
    ["linux/arm/v6", ["linux/arm/v7"], undefined],
    ["linux/amd64", ["linux/amd64/v3"], undefined],
    ["linux/amd64/v4", ["linux/amd64", "linux/amd64/v3"], "linux/amd64/v3"],
    ["linux/amd64", ["windows/amd64"], undefined],
    ["linux/arm64", ["linux/arm64/v8"], "linux/arm64/v8"],
    ["linux/amd64", [], undefined],
    ["linux/amd64", ["unknown/unknown"], undefined],
  ])("for %s of %j is %s", (host, offered, chosen) => {
    const found = selectPlatform(index(...offered.map((text) => entry(text))), platform(host));
    expect(found?.platform === undefined ? undefined : formatPlatform(found.platform)).toBe(chosen);
  });

  test("is the first of equals", () => {
    const first = entry("linux/amd64", { size: 10 });
    expect(selectPlatform(index(first, entry("linux/amd64")), platform("linux/amd64"))).toBe(first);
  });

  test("takes an entry without a platform only when nothing else suits", () => {
    const plain = entry(undefined);
    expect(selectPlatform(index(plain, entry("linux/386")), platform("linux/amd64"))?.platform?.architecture).toBe(
      "386",
    );
    expect(selectPlatform(index(plain, entry("linux/s390x")), platform("linux/amd64"))).toBe(plain);
  });

  test("is never an attestation, even when it claims the host's platform", () => {
    const annotations = { "vnd.docker.reference.type": "attestation-manifest" };
    expect(
      selectPlatform(
        index(entry("linux/amd64", { annotations }), entry(undefined, { annotations })),
        platform("linux/amd64"),
      ),
    ).toBeUndefined();
  });

  test("is never something else than a manifest or an index", () => {
    expect(
      selectPlatform(index(entry("linux/amd64", { mediaType: "application/octet-stream" })), platform("linux/amd64")),
    ).toBeUndefined();
  });

  test("needs the features that an entry needs", () => {
    const needs = { os: "linux", architecture: "amd64", "os.features": ["sse4"] };
    const candidates = index(entry(undefined, { platform: needs }));
    expect(selectPlatform(candidates, platform("linux/amd64"))).toBeUndefined();
    expect(selectPlatform(candidates, { ...platform("linux/amd64"), "os.features": ["sse4", "aes"] })).toBeDefined();
  });

  test("keeps to the build of Windows", () => {
    const host = { os: "windows", architecture: "amd64", "os.version": "10.0.20348.1" };
    expect(platformFits({ ...host, "os.version": "10.0.20348.999" }, host)).toBe(true);
    expect(platformFits({ ...host, "os.version": "10.0.17763.1" }, host)).toBe(false);
  });
});
