import { describe, expect, test } from "@jest/globals";
import type { DiskUsageReport } from "@voiyd/runtime-api";
import { CREATED, fakeContainer } from "../../testing/fake-container.js";
import { fakeNetwork, fakeNetworkInfo } from "../../testing/fake-network.js";
import { fakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.js";
import { FakeSurroundings } from "../../testing/fake-surroundings.js";
import type { CommandRuntime } from "../command.js";

const usage: DiskUsageReport = {
  images: [
    {
      name: "docker.io/library/a:1",
      digest: "sha256:aaaa",
      created: CREATED,
      bytes: 3000,
      sharedBytes: 1000,
      containers: ["web"],
    },
    {
      name: "docker.io/library/b:1",
      digest: "sha256:bbbb",
      created: CREATED,
      bytes: 2000,
      sharedBytes: 1000,
      containers: [],
    },
  ],
  imageBytes: 4000,
  reclaimableImageBytes: 1000,
  containers: [
    {
      name: "web",
      id: "a".repeat(64),
      image: "docker.io/library/a:1",
      created: CREATED,
      active: true,
      layerBytes: 10,
      logBytes: 20,
      fileBytes: 30,
      keptBytes: 0,
      volumes: ["data"],
    },
    {
      name: "old",
      id: "b".repeat(64),
      image: "docker.io/library/a:1",
      created: CREATED,
      active: false,
      layerBytes: 100,
      logBytes: 200,
      fileBytes: 300,
      keptBytes: 400,
      volumes: [],
    },
  ],
  volumes: [
    { name: "data", bytes: 50, containers: ["web"] },
    { name: "spare", bytes: 70, containers: [] },
  ],
  cache: [{ kind: "ingest", subject: "layer-1", bytes: 5, meaning: "half written" }],
  orphans: [{ kind: "log", subject: "/logs/gone", bytes: 7, meaning: "no container has this name any more" }],
};

const web = fakeContainer({ meta: { name: "web" }, config: { image: "a:1" } });
const old = fakeContainer(
  { meta: { name: "old" }, config: { image: "a:1" } },
  { phase: "exited", exitCode: 0, exitedAt: CREATED },
  "b",
);

function host(overrides: Partial<CommandRuntime> = {}): [FakeSurroundings, FakeRuntime, unknown[][]] {
  const fake = fakeRuntime([web, old], {
    diskUsage: () => Promise.resolve(usage),
    pruneImages: ({ dryRun = false, without = [] } = {}) =>
      Promise.resolve({
        removed: [{ name: `image-without-${String(without.length)}`, digest: "d", reason: "no container uses it" }],
        kept: [],
        reclaimedBytes: dryRun ? 1000 : 900,
      }),
    pruneVolumes: () =>
      Promise.resolve({ removed: [{ name: "spare", reason: "no container uses it", bytes: 70 }], kept: [] }),
    ...overrides,
  });
  const { network, calls } = fakeNetwork([
    fakeNetworkInfo({ name: "busy", containers: [`voiyd-${web.status.id}`] }),
    fakeNetworkInfo({ name: "idle", containers: [`voiyd-${old.status.id}`] }),
    fakeNetworkInfo({ name: "foreign", isOwn: false }),
  ]);
  return [new FakeSurroundings(fake.runtime, network), fake, calls];
}

describe("system df", () => {
  test("has Docker's table, and a row for what is nobody's", async () => {
    const [around] = host();
    expect(await around.main("system", "df")).toBe(0);
    expect(around.stdout.text.split("\n").map((line) => line.replace(/ {2,}/g, "|"))).toEqual([
      "TYPE|TOTAL|ACTIVE|SIZE|RECLAIMABLE",
      "Images|2|1|4kB|1kB (25%)",
      "Containers|2|1|1.06kB|1kB (94%)",
      "Local Volumes|2|1|120B|70B (58%)",
      "Cache|1|1|5B|0B (0%)",
      "Orphans|1|0|7B|7B (100%)",
      "",
    ]);
  });

  test("with -v shows each by itself, and says why what is nobody's is there", async () => {
    const [around] = host();
    expect(await around.main("system", "df", "-v")).toBe(0);
    const lines = around.stdout.text.split("\n").map((line) => line.replace(/ {2,}/g, "|"));
    expect(lines).toContain("a|1|aaaa|5 minutes ago|3kB|1kB|2kB|1");
    expect(lines).toContain(`${"b".repeat(12)}|docker.io/library/a:1|0|1kB|500B|200B|300B|5 minutes ago|idle|old`);
    expect(lines).toContain("spare|0|70B");
    expect(lines).toContain("log|7B|no container has this name any more|/logs/gone");
  });

  test("is JSON where it is wanted: Docker's rows, or all of it", async () => {
    const [around] = host();
    expect(await around.main("system", "df", "--format", "json")).toBe(0);
    const rows = around.stdout.text
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(rows[1]).toEqual({
      Type: "Containers",
      TotalCount: "2",
      Active: "1",
      Size: "1.06kB",
      Reclaimable: "1kB (94%)",
      Bytes: 1060,
      ReclaimableBytes: 1000,
    });
    const [verbose] = host();
    expect(await verbose.main("system", "df", "-v", "--format", "json")).toBe(0);
    expect(JSON.parse(verbose.stdout.text)).toEqual(JSON.parse(JSON.stringify(usage)));
  });
});

describe("system prune", () => {
  const plan = [
    "  container old (exited (0) 5 minutes ago)",
    "  network idle (no container is on it)",
    "  image image-without-1 (no container uses it)",
  ];

  test("says what it would remove and why, as it will be when the containers are gone", async () => {
    const [around, fake, calls] = host();
    expect(await around.main("system", "prune", "--dry-run")).toBe(0);
    expect(around.stdout.text.trimEnd().split("\n")).toEqual(["Would remove:", ...plan, "Would reclaim: 2kB"]);
    expect([fake.calls, calls]).toEqual([[], []]);
  });

  test.each([
    ["y\n", true],
    ["yes\n", true],
    ["\n", false],
    ["nay\n", false],
    ["", false],
  ])("on a terminal asks, and takes %j for %j", async (answer, agreed) => {
    const [around, fake, calls] = host();
    around.stdin.isTTY = true;
    around.stdin.typed.push(new TextEncoder().encode(answer));
    expect(await around.main("system", "prune")).toBe(0);
    expect(around.stdout.text).toContain(
      ["This will remove:", ...plan, "To be reclaimed: 2kB", "Go on? [y/N] "].join("\n"),
    );
    expect([fake.calls, calls]).toEqual(agreed ? [["delete bbbb"], [["remove", "idle"]]] : [[], []]);
  });

  test("does not begin where nobody can be asked", async () => {
    const [around, fake] = host();
    expect(await around.main("system", "prune")).toBe(1);
    expect(around.stderr.text).toContain("--force");
    expect(fake.calls).toEqual([]);
  });

  test("with -f asks nobody, and says what is gone and what that has brought", async () => {
    const [around] = host();
    expect(await around.main("system", "prune", "-f", "--volumes")).toBe(0);
    expect(around.stdout.text.trimEnd().split("\n")).toEqual([
      "Removed: container old",
      "Removed: network idle",
      "Removed: volume spare",
      "Removed: image image-without-0",
      "Total reclaimed space: 1.97kB",
    ]);
  });

  test.each<[string, string[], readonly string[] | undefined]>([
    ["until=24h", [], []],
    ["until=1m", ["container old"], ["docker.io/library/busybox:latest"]],
    ["label=app", [], []],
    ["label!=app", ["container old", "network idle"], ["docker.io/library/busybox:latest"]],
  ])("with --filter %s removes %j", async (filter, expected, images) => {
    const only: unknown[] = [];
    const [around] = host({
      listImages: async () => [
        { name: "docker.io/library/busybox:latest", digest: "sha256:1", mediaType: "m", created: CREATED },
      ],
      pruneImages: async (options) => {
        only.push(options?.only);
        return { removed: [], kept: [], reclaimedBytes: 0 };
      },
    });
    expect([await around.main("system", "prune", "-f", "--filter", filter), around.stderr.text]).toEqual([0, ""]);
    expect(around.stdout.text.trimEnd().split("\n").slice(0, -1)).toEqual(expected.map((what) => `Removed: ${what}`));
    expect(only).toEqual([images, images]);
  });

  test.each([
    [["--filter", "colour=red"], "--filter"],
    [["--filter", "until=1h", "--volumes"], "--filter and --volumes exclude each other"],
  ])("%j is refused, and nothing is removed", async (options, problem) => {
    const [around, fake] = host();
    expect(await around.main("system", "prune", "-f", ...options)).toBe(1);
    expect(around.stderr.text).toContain(problem);
    expect(fake.calls).toEqual([]);
  });

  test("leaves a container that was started meanwhile", async () => {
    const [around, fake] = host({ get: () => Promise.resolve(web) });
    expect(await around.main("system", "prune", "-f")).toBe(0);
    expect(fake.calls).toEqual([]);
    expect(around.stdout.text).not.toContain("container old");
  });
});
