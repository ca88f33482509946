import { describe, expect, test } from "@jest/globals";
import { type Container, RuntimeError } from "@voiyd/runtime-api";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeNetwork } from "../testing/fake-network.js";
import { fakeRuntime, type FakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 11, minute));

const db = fakeContainer(
  { meta: { name: "db", created: at(1) }, config: { image: "postgres:16", network: "back" } },
  { phase: "exited", exitCode: 1 },
  "d",
);
const web = fakeContainer({ meta: { name: "web", created: at(2) }, config: { image: "nginx" } }, {}, "e");
const job = fakeContainer(
  {
    meta: { name: "job", created: at(3) },
    config: { image: "docker.io/library/busybox:1", networks: [{ name: "front" }] },
  },
  { phase: "paused" },
  "f",
);
const ALL: readonly Container[] = [db, web, job];

async function names(argv: readonly string[], overrides: Parameters<typeof fakeRuntime>[1] = {}): Promise<string> {
  const attached = {
    containerId: `voiyd-${web.status.id}`,
    namespacePath: "",
    ports: [],
    interfaces: [{ name: "eth1", network: "front", addresses: [] }],
  };
  const { network } = fakeNetwork([], { list: () => Promise.resolve([attached]) });
  const around = new FakeSurroundings(fakeRuntime(ALL, overrides).runtime, network);
  expect([await around.main("ps", ...argv), around.stderr.text]).toEqual([0, ""]);
  return around.stdout.text
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ").at(-1) ?? "")
    .join(" ");
}

const images: Partial<FakeRuntime["runtime"]> = {
  listImages: async () =>
    [
      ["docker.io/library/nginx:latest", "1"],
      ["docker.io/library/proxy:2", "1"],
      ["docker.io/library/busybox:1", "2"],
    ].map(([name = "", digit = ""]) => ({
      name,
      digest: `sha256:${digit.repeat(64)}`,
      mediaType: "m",
      created: at(0),
    })),
};

describe("ps", () => {
  test.each<[string[], string]>([
    [[], "job web"],
    [["-a"], "job web db"],
    [["-l"], "job"],
    [["--latest", "-f", "name=b"], "job"],
    [["-n", "2"], "job web"],
    [["-n", "3"], "job web db"],
    [["-n", "1", "-f", "name=db"], "db"],
    [["--last=-1"], "job web"],
    [["--last", "0"], "job web"],
    [["--filter", "name=b"], "job web"],
    [["-af", "name=b"], "job web db"],
    [["-f", "status=exited"], "db"],
    [["-f", "exited=1"], "db"],
    [["-f", "before=job"], "web"],
    [["-af", "before=job"], "web db"],
    [["-f", "since=db"], "job web"],
    [["-a", "-f", "since=db", "-f", "before=job"], "web"],
    [["-f", "network=default"], "web"],
    [["-f", "network=front"], "job web"],
    [["-af", "network=back"], "db"],
  ])("%j shows %j", async (argv, expected) => {
    expect(await names(argv)).toBe(expected);
  });

  test.each<[string, string]>([
    ["ancestor=nginx", "web"],
    ["ancestor=nginx:latest", "web"],
    ["ancestor=proxy:2", "web"],
    ["ancestor=busybox", ""],
    ["ancestor=busybox:1", "job"],
    ["ancestor=2222222", "job"],
    ["ancestor=sha256:2222222", "job"],
    // The image may be gone.
    ["ancestor=postgres:16", "db"],
  ])("%s shows %j, whatever the image is called", async (filter, expected) => {
    expect(await names(["-a", "-f", filter], images)).toBe(expected);
  });

  test("a container to compare with has to be there", async () => {
    const around = new FakeSurroundings(fakeRuntime(ALL).runtime);
    expect(await around.main("ps", "-f", "before=nothing")).toBe(1);
    expect(around.stderr.text).toBe('voiyd: there is no container "nothing"\n');
  });

  test.each([
    ["-f", "colour=red"],
    ["-n", "many"],
  ])("%j %j is refused before anybody is asked", async (...argv) => {
    const around = new FakeSurroundings(fakeRuntime(ALL).runtime);
    expect(await around.main("ps", ...argv)).toBe(1);
    expect(around.stderr.text).toContain("is not valid");
    expect(around.composed).toEqual([]);
  });

  describe("--size", () => {
    const sized: Parameters<typeof fakeRuntime>[1] = {
      diskUsage: async () => ({
        images: [],
        imageBytes: 0,
        reclaimableImageBytes: 0,
        containers: ALL.map(({ meta, status, config }) => ({
          name: meta.name,
          id: status.id,
          image: config.image,
          created: meta.created,
          active: true,
          layerBytes: 2_500,
          logBytes: 7,
          fileBytes: 7,
          keptBytes: 7,
          volumes: [],
        })),
        volumes: [],
        cache: [],
        orphans: [],
      }),
    };
    const details = (unpackedSize: number | undefined): Parameters<typeof fakeRuntime>[1] => ({
      ...sized,
      inspectImage: async (name) => {
        if (name === "nginx") throw new RuntimeError("IMAGE_NOT_FOUND", "gone");
        const found = await fakeRuntime().runtime.inspectImage(name);
        const layer = { digest: "d", diffId: "i", mediaType: "m", size: 1, isPresent: true };
        return {
          ...found,
          layers: [
            { ...layer, ...(unpackedSize === undefined ? {} : { unpackedSize }) },
            { ...layer, unpackedSize: 500 },
          ],
        };
      },
    });

    test("shows what was written, and what is seen in all where that is known", async () => {
      const around = new FakeSurroundings(fakeRuntime([web, job], details(4_000_000)).runtime);
      expect(await around.main("ps", "-s")).toBe(0);
      const [header, ...lines] = around.stdout.text.split("\n");
      expect(header).toMatch(/NAMES +SIZE$/);
      expect(lines[0]).toMatch(/ job +2\.5kB \(virtual 4MB\)$/);
      expect(lines[1]).toMatch(/ web +2\.5kB$/);
    });

    test("and in the objects of --format json", async () => {
      const around = new FakeSurroundings(fakeRuntime([job], details(undefined)).runtime);
      expect(await around.main("ps", "-s", "--format", "json")).toBe(0);
      expect(JSON.parse(around.stdout.text)).toMatchObject({ Names: "job", Size: "2.5kB" });
    });

    test("is not measured where nobody would see it", async () => {
      const fake = fakeRuntime([job]);
      const around = new FakeSurroundings(fake.runtime);
      expect(await around.main("ps", "-sq")).toBe(0);
      expect(around.stdout.text).toBe(`${"f".repeat(12)}\n`);
      expect(fake.calls).toEqual([]);
    });
  });
});
