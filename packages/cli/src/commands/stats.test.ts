import { describe, expect, test } from "@jest/globals";
import type { ContainerStats, StatsOptions } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeOutput, FakeSurroundings } from "../testing/fake-surroundings.js";

const web = fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } });
const job = fakeContainer(
  { meta: { name: "job" }, config: { image: "busybox" } },
  { phase: "exited", exitCode: 0, exitedAt: new Date(0) },
  "b",
);
const measured: ContainerStats = {
  id: web.status.id,
  name: "web",
  time: new Date(0),
  cpuPercent: 12.345,
  cpuTotalNs: 5n,
  memoryUsage: 3 * 1024 * 1024,
  memoryLimit: 2 ** 30,
  pids: 4,
  network: { receivedBytes: 1016, sentBytes: 866 },
  disk: { readBytes: 0, writtenBytes: 8_190_000 },
};

function host(): [FakeSurroundings, StatsOptions[]] {
  const asked: StatsOptions[] = [];
  const { runtime } = fakeRuntime([web, job], {
    stats: async function* (options = {}) {
      asked.push(options);
      yield [measured];
      yield [measured];
    },
  });
  return [new FakeSurroundings(runtime), asked];
}

const ROW = "aaaaaaaaaaaa   web    12.35%   3MiB / 1GiB         0.29%   1.02kB / 866B   0B / 8.19MB   4";

describe("stats", () => {
  test("shows what runs, as Docker does", async () => {
    const [around, asked] = host();
    expect(await around.main("stats", "--no-stream")).toBe(0);
    expect(around.stdout.text).toBe(
      ["CONTAINER ID   NAME   CPU %    MEM USAGE / LIMIT   MEM %   NET I/O         BLOCK I/O     PIDS", ROW, ""].join(
        "\n",
      ),
    );
    expect(asked).toEqual([{ signal: expect.any(AbortSignal) }]);
  });

  test("goes on, on a terminal in the same place", async () => {
    const [around] = host();
    around.stdout = new FakeOutput(true);
    expect(await around.main("stats")).toBe(0);
    expect(around.stdout.text.split("\u001b[H\u001b[J")).toHaveLength(3);
  });

  test("-a, or a name, shows those that do not run too", async () => {
    const [around] = host();
    await around.main("stats", "-a", "--no-stream", "--no-trunc");
    expect(around.stdout.text).toMatch(/^b{64} +job +0\.00% +0B \/ 0B +0\.00% +0B \/ 0B +0B \/ 0B +0$/m);
    const [named, asked] = host();
    await named.main("stats", "--no-stream", "job", "web");
    expect(named.stdout.text).toMatch(/^bbbbbbbbbbbb +job/m);
    expect(asked).toEqual([{ containers: ["job", "web"], signal: expect.any(AbortSignal) }]);
  });

  test("is what a template says, for --format with one", async () => {
    const [around] = host();
    await around.main("stats", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.NetIO}}");
    expect(around.stdout.text).toBe("web 12.35% 1.02kB / 866B\n");
    const [table] = host();
    table.stdout = new FakeOutput(true);
    await table.main("stats", "--format", "table {{.Name}}\\t{{.PIDs}}");
    expect(table.stdout.text.split("\u001b[H\u001b[J")).toEqual([
      "",
      "NAME   PIDS\nweb    4\n",
      "NAME   PIDS\nweb    4\n",
    ]);
  });

  test("is an object on each line for --format json", async () => {
    const [around] = host();
    await around.main("stats", "--no-stream", "--format", "json");
    expect(JSON.parse(around.stdout.text)).toMatchObject({
      Name: "web",
      CPUPerc: "12.35%",
      PIDs: "4",
      NetIO: "1.02kB / 866B",
    });
  });
});
