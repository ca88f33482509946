import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { errorMessage } from "../plugin/error-code.js";
import { decodeRecord } from "../record/decode-record.js";
import { HostSandbox, hostTestObstacle, pluginDir } from "../testing/host-sandbox.js";
import type { NetworkManagerOptions } from "./options.js";

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
  function cnitool(command: string, confDir = host.path("net.d")): string {
    const script = [
      "mount -t tmpfs tmpfs /var/lib",
      "mkdir /var/lib/cni",
      `mount --bind '${host.makeDir("cache")}' /var/lib/cni`,
      `exec '${join(folder, "cnitool")}' ${command} voiyd '${namespace}'`,
    ].join(" && ");
    const variables = [
      `CNI_PATH=${pluginDir() ?? ""}`,
      `NETCONFPATH=${confDir}`,
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

  describe("and lean mode", () => {
    const lean = (): NetworkManagerOptions => ({ defaultNetwork: { ...host.options.defaultNetwork, mode: "lean" } });
    const isPort = (line: string): boolean => line.startsWith("nft ");
    const isRecord = (line: string): boolean => line.startsWith("record ");

    test("removes one with the list of its record but for its ports, which recover takes back", async () => {
      const [attached] = await host.run([["attach", { containerId, portMappings: ports }]], lean());
      expect(attached?.error).toBeUndefined();
      const published = left().filter(isPort);
      expect(published).not.toEqual([]);
      const record = readFileSync(host.path("cache", "results", `voiyd-${containerId}-eth0`), "utf8");
      host.write("recorded.d/10-voiyd.conflist", decodeRecord(record)?.config ?? "");
      cnitool("del", host.path("recorded.d"));
      // The interface, the address and the record are gone; what no plugin has made no plugin removes.
      expect(left()).toEqual(published);
      const other = { containerId: "voiyd-other", portMappings: ports };
      const steps = [
        ["attach", other],
        ["recover", {}],
        ["attach", other],
      ] as const;
      const [refused, recovered, again] = await host.run(steps, lean());
      const owner = `container ${containerId}`;
      expect([refused?.error?.code, refused?.error?.details["owner"]]).toEqual(["PORT_IN_USE", owner]);
      expect([recovered?.error, again?.error]).toEqual([undefined, undefined]);
      await expectDetached("voiyd-other", containerId);
    });

    test("frees the interface and the address of one with the list on the disk, and detach removes the rest", async () => {
      await host.run([["attach", { containerId, portMappings: ports }]], lean());
      // The bridge plugin is told to masquerade there: some releases complain that it has not, when all is done.
      const complaint = failureOf(() => cnitool("del"));
      expect(complaint).toMatch(/^$|Chain 'CNI-[0-9a-f]+' does not exist/);
      expect(left().filter((line) => !isPort(line) && !isRecord(line))).toEqual([]);
      await expectDetached(containerId);
    });

    async function expectDetached(...ids: readonly string[]): Promise<void> {
      const answers = await host.run([...ids.map((id) => ["detach", id] as const), ["recover", {}]], lean());
      expect(answers.map(({ error }) => error)).toEqual([...ids, ""].map(() => undefined));
      expect(host.inventory()).toEqual([]);
    }
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

/** What an operation complains of; empty when it succeeds. */
function failureOf(operation: () => unknown): string {
  try {
    operation();
    return "";
  } catch (error) {
    return errorMessage(error);
  }
}
