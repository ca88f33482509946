import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "@jest/globals";
import { ContainerdClient } from "@voiyd/containerd-client";
import { createNetworkManager } from "@voiyd/networking-cni";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { createContainerdRuntime } from "@voiyd/runtime-containerd";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

function run(stage: Stage, config: Partial<ContainerConfig>, name = "bad"): Promise<unknown> {
  return stage.main.runtime.run({ meta: { name }, config: { image: stage.busybox, args: ["true"], ...config } });
}

/** What a runtime says whose socket is `address`. */
async function versionAt(
  stage: Stage,
  address: string,
): Promise<{ code: string; message: string; hint: string | undefined }> {
  await using client = new ContainerdClient({ address, namespace: "voiyd" });
  await using runtime = createContainerdRuntime(client, stage.main.network, {});
  return await refusal(runtime.version());
}

await describeOnHost("bad input", (test) => {
  test("no socket is UNAVAILABLE, and says what to do", async (stage) => {
    const answer = await versionAt(stage, join(stage.directory, "none.sock"));
    expect(answer).toMatchObject({ code: "UNAVAILABLE", hint: expect.stringContaining("start containerd") });
  });

  test("a socket that nobody listens on is UNAVAILABLE", async (stage) => {
    const path = join(stage.directory, "file");
    await writeFile(path, "");
    expect(await versionAt(stage, path)).toMatchObject({ code: "UNAVAILABLE" });
  });

  test("a socket that is not containerd's is UNAVAILABLE, and does not end the process", async (stage) => {
    const path = join(stage.directory, "other.sock");
    const server = createServer((socket) => {
      socket.resume();
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    try {
      expect(await versionAt(stage, path)).toMatchObject({
        code: "UNAVAILABLE",
        hint: expect.stringContaining("containerd"),
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("a socket that may not be opened is PERMISSION_DENIED, and says what to do", async (stage) => {
    const program = `
      const { ContainerdClient } = await import("@voiyd/containerd-client");
      const { createContainerdRuntime } = await import("@voiyd/runtime-containerd");
      const client = new ContainerdClient({ address: ${JSON.stringify(stage.host.address)}, namespace: "voiyd" });
      const network = { detach: () => Promise.resolve() };
      const runtime = createContainerdRuntime(client, network);
      process.setgid(65534);
      process.setuid(65534);
      await runtime.version().catch(({ code, hint }) => console.log(JSON.stringify({ code, hint })));
      process.exit();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: join(import.meta.dirname, "../.."),
    });
    expect(JSON.parse(stdout)).toMatchObject({ code: "PERMISSION_DENIED", hint: expect.stringContaining("root") });
  });

  test("an image that was not pulled is IMAGE_NOT_FOUND", async (stage) => {
    expect(await refusal(run(stage, { image: `${stage.registry.host}/test/none` }))).toMatchObject({
      code: "IMAGE_NOT_FOUND",
    });
  });

  test("an image that the registry does not have is IMAGE_NOT_FOUND", async (stage) => {
    const answer = await refusal(stage.main.runtime.pullImage(`${stage.registry.host}/test/none`));
    expect(answer).toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });

  test("an image for another platform is IMAGE_PLATFORM_MISMATCH, and says for which it is", async (stage) => {
    const reference = await stage.publish("test/foreign", {
      platforms: [{ os: "linux", architecture: "s390x", layers: [{ files: { hello: "hello" } }] }],
    });
    const answer = await refusal(stage.main.runtime.pullImage(reference));
    expect(answer).toMatchObject({ code: "IMAGE_PLATFORM_MISMATCH", hint: expect.stringContaining("linux/s390x") });
  });

  test("invalid references are INVALID_ARGUMENT", async (stage) => {
    for (const image of ["", "lower/UPPER", "a b", "x:y:z", "@", "http://x/y", `x@sha256:12`]) {
      expect(await refusal(run(stage, { image }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("invalid names are INVALID_ARGUMENT", async (stage) => {
    for (const name of ["", "../x", "a/b", "-x", ".x", "a\nb", "a\0b", "x".repeat(200), "ü"]) {
      expect(await refusal(run(stage, {}, name))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("invalid ports are INVALID_ARGUMENT", async (stage) => {
    for (const port of [
      { hostPort: 80_000, containerPort: 80 },
      { hostPort: 80, containerPort: 0 },
      { hostPort: -1, containerPort: 80 },
      { hostPort: 80, containerPort: 80, hostIp: "300.1.1.1" },
    ]) {
      expect(await refusal(run(stage, { portMappings: [port] }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("a port that a program of the host listens on is PORT_IN_USE", async (stage) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("no address");
    try {
      const answer = await refusal(run(stage, { portMappings: [{ hostPort: address.port, containerPort: 80 }] }));
      expect(answer).toMatchObject({ code: "PORT_IN_USE", message: expect.stringContaining(String(address.port)) });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test("a port that another container has is PORT_IN_USE, and names it", async (stage) => {
    const { runtime } = stage.main;
    const first = await runtime.run({
      meta: { name: "first" },
      config: { image: stage.busybox, args: ["sleep", "1000"], portMappings: [{ hostPort: 0, containerPort: 80 }] },
    });
    const hostPort = first.status.ports?.[0]?.hostPort ?? 0;
    const answer = await refusal(run(stage, { portMappings: [{ hostPort, containerPort: 80 }] }));
    expect(answer).toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(first.status.id.slice(0, 12)),
    });
    await runtime.delete("first");
  });

  test("mounts that cannot be are INVALID_ARGUMENT", async (stage) => {
    for (const mounts of [
      [{ type: "bind", source: "/does/not/exist", destination: "/x" }],
      [{ type: "bind", source: "relative", destination: "/x" }],
      [{ type: "bind", source: "/tmp", destination: "x" }],
      [{ type: "bind", source: "/tmp", destination: "/x/../y" }],
      [{ type: "tmpfs", destination: "/" }],
      [
        { type: "tmpfs", destination: "/x" },
        { type: "tmpfs", destination: "/x/" },
      ],
    ] as const) {
      expect(await refusal(run(stage, { mounts }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
  });

  test("users that cannot be are INVALID_ARGUMENT, unknown ones USER_NOT_FOUND", async (stage) => {
    for (const user of ["-1", "4294967296", "2147483648", "0x0", "1e3", "a:b:c", "007"]) {
      expect(await refusal(run(stage, { user }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    for (const user of ["stranger", "app:strangers"]) {
      expect(await refusal(run(stage, { user }))).toMatchObject({ code: "USER_NOT_FOUND" });
    }
  });

  test("a name in use is NAME_IN_USE, and names the owner", async (stage) => {
    const { runtime } = stage.main;
    const first = await runtime.run({
      meta: { name: "taken" },
      config: { image: stage.busybox, args: ["sleep", "1000"], network: "none" },
    });
    expect(await refusal(run(stage, {}, "taken"))).toMatchObject({
      code: "NAME_IN_USE",
      message: expect.stringContaining(first.status.id),
    });
    await runtime.delete("taken");
  });

  test("a command that is not in the image is COMMAND_NOT_FOUND", async (stage) => {
    for (const args of [["no-such-command"], ["/no/such/command"]]) {
      expect(await refusal(run(stage, { args }))).toMatchObject({ code: "COMMAND_NOT_FOUND" });
    }
  });

  test("a command that cannot be executed is COMMAND_NOT_EXECUTABLE", async (stage) => {
    for (const args of [["/etc/passwd"], ["/etc"]]) {
      expect(await refusal(run(stage, { args }))).toMatchObject({ code: "COMMAND_NOT_EXECUTABLE" });
    }
  });

  test("a plugin that is missing is PLUGIN_NOT_FOUND, and names it", async (stage) => {
    const empty = await mkdtemp(join(tmpdir(), "voiyd-plugins-"));
    const { host } = stage;
    await using network = createNetworkManager({
      confDir: host.confDir,
      cacheDir: host.cacheDir,
      netnsDir: host.netnsDir,
      binDirs: [empty],
      defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
    });
    await using runtime = createContainerdRuntime(stage.main.client, network, {
      logDirFmt: host.logDirFmt,
      stateDir: host.stateDir,
    });
    const answer = await refusal(
      runtime.run({ meta: { name: "bad" }, config: { image: stage.busybox, args: ["true"] } }),
    );
    await rm(empty, { recursive: true });
    expect(answer).toMatchObject({
      code: "PLUGIN_NOT_FOUND",
      message: expect.stringMatching(/plugin (bridge|host-local|portmap|firewall|tuning)/),
    });
  });

  test("a network that does not exist is NETWORK_NOT_FOUND", async (stage) => {
    expect(await refusal(run(stage, { network: "no-such-network" }))).toMatchObject({ code: "NETWORK_NOT_FOUND" });
  });

  test("labels that other tools act upon are refused", async (stage) => {
    for (const key of ["containerd.io/restart.status", "io.cri-containerd.kind", "nerdctl/name", "voiyd.io/phase"]) {
      const answer = await refusal(
        stage.main.runtime.run({
          meta: { name: "bad", labels: { [key]: "x" } },
          config: { image: stage.busybox, args: ["true"] },
        }),
      );
      expect(answer).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(key) });
    }
  });
});
