import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "@jest/globals";
import { output } from "../cli/voiyd.js";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { untilTrue, withoutBox } from "./box.js";

const CHANGES =
  "echo new > /added; rm /bin/usleep; mkdir -p /deep/er; echo x > /deep/er/file; chmod 700 /home; " +
  "rm -r /var; mkdir /var; echo again > /var/once; mkdir /data/in; echo ready";

async function runChanged(stage: Stage, then = "sleep 1000"): Promise<void> {
  const { runtime } = stage.main;
  await runtime.run({
    meta: { name: "box", labels: { team: "blue" } },
    config: {
      image: stage.busybox,
      entrypoint: ["sh", "-c"],
      args: [`mkdir -p /home /var/lib; ${CHANGES}; ${then}`],
      envvars: [{ name: "MODE", value: "test" }],
      mounts: [{ type: "volume", destination: "/data" }],
      network: "none",
    },
  });
  await untilTrue(async () => (await outputNow(stage)).includes("ready"));
}

async function outputNow({ main: { runtime } }: Stage): Promise<string> {
  const { stdout, stderr } = await runtime.io("box");
  await stderr.cancel();
  let text = "";
  for await (const chunk of stdout) text += Buffer.from(chunk).toString("utf8");
  return text;
}

await describeOnHost("images of containers", (hostTest) => {
  const test = withoutBox(hostTest);

  test("diff tells what a container has changed, whether it runs or not", async (stage) => {
    const { runtime } = stage.main;
    await runChanged(stage);
    const running = await runtime.diff("box");
    await runtime.stop("box", { timeoutMs: 0 });
    expect(await runtime.diff("box")).toEqual(running);
    const told = running.map(({ kind, path }) => `${kind} ${path}`);
    for (const line of ["added /added", "added /deep/er/file", "added /deep", "added /var/once"])
      expect(told).toContain(line);
    // What is on a volume is not the image's, and what a start needs to mount it is.
    expect(told.filter((line) => line.includes("/data/"))).toEqual([]);
    expect(told.filter((line) => line.includes("/lib/"))).toEqual([]);
    expect((await refusal(runtime.diff("nothing"))).code).toBe("NOT_FOUND");
  });

  hostTest(
    "the commands do so too, and have Docker's other names",
    async (stage) => {
      const { runtime } = stage.main;
      const reference = `${stage.registry.host}/test/by-command:1`;
      try {
        await output(
          stage,
          "container",
          "run",
          "-d",
          "--name",
          "box",
          "-p",
          "127.0.0.1::80",
          stage.busybox,
          "sleep",
          "1000",
        );
        // What the runtime mounts by itself, names and addresses among it, is no change.
        expect(await output(stage, "diff", "box")).toBe("");
        await output(stage, "cp", "/etc/hostname", "box:/copied");
        expect(await output(stage, "diff", "box")).toBe("A /copied\n");
        expect(await output(stage, "container", "port", "box", "80")).toMatch(/^127\.0\.0\.1:\d+\n$/);
        expect(await output(stage, "info")).toMatch(/^Containers: 1\n Running: 1\n/);
        // Of what is mounted there is the place, and nothing of what is in it.
        const archive = join(await mkdtemp(join(tmpdir(), "voiyd-export-")), "box.tar");
        await output(stage, "export", "-o", archive, "box");
        const listed = execFileSync("tar", ["-tf", archive], { encoding: "utf8" }).trim().split("\n");
        await rm(dirname(archive), { recursive: true });
        for (const path of ["copied", "bin/busybox", "etc/passwd", "proc/"]) expect(listed).toContain(path);
        expect(listed.filter((path) => /^(?:\.|proc\/.)/.test(path))).toEqual([]);
        const made = await output(stage, "commit", "-c", 'CMD ["cat", "/copied"]', "box", reference);
        expect(made).toBe(`${(await runtime.getImage(reference)).digest}\n`);
        expect(await output(stage, "run", "--rm", "--network", "none", reference)).toBe(
          await readFile("/etc/hostname", "utf8"),
        );
      } finally {
        await runtime.delete("box");
        await runtime.removeImage(reference);
      }
    },
    { keepsImages: true },
  );

  hostTest(
    "commit makes an image that runs, with the changes and as the container was run",
    async (stage) => {
      const { runtime } = stage.main;
      const reference = `${stage.registry.host}/test/committed:1`;
      await runChanged(stage);
      try {
        const image = await runtime.commit("box", reference, {
          author: "A. Author <author@example.org>",
          message: "what it has become",
          changes: [
            "WORKDIR /deep",
            "ENV MORE=1",
            'CMD ["cat er/file /added; ls -d /home; echo $MODE $MORE; pwd; ls /var"]',
          ],
        });
        expect(image.name).toBe(reference);
        expect((await runtime.get("box")).status.phase).toBe("running");
        const details = await runtime.inspectImage(reference);
        expect(details).toMatchObject({
          author: "A. Author <author@example.org>",
          config: { labels: { team: "blue" } },
        });
        expect((await runtime.imageHistory(reference))[0]).toMatchObject({ comment: "what it has become" });
        expect(await runtime.verifyImage(reference)).toEqual([]);
        await runtime.run({ meta: { name: "crate" }, config: { image: reference, network: "none" } });
        expect((await outputOf(runtime, "crate")).stdout).toBe("x\nnew\n/home\ntest 1\n/deep\nonce\n");
        // An image of an image of a container, of one that has ended, and pushed like any other.
        await runtime.wait("crate");
        const again = await runtime.commit("crate", `${stage.registry.host}/test/committed:2`, { pause: false });
        expect((await runtime.inspectImage(again.name)).layers).toHaveLength(details.layers.length + 1);
        await runtime.pushImage(again.name);
        const refused = runtime.commit("box", `${reference}@sha256:${"a".repeat(64)}`);
        expect((await refusal(refused)).code).toBe("INVALID_ARGUMENT");
        expect((await refusal(runtime.commit("box", reference, { changes: ["RUN x"] }))).code).toBe("INVALID_ARGUMENT");
        expect((await refusal(runtime.commit("nothing", reference))).code).toBe("NOT_FOUND");
      } finally {
        await runtime.delete("box");
        await runtime.delete("crate");
        for (const tag of ["1", "2"]) await runtime.removeImage(`${stage.registry.host}/test/committed:${tag}`);
      }
    },
    { keepsImages: true },
  );
});
