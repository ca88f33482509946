import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle } from "./testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: the example of the README: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

describeHost("the README's first example", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  test("runs as it stands, with the folders of a test", () => {
    const code = /```ts\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
    const main = resolve("dist/esm/index.js");
    expect([
      code.includes('"@voiyd/networking-cni"'),
      code.includes("createNetworkManager()"),
      existsSync(main),
    ]).toEqual([true, true, true]);
    const program = code
      .replace('"@voiyd/networking-cni"', JSON.stringify(main))
      .replace("createNetworkManager()", `createNetworkManager(${JSON.stringify(host.options)})`);
    writeFileSync(host.path("example.mjs"), program);
    expect(host.host(process.execPath, host.path("example.mjs"))).toBe(
      `10.99.0.2 ${host.path("netns", "voiyd-web")}\n`,
    );
    expect(host.inventory()).toEqual([]);
  });
});
