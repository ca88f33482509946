import { describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { execute } from "../process/execute.js";
import { checkHost, formatMissing } from "./check-host.js";
import { findProgram } from "./find-program.js";
import { REQUIREMENTS } from "./programs.js";
import { isStaticElf } from "./static-busybox.js";

describe("checkHost", () => {
  test("another system than Linux is told as the one reason", async () => {
    const report = await checkHost({ platform: "darwin", uid: 501 });
    expect(report.usable).toBe(false);
    expect(report.missing.map(({ what }) => what)).toEqual(["Linux"]);
  });

  test("without root nothing is tried, and root is asked for", async () => {
    const report = await checkHost({ platform: "linux", uid: 1000 }, () =>
      Promise.reject(new Error("nothing must be run")),
    );
    expect(report.usable).toBe(false);
    expect(report.missing[0]?.what).toBe("root");
  });

  test("packages are named once, in one line that can be typed", () => {
    const missing = [
      { what: "ctr", why: "it is needed", aptPackage: "containerd" },
      { what: "containerd", why: "it is needed", aptPackage: "containerd" },
      { what: "nft", why: "it is needed", aptPackage: "nftables" },
    ];
    expect(formatMissing({ usable: false, missing }).split("\n").at(-1)).toBe(
      "On Debian and Ubuntu: apt-get install containerd nftables",
    );
  });

  test("the installer looks for exactly what the harness needs", async () => {
    const requirements = new URL("../../../../tools/host-requirements.mjs", import.meta.url).pathname;
    const script = `import(${JSON.stringify(requirements)}).then(({ REQUIREMENTS }) => console.log(JSON.stringify(REQUIREMENTS)))`;
    const { stdout } = await execute(process.execPath, ["-e", script]);
    expect(JSON.parse(stdout)).toEqual(REQUIREMENTS.map(({ kind, what, aptPackage }) => ({ kind, what, aptPackage })));
  });
});

describe("programs", () => {
  test("a program is found in its folder, and only when it can be run", async () => {
    expect(await findProgram("sh", ["/nowhere", "/bin"])).toBe("/bin/sh");
    expect(await findProgram("passwd", ["/etc"])).toBeUndefined();
  });

  test("a program that needs libraries is not static, nor is what is no program", async () => {
    expect(isStaticElf(await readFile(process.execPath))).toBe(false);
    expect(isStaticElf(Buffer.from("#!/bin/sh\n"))).toBe(false);
    expect(isStaticElf(Buffer.alloc(64))).toBe(false);
  });
});
