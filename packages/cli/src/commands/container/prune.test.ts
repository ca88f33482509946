import { describe, expect, test } from "@jest/globals";
import { type DiskUsageReport, RuntimeError } from "@voiyd/runtime-api";
import { CREATED, fakeContainer } from "../../testing/fake-container.js";
import { fakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.js";
import { FakeSurroundings } from "../../testing/fake-surroundings.js";
import type { CommandRuntime } from "../command.js";

const config = { image: "a:1" };
const running = fakeContainer({ meta: { name: "web" }, config });
const old = fakeContainer({ meta: { name: "old", labels: { app: "web" } }, config }, { phase: "exited" }, "b");
const made = fakeContainer({ meta: { name: "made" }, config }, { phase: "created" }, "c");
const restarting = fakeContainer({ meta: { name: "again" }, config }, { phase: "exited", restartAt: CREATED }, "d");

const usage: DiskUsageReport = {
  images: [],
  imageBytes: 0,
  reclaimableImageBytes: 0,
  containers: [old, made].map(({ meta, status }) => ({
    name: meta.name,
    id: status.id,
    image: "a:1",
    created: CREATED,
    active: false,
    layerBytes: 100,
    logBytes: 200,
    fileBytes: 300,
    keptBytes: 400,
    volumes: [],
  })),
  volumes: [],
  cache: [],
  orphans: [],
};

function host(overrides: Partial<CommandRuntime> = {}): [FakeSurroundings, FakeRuntime] {
  const fake = fakeRuntime([running, old, made, restarting], {
    diskUsage: () => Promise.resolve(usage),
    ...overrides,
  });
  return [new FakeSurroundings(fake.runtime), fake];
}

describe("container prune", () => {
  test("removes what is stopped, and says which and what that has brought", async () => {
    const [around, fake] = host();
    expect(await around.main("container", "prune", "-f")).toBe(0);
    expect(around.stdout.text).toBe(
      `Deleted Containers:\n${old.status.id}\n${made.status.id}\n\nTotal reclaimed space: 2kB\n`,
    );
    expect(fake.calls).toEqual(["delete bbbb", "delete cccc"]);
  });

  test("removes what fits the filters alone", async () => {
    const [around, fake] = host();
    expect(await around.main("container", "prune", "--force", "--filter", "label=app", "--filter", "until=1m")).toBe(0);
    expect(fake.calls).toEqual(["delete bbbb"]);
    const [other, none] = host();
    expect(await other.main("container", "prune", "--force", "--filter", "label=none")).toBe(0);
    expect(other.stdout.text).toBe("Total reclaimed space: 0B\n");
    expect(none.calls).toEqual([]);
  });

  test.each([
    ["y\n", ["delete bbbb", "delete cccc"]],
    ["n\n", []],
    ["", []],
  ])("on a terminal asks, and takes %j", async (answer, calls) => {
    const [around, fake] = host();
    around.stdin.isTTY = true;
    around.stdin.typed.push(new TextEncoder().encode(answer));
    expect(await around.main("container", "prune")).toBe(0);
    expect(around.stdout.text).toContain("all stopped containers");
    expect(fake.calls).toEqual(calls);
  });

  test("does not begin where nobody can be asked, and with a filter that it does not know", async () => {
    const [around, fake] = host();
    expect(await around.main("container", "prune")).toBe(1);
    expect(around.stderr.text).toContain("--force");
    expect(await around.main("container", "prune", "-f", "--filter", "status=exited")).toBe(1);
    expect(around.stderr.text).toContain("--filter");
    expect(fake.calls).toEqual([]);
  });

  test("leaves a container that was started meanwhile, and goes on after a failure", async () => {
    const [around, fake] = host({ get: () => Promise.resolve(running) });
    expect(await around.main("container", "prune", "-f")).toBe(0);
    expect(fake.calls).toEqual([]);
    const [failing] = host({
      delete: (ref) =>
        ref === old.status.id ? Promise.reject(new RuntimeError("DATA_LOSS", "it is stuck")) : Promise.resolve(),
    });
    expect(await failing.main("container", "prune", "-f")).toBe(1);
    expect(failing.stderr.text).toContain("it is stuck");
    expect(failing.stdout.text).toBe(`Deleted Containers:\n${made.status.id}\n\nTotal reclaimed space: 1kB\n`);
  });
});
