import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { errorMessage } from "../plugin/error-code.js";
import { HostSandbox, hostTestObstacle, pluginDir } from "../testing/host-sandbox.js";

const CNITOOL = "github.com/containernetworking/cni/cnitool@v1.3.0";
const folder = mkdtempSync(join(tmpdir(), "voiyd-cnitool-"));
const obstacle = hostTestObstacle() ?? buildCnitool();
if (obstacle !== undefined) process.stderr.write(`skipped: cnitool beside us: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds libcni's own command line; says why that is not possible. */
function buildCnitool(): string | undefined {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/go/bin"];
  const go = dirs.map((dir) => join(dir, "go")).find((file) => existsSync(file));
  if (go === undefined) return "needs Go, to build it";
  try {
    const env = { ...process.env, GOBIN: folder, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false" };
    execFileSync(go, ["install", CNITOOL], { env, stdio: "pipe", timeout: 300_000 });
    return undefined;
  } catch (error) {
    return `it cannot be built: ${errorMessage(error)}`;
  }
}

describeHost("cnitool", () => {
  let host: HostSandbox;
  /** What cnitool calls the namespace; it forms the container's id from it, so both have to agree. */
  let namespace: string;
  let containerId: string;
  beforeEach(() => {
    host = new HostSandbox();
    namespace = host.path("container");
    containerId = `cnitool-${createHash("sha512").update(namespace).digest("hex").slice(0, 20)}`;
    symlinkSync(host.path("netns", containerId), namespace);
  });
  afterEach(() => host.remove());

  const ports = [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }];

  /** Runs cnitool on this host; its fixed folder of records is ours, in a mount namespace of its own. */
  function cnitool(command: string): string {
    const script = [
      "mount -t tmpfs tmpfs /var/lib",
      "mkdir /var/lib/cni",
      `mount --bind '${host.makeDir("cache")}' /var/lib/cni`,
      `exec '${join(folder, "cnitool")}' ${command} voiyd '${namespace}'`,
    ].join(" && ");
    const variables = [
      `CNI_PATH=${pluginDir() ?? ""}`,
      `NETCONFPATH=${host.path("net.d")}`,
      `CAP_ARGS=${JSON.stringify({ portMappings: ports })}`,
      "CNI_ARGS=IgnoreUnknown=1",
    ];
    return host.host("env", ...variables, "unshare", "--mount", "sh", "-c", script);
  }

  const left = (): readonly string[] =>
    host.inventory().filter((line) => !/^(?:namespace|maker) |\/netns\//.test(line));

  test("removes an attachment that was made here, and nothing is left of it", async () => {
    const [attached] = await host.run([["attach", { containerId, portMappings: ports }]]);
    expect(attached?.error).toBeUndefined();
    expect(left()).not.toEqual([]);
    cnitool("del");
    expect(left()).toEqual([]);
    const [detached] = await host.run([["detach", containerId]]);
    expect(detached).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  });

  test("makes an attachment that is listed here, and can be detached", async () => {
    await host.run([
      ["attach", { containerId: "voiyd-first" }],
      ["detach", "voiyd-first"],
      ["prepare", containerId],
    ]);
    cnitool("add");
    const [listed] = await host.run([["list", {}]]);
    expect(listed?.value).toMatchObject([{ containerId, interfaces: [{ name: "eth0", network: "voiyd" }], ports: [] }]);
    expect(readdirSync(host.path("cache", "results"))).toEqual([`voiyd-${containerId}-eth0`]);
    const [detached] = await host.run([["detach", containerId]]);
    expect(detached).toEqual({ value: null });
    expect(host.inventory()).toEqual([]);
  });
});
