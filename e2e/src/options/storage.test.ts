import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { runToEnd } from "../security/probe.js";

const run = promisify(execFile);

await describeOnHost("volumes", (test) => {
  test("with a name: filled with what the image has, kept, and not filled again", async (stage) => {
    const volumeDir = await mkdtemp(join(stage.directory, "volumes-"));
    const stack = stage.open({ volumeDir });
    try {
      const config = {
        image: stage.busybox,
        network: "none",
        mounts: [{ type: "volume" as const, name: "pages", destination: "/www" }],
      };
      for (const script of [
        "echo changed > /www/index.html; echo more > /www/more",
        "test $(cat /www/index.html) = changed && test -s /www/more",
      ]) {
        await stack.runtime.run({ meta: { name: "with-volume" }, config: { ...config, args: ["sh", "-c", script] } });
        expect((await stack.runtime.wait("with-volume")).exitCode).toBe(0);
        await stack.runtime.delete("with-volume");
      }
      expect((await readdir(join(volumeDir, "pages", "data"))).sort()).toEqual(["index.html", "more"]);
      expect(await readFile(join(volumeDir, "pages", "data", "more"), "utf8")).toBe("more\n");
    } finally {
      await stack[Symbol.asyncDispose]();
    }
  });

  test(
    "of an image: each container has one of its own, with the image's content and owner, and it goes with it",
    async (stage) => {
      const image = await stage.publishBusybox("test/volumes", { config: { volumes: ["/home/app", "/fresh"] } });
      await stage.main.runtime.pullImage(image);
      const look =
        "touch /home/app/mine; stat -c '%u:%g' /home/app; ls /home/app | wc -l; ls -A /fresh | wc -l; grep -c -e ' /home/app ' -e ' /fresh ' /proc/self/mountinfo";
      for (let time = 0; time < 2; time++) {
        expect(await runToEnd(stage, { image, entrypoint: ["sh", "-c", look] })).toBe("1000:1000\n1\n0\n2\n");
      }
    },
    { keepsImages: true },
  );

  test(
    "an image's links are copied, and not followed: nothing of the host is read or written",
    async (stage) => {
      const canary = join(stage.directory, "canary");
      await mkdir(canary, { recursive: true });
      await writeFile(join(canary, "secret"), "the host's");
      const image = await stage.publishBusybox("test/links", {
        config: { volumes: ["/trap", "/also/deep"] },
      });
      await stage.main.runtime.pullImage(image);
      await symlink("/etc", join(canary, "link")).catch(() => undefined);
      const output = await runToEnd(stage, {
        image,
        entrypoint: ["sh", "-c", "ls -A /trap /also/deep; echo written > /trap/x"],
      });
      expect(output).not.toContain("secret");
      expect((await readdir(canary)).sort()).toEqual(["link", "secret"]);
    },
    { keepsImages: true },
  );

  test("over a file of the image: refused, and nothing is left", async (stage) => {
    const error = await refusal(
      stage.main.runtime.run({
        meta: { name: "no" },
        config: { image: stage.busybox, network: "none", mounts: [{ type: "volume", destination: "/www/index.html" }] },
      }),
    );
    expect(error.code).toBe("FAILED_PRECONDITION");
    expect(await stage.main.runtime.list()).toEqual([]);
  });
});

await describeOnHost("bind mounts", (test) => {
  test("read-only to the very bottom, where the host can", async (stage) => {
    const folder = await mkdtemp(join(stage.directory, "bind-"));
    await mkdir(join(folder, "below"));
    await run("mount", ["-t", "tmpfs", "tmpfs", join(folder, "below")]);
    try {
      const attempt = "touch /mnt/x 2>/dev/null && echo top; touch /mnt/below/x 2>/dev/null && echo below; echo end";
      const outcome = (mount: object): Promise<string> =>
        runToEnd(stage, {
          entrypoint: ["sh", "-c", attempt],
          mounts: [{ type: "bind", source: folder, destination: "/mnt", ...mount }],
        });
      expect(await outcome({ readOnly: true, readOnlyDepth: "recursive" })).toBe("end\n");
      expect(await outcome({ readOnly: true, readOnlyDepth: "top" })).toBe("below\nend\n");
      expect(await outcome({ readOnly: true, nonRecursive: true })).toBe("end\n");
      expect(await outcome({})).toBe("top\nbelow\nend\n");
    } finally {
      await run("umount", [join(folder, "below")]);
    }
  });
});
