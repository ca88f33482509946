import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The first example of a README, as the program that a reader would make of it. */
async function exampleOf(readme: string): Promise<string> {
  const code = /```ts\n(?<code>[^]*?)```/.exec(await readFile(join(root, readme), "utf8"))?.groups?.["code"];
  if (code === undefined) throw new Error(`${readme} has no example`);
  return code;
}

/** The same program on the stage's host: other places, and an image that is there. Everything else is the reader's. */
function onStage(code: string, stage: Stage): string {
  const { host } = stage;
  const client = JSON.stringify({ address: host.address, namespace: "voiyd" });
  const network = JSON.stringify({
    confDir: host.confDir,
    cacheDir: host.cacheDir,
    netnsDir: host.netnsDir,
    binDirs: host.pluginDirs,
    defaultNetwork: { bridge: host.bridge, subnet: host.subnet, ipamDataDir: host.ipamDir },
  });
  const runtime = JSON.stringify({ logDirFmt: host.logDirFmt, stateDir: host.stateDir });
  return code
    .replace(/new ContainerdClient\([^)]*\)/, `new ContainerdClient(${client})`)
    .replace(/createNetworkManager\(\)/, `createNetworkManager(${network})`)
    .replace(/createContainerdRuntime\(client, network\)/, `createContainerdRuntime(client, network, ${runtime})`)
    .replaceAll(/"(?:docker\.io\/library\/)?(?:nginx|busybox|alpine)[^"]*"/g, JSON.stringify(stage.busybox))
    .replaceAll(/hostPort: \d+/g, "hostPort: 0");
}

/** Runs a module from a place where the packages are found; resolves with its exit code and what it wrote. */
async function runModule(code: string): Promise<{ code: number | null; output: string }> {
  const file = join(root, "e2e", "programs", `readme-${process.pid}.mjs`);
  await writeFile(file, code);
  try {
    const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    return await new Promise((resolve) => child.once("close", (exit) => resolve({ code: exit, output })));
  } finally {
    await rm(file);
  }
}

await describeOnHost("the first example", (test) => {
  for (const readme of ["README.md", "packages/runtime-containerd/README.md", "packages/containerd-client/README.md"]) {
    test(
      `of ${readme} runs, ends, and leaves nothing`,
      async (stage) => {
        const result = await runModule(onStage(await exampleOf(readme), stage));
        expect(result).toMatchObject({ code: 0 });
      },
      // The example may remove the image again that the stage has pulled.
      { keepsImages: true },
    );
  }
});
