import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { type ContainerdRuntime, packFiles, unpackFiles } from "@voiyd/runtime-containerd";
import { output, start, voiyd } from "../cli/voiyd.js";
import { outputOf, refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { withoutBox } from "./box.js";

/** A folder of the host, removed afterwards. */
async function withFolder<T>(body: (path: string) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), "voiyd-copy-"));
  try {
    return await body(path);
  } finally {
    await rm(path, { recursive: true });
  }
}

async function said(runtime: ContainerdRuntime, script: string): Promise<string> {
  const process = await runtime.exec("box", { args: ["sh", "-c", script] });
  const [text] = await Promise.all([textOf(process.stdout), textOf(process.stderr)]);
  await process.exited;
  return text;
}

async function run(stage: Stage, script = "sleep 1000", more: object = {}): Promise<void> {
  await stage.main.runtime.run({
    meta: { name: "box" },
    config: { image: stage.busybox, args: ["sh", "-c", script], network: "none", ...more },
  });
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* chunks(data: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(data);
}

/** Nothing is there, nothing that can be copied, or the kernel itself does not let the path be walked. */
const REFUSED = /^(?:NOT_FOUND|FAILED_PRECONDITION|PERMISSION_DENIED)$/;

await describeOnHost("copies", (hostTest) => {
  const test = withoutBox(hostTest);

  test("bring files into what runs, what was only created and what has ended, and out again", async (stage) => {
    const { runtime } = stage.main;
    await withFolder(async (folder) => {
      await mkdir(join(folder, "site/sub"), { recursive: true });
      await writeFile(join(folder, "site/index.html"), "hello", { mode: 0o604 });
      await symlink("/index.html", join(folder, "site/sub/link"));
      const mounts = [
        { type: "volume", destination: "/data" },
        { type: "volume", destination: "/not/there/before/start" },
        { type: "bind", source: folder, destination: "/read", readOnly: true },
      ] as const;
      const look = "stat -c '%u:%g %a %n' /data/site/index.html /srv/site/index.html; readlink /srv/site/sub/link";
      await runtime.create({
        meta: { name: "box" },
        config: { image: stage.busybox, args: ["sh", "-c", `${look}; sleep 1000`], network: "none", mounts },
      });
      for (const when of ["created", "running", "ended"]) {
        if (when === "running") await runtime.start("box");
        if (when === "ended") await runtime.stop("box", { timeoutMs: 0 });
        await runtime.copyTo("box", "/data", packFiles(join(folder, "site")));
        await runtime.copyTo("box", "/", packFiles(join(folder, "site"), { name: "srv/site" }), { keepOwners: true });
        expect(await refusal(runtime.copyTo("box", "/read", packFiles(folder)))).toMatchObject({
          code: "FAILED_PRECONDITION",
          message: expect.stringContaining("read-only"),
        });
        await runtime.copyTo("box", "/not/there/before/start", packFiles(join(folder, "site")));
        const target = join(folder, when);
        await mkdir(target);
        await unpackFiles(runtime.copyFrom("box", "/data/site"), target);
        await unpackFiles(runtime.copyFrom("box", "/read/site/index.html"), target);
        expect(await readdir(target)).toEqual(["index.html", "site"]);
        expect(await readFile(join(target, "site/index.html"), "utf8")).toBe("hello");
        expect((await lstat(join(target, "site/index.html"))).mode & 0o777).toBe(0o604);
        expect(await readlink(join(target, "site/sub/link"))).toBe("/index.html");
        expect(await runtime.statPath("box", "/srv/site/sub/link")).toMatchObject({
          kind: "symlink",
          target: "/index.html",
        });
      }
      expect((await outputOf(runtime, "box")).stdout).toBe(
        "0:0 604 /data/site/index.html\n0:0 604 /srv/site/index.html\n/index.html\n",
      );
    });
  });

  test("into a read-only root are refused, whether it is mounted or not", async (stage) => {
    const { runtime } = stage.main;
    await run(stage, "sleep 1000", { readOnlyRootfs: true });
    await withFolder(async (folder) => {
      for (const when of ["running", "ended"]) {
        if (when === "ended") await runtime.stop("box", { timeoutMs: 0 });
        const refused = await refusal(runtime.copyTo("box", "/", packFiles(folder, { name: "new" })));
        expect(refused).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining("read-only") });
      }
    });
  });

  test("see a whole container, and nothing that the kernel makes up", async (stage) => {
    const { runtime } = stage.main;
    await run(stage, "mkfifo /pipe; ln /bin/busybox /twin; sleep 1000");
    await said(runtime, "while [ ! -e /twin ]; do sleep 0.1; done");
    await withFolder(async (folder) => {
      await unpackFiles(runtime.copyFrom("box", "/bin"), folder);
      expect(await readdir(join(folder, "bin"))).toContain("busybox");
    });
    const listing = await collect(runtime.copyFrom("box", "/"));
    expect(listing.includes("./proc/")).toBe(true);
    expect(listing.includes("./proc/1")).toBe(false);
    expect(listing.includes("./pipe")).toBe(true);
    expect(listing.includes("./dev/null")).toBe(true);
    for (const path of ["/proc/uptime", "/sys/kernel"])
      expect((await refusal(collect(runtime.copyFrom("box", path)))).code).toMatch(REFUSED);
  });

  test("S8: a container's links never lead a copy to the host, nor does the host's process namespace", async (stage) => {
    const { runtime } = stage.main;
    await withFolder(async (folder) => {
      await writeFile(join(folder, "canary"), "alive");
      const links = `ln -s ${folder} /evil; ln -s ../../../../../..${folder} /up; ln -s /proc/1/root${folder} /magic`;
      await run(stage, `${links}; ln -s ${folder}/canary /file; echo ready; sleep 1000`, {
        namespaces: { pid: "host" },
      });
      await said(runtime, "while [ ! -L /file ]; do sleep 0.1; done");
      await withFolder(async (source) => {
        await writeFile(join(source, "canary"), "dead");
        for (const path of ["/evil", "/up", "/magic", "/evil/", `/proc/1/root${folder}`]) {
          const copied = runtime.copyTo("box", path, packFiles(join(source, "canary")));
          expect((await refusal(copied)).code).toMatch(REFUSED);
          const read = collect(runtime.copyFrom("box", `${path}/canary`));
          expect((await refusal(read)).code).toMatch(REFUSED);
        }
        expect((await collect(runtime.copyFrom("box", "/file"))).includes("alive")).toBe(false);
        // A link at the end is replaced, and never written through.
        await runtime.copyTo("box", "/", packFiles(join(source, "canary"), { name: "file" }));
      });
      expect(await said(runtime, "cat /file")).toBe("dead");
      expect(await readFile(join(folder, "canary"), "utf8")).toBe("alive");
      expect(await readdir(folder)).toEqual(["canary"]);
    });
  });

  test("S8: a container that swaps a folder for a link all the time gets nothing of the host", async (stage) => {
    const { runtime } = stage.main;
    await withFolder(async (folder) => {
      await writeFile(join(folder, "canary"), "alive");
      const swap = `mkdir /d; ln -s ${folder} /l; while :; do mv /d /x; mv /l /d; mv /d /l; mv /x /d; done`;
      // The host's path is there inside too, so that a link is no way to be told apart by its end.
      await run(stage, `mkdir -p ${folder}; echo inside > ${folder}/canary; ${swap}`);
      await withFolder(async (source) => {
        await writeFile(join(source, "canary"), "dead");
        let done = 0;
        for (const end = Date.now() + 3_000; Date.now() < end;) {
          const copied = runtime.copyTo("box", "/d", packFiles(join(source, "canary")));
          await copied.then(
            () => (done += 1),
            () => undefined,
          );
          const read = await collect(runtime.copyFrom("box", "/d/canary")).catch(() => Buffer.alloc(0));
          expect(read.includes("alive")).toBe(false);
        }
        expect(done).toBeGreaterThan(0);
      });
      expect(await readFile(join(folder, "canary"), "utf8")).toBe("alive");
      expect(await readdir(folder)).toEqual(["canary"]);
    });
  });

  test("S8: a device, or a pipe, where a file was is not opened for the container", async (stage) => {
    const { runtime } = stage.main;
    const make = "mkdir /d; mkfifo /d/pipe; mknod /d/device c 1 5; echo x > /d/file";
    const swap = "while :; do mv /d/file /d/y; mv /d/pipe /d/file; mv /d/file /d/pipe; mv /d/y /d/file; done";
    await run(stage, `${make}; ${swap}`);
    await said(runtime, "while [ ! -c /d/device ]; do sleep 0.1; done; sleep 0.2");
    for (const end = Date.now() + 1_000; Date.now() < end;) await collect(runtime.copyFrom("box", "/d"));
    await withFolder(async (folder) => {
      // `/dev/zero` would never end, and a device is nothing that a copy makes.
      expect((await refusal(unpackFiles(runtime.copyFrom("box", "/d"), folder))).code).toBe("INVALID_ARGUMENT");
    });
  });

  test("cp has Docker's rules for paths", async (stage) => {
    const { runtime } = stage.main;
    await run(stage, "mkdir -p /in/box; echo inside > /in/box/file; ln -s /in /link; sleep 1000");
    await said(runtime, "while [ ! -L /link ]; do sleep 0.1; done");
    await withFolder(async (folder) => {
      await mkdir(join(folder, "there"));
      await output(stage, "cp", "box:/in", join(folder, "new"));
      await output(stage, "cp", "box:/in", join(folder, "there"));
      await output(stage, "cp", "box:in/.", join(folder, "there"));
      await output(stage, "cp", "box:/in/box/file", join(folder, "renamed"));
      await output(stage, "cp", "-L", "box:/link", join(folder, "there"));
      expect(await readdir(join(folder, "new"))).toEqual(["box"]);
      expect(await readdir(join(folder, "there"))).toEqual(["box", "in", "link"]);
      expect(await readFile(join(folder, "renamed"), "utf8")).toBe("inside\n");
      await output(stage, "cp", join(folder, "there"), "box:/link");
      await output(stage, "cp", join(folder, "there/."), "box:/fresh");
      await output(stage, "cp", "-a", join(folder, "renamed"), "box:/in/box/file");
      expect(await said(runtime, "ls /in /fresh")).toBe("/fresh:\nbox\nin\nlink\n\n/in:\nbox\nthere\n");
      const refused = [
        ["box:/none", folder],
        ["box:/in", join(folder, "renamed")],
        ["box:/in/box/file", join(folder, "absent/")],
        [join(folder, "renamed"), "box:/none/"],
        [join(folder, "there"), "box:/in/box/file"],
        [folder, folder],
        ["box:/in", "box:/out"],
      ];
      for (const paths of refused) expect((await voiyd(stage, "cp", ...paths)).code).toBe(1);
    });
  });

  test("the capabilities of a program come out of a container, and go into another", async (stage) => {
    const { runtime } = stage.main;
    await run(stage);
    const value = "0100000200200000000000000000000000000000";
    await withFolder(async (folder) => {
      await writeFile(join(folder, "program"), "#!/bin/sh", { mode: 0o755 });
      const plain = await collect(packFiles(join(folder, "program")));
      const text = Buffer.concat([
        Buffer.from(" SCHILY.xattr.security.capability="),
        Buffer.from(value, "hex"),
        Buffer.from("\n"),
      ]);
      const length = text.length + 2;
      const record = Buffer.alloc(512);
      Buffer.concat([Buffer.from(String(length)), text]).copy(record);
      // The header of a pax record is that of a file with another letter, and another size.
      const header = Buffer.from(plain.subarray(0, 512));
      header.write(
        `${length.toString(8).padStart(11, "0")}\0${header.toString("latin1", 136, 148)}        x`,
        124,
        "latin1",
      );
      const sum = header.reduce((all, byte) => all + byte, 0);
      header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      await runtime.copyTo("box", "/bin", chunks(Buffer.concat([header, record, plain])));
    });
    for (const archive of [runtime.copyFrom("box", "/bin/program"), runtime.exportFiles("box")])
      expect((await collect(archive)).includes(Buffer.from("security.capability="))).toBe(true);
    const out = await collect(runtime.copyFrom("box", "/bin/program"));
    expect(out.toString("hex")).toContain(value);
    await runtime.stop("box", { timeoutMs: 0 });
    expect((await collect(runtime.copyFrom("box", "/bin/program"))).toString("hex")).toContain(value);
    await runtime.copyTo("box", "/tmp", chunks(out));
    expect((await collect(runtime.copyFrom("box", "/tmp/program"))).toString("hex")).toContain(value);
  });

  test("cp - brings an archive from one container into another", async (stage) => {
    const { runtime } = stage.main;
    await run(
      stage,
      "mkdir /in; dd if=/dev/zero of=/in/large bs=1M count=5 2>/dev/null; echo ok > /in/file; sleep 1000",
    );
    await said(runtime, "while [ ! -s /in/file ]; do sleep 0.1; done");
    await runtime.create({ meta: { name: "crate" }, config: { image: stage.busybox, args: ["cat", "/in/file"] } });
    await runtime.copyTo("crate", "/", runtime.copyFrom("box", "/in"));
    const { code, stdout } = await start(stage, ["cp", "crate:/in/file", "-"]).result;
    expect([code, stdout.includes("ok\n"), stdout.length % 512]).toEqual([0, true, 0]);
    expect((await runtime.statPath("crate", "/in/large")).size).toBe(5 * 1024 * 1024);
    await runtime.start("crate");
    expect((await outputOf(runtime, "crate")).stdout).toBe("ok\n");
  });
});
