import { chmodSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { HostSandbox, hostTestObstacle, pluginDir } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: real plugins that fail: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

const PLUGINS = ["bridge", "portmap", "firewall", "tuning"] as const;
const containerId = "voiyd-a";
const attach = { containerId, portMappings: [{ hostPort: 8080, containerPort: 80 }] };

/** Before or after the real plugin has done its work. */
const WAYS = {
  "fails before its work": "exit 1",
  "fails after its work": `"$real" <&3 >/dev/null; echo '{"code":101,"msg":"no luck"}'; exit 1`,
  "is killed after its work": `"$real" <&3 >/dev/null; kill -KILL $$`,
  "hangs after its work": `"$real" <&3 >/dev/null; sleep 3600`,
} as const;

describeHost("real plugins that fail", () => {
  let host: HostSandbox;
  let bin: string;
  beforeEach(() => {
    host = new HostSandbox();
    bin = host.makeDir("bin");
    const real = pluginDir() ?? "";
    for (const plugin of readdirSync(real)) symlinkSync(join(real, plugin), join(bin, plugin));
  });
  afterEach(() => host.remove());

  /** Folders in which one plugin does not do, at one command, what it should. */
  function spoiled(
    command: "ADD" | "DEL",
    plugin: string,
    way: keyof typeof WAYS,
  ): { readonly binDirs: readonly string[] } {
    const dir = host.makeDir(`spoiled-${command}`);
    const file = join(dir, plugin);
    const script = `#!/bin/sh\nreal='${join(bin, plugin)}'\nexec 3<&0\n[ "$CNI_COMMAND" = ${command} ] || exec "$real" <&3\n${WAYS[way]}\n`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
    return { binDirs: [dir, bin] };
  }

  /** What is left beside the namespace, which an attach leaves to detach. */
  const leftOfAttach = (): readonly string[] =>
    host.inventory().filter((line) => !/^(?:namespace|maker) |\/netns\//.test(line));

  const CASES = PLUGINS.flatMap((plugin) =>
    (["fails after its work", "is killed after its work", "hangs after its work"] as const).map(
      (way) => [plugin, way] as const,
    ),
  );
  test.each(CASES)("%s %s at ADD: a typed error, and nothing is left", async (plugin, way) => {
    const hangs = way === "hangs after its work";
    const [attached] = await host.run([["attach", attach]], {
      ...spoiled("ADD", plugin, way),
      timeouts: { graceMs: 0, ...(hangs ? { attachMs: 5000 } : {}) },
    });
    expect(attached?.error?.code).toBe(hangs ? "TIMEOUT" : "NETWORK_SETUP_FAILED");
    if (!hangs) expect(attached?.error?.details).toMatchObject({ plugin, command: "ADD", containerId });
    expect(leftOfAttach()).toEqual([]);
    // The same container attaches as if nothing had been.
    const again = await host.run([
      ["attach", attach],
      ["detach", containerId],
    ]);
    expect(again.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(host.inventory()).toEqual([]);
  });

  test.each(
    PLUGINS.flatMap((plugin) =>
      (["fails before its work", "is killed after its work"] as const).map((way) => [plugin, way] as const),
    ),
  )("%s %s at DEL: what it has not removed is removed all the same", async (plugin, way) => {
    await host.run([["attach", attach]]);
    const [detached] = await host.run([["detach", containerId]], spoiled("DEL", plugin, way));
    expect(detached).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  });
});
