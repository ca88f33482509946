import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { isJsonObject, objectAt, parseJson } from "../protocol/json.js";
import { HostSandbox, hostTestObstacle } from "../testing/host-sandbox.js";

const obstacle = hostTestObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped: after a reboot: ${obstacle}\n`);
const describeHost = obstacle === undefined ? describe : describe.skip;

jest.setTimeout(300_000);

const ports = (hostPort: number): object => ({ portMappings: [{ hostPort, containerPort: 80 }] });

/** Changes what stands in the records under our key. */
function changeStates(host: HostSandbox, change: (state: object | undefined) => object | undefined): void {
  const dir = host.path("cache", "results");
  for (const file of readdirSync(dir)) {
    const record = parseJson(readFileSync(`${dir}/${file}`, "utf8"));
    if (!isJsonObject(record)) throw new Error(`${file} is no record`);
    writeFileSync(`${dir}/${file}`, JSON.stringify({ ...record, voiyd: change(objectAt(record, "voiyd")) }));
  }
}

/** What a reboot takes: namespaces, interfaces, rules. Records and addresses that are given out stay. */
function reboot(host: HostSandbox): void {
  for (const file of readdirSync(host.path("netns"))) execFileSync("umount", ["-l", host.path("netns", file)]);
  rmSync(host.path("netns"), { recursive: true });
  rmSync(host.path("netns-makers"), { recursive: true });
  host.host("ip", "link", "delete", "vtest0");
  host.host("nft", "flush", "ruleset");
  changeStates(host, (state) => ({ ...state, bootId: "an-earlier-boot" }));
}

describeHost.each(["plugins", "lean"] as const)("after a reboot, in mode %s", (mode) => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox({}, mode);
  });
  afterEach(() => host.remove());

  test("recover frees what the earlier boot had given out", async () => {
    await host.run(
      ["a", "b"].map((id, index) => ["attach", { containerId: `voiyd-${id}`, ...ports(8080 + index) }] as const),
    );
    reboot(host);
    expect(host.inventory().filter((line) => line.startsWith("lease "))).toHaveLength(4);
    const [recovered, again] = await host.run([
      ["recover", {}],
      ["recover", {}],
    ]);
    expect(recovered?.value).toEqual({ undone: ["voiyd-a", "voiyd-b"], adopted: [], lost: [], failed: [] });
    expect(again?.value).toEqual({ undone: [], adopted: [], lost: [], failed: [] });
    expect(host.inventory()).toEqual([]);
  });

  test("the same containers are attached anew, also without recover, and to no address twice", async () => {
    const attach = ["a", "b"].map(
      (id, index) => ["attach", { containerId: `voiyd-${id}`, ...ports(8080 + index) }] as const,
    );
    await host.run(attach);
    reboot(host);
    const answers = await host.run(attach);
    expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(host.inventory().filter((line) => line.startsWith("lease "))).toHaveLength(4);
    await host.run([
      ["detach", "voiyd-a"],
      ["detach", "voiyd-b"],
    ]);
    expect(host.inventory()).toEqual([]);
  });
});

describeHost("a pid that another process has now", () => {
  let host: HostSandbox;
  beforeEach(() => {
    host = new HostSandbox();
  });
  afterEach(() => host.remove());

  test.each(["the host", "another container"])(
    "%s keeps its eth0 when a record of another program names the pid's namespace",
    async (whose) => {
      host.host("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "up0");
      const answers = await host.run([
        ["attach", { containerId: "voiyd-other" }],
        ["attach", { containerId: "voiyd-a", ...ports(8080) }],
      ]);
      expect(answers.map(({ error }) => error)).toEqual([undefined, undefined]);
      const net = whose === "the host" ? `/run/netns/${host.name}` : host.path("netns", "voiyd-other");
      const process = spawn("nsenter", [`--net=${net}`, "sh", "-c", "echo up; exec sleep 3600"], { stdio: "pipe" });
      await once(process.stdout, "data");
      try {
        // As a client of libcni would have left it: the namespace of a process that has ended, its pid taken by another.
        const file = host.path("cache", "results", "voiyd-voiyd-a-eth0");
        const record = parseJson(readFileSync(file, "utf8"));
        if (!isJsonObject(record)) throw new Error("no record");
        const { voiyd: ours, ...foreign } = record;
        expect(ours).toBeDefined();
        writeFileSync(file, JSON.stringify({ ...foreign, netns: `/proc/${String(process.pid)}/ns/net` }));
        execFileSync("umount", ["-l", host.path("netns", "voiyd-a")]);
        expect(await host.run([["detach", "voiyd-a"]])).toEqual([{ value: null }]);
        expect(host.host("nsenter", `--net=${net}`, "ip", "-o", "link", "show", "eth0")).toContain("eth0");
        expect(await host.run([["check", "voiyd-other"]])).toEqual([{ value: null }]);
      } finally {
        process.kill("SIGKILL");
      }
      await host.run([["detach", "voiyd-other"]]);
      expect(host.inventory().filter((line) => !/eth0|up0/.test(line))).toEqual([]);
    },
  );
});
