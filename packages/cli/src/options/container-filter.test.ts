import { describe, expect, test } from "@jest/globals";
import { fakeContainer } from "../testing/fake-container.js";
import { parseContainerFilters } from "./container-filter.js";

const web = fakeContainer(
  {
    meta: { name: "web-1", labels: { app: "shop", empty: "" } },
    config: {
      image: "nginx",
      mounts: [
        { type: "volume", name: "data", destination: "/var/lib/data" },
        { type: "bind", source: "/srv/www", destination: "/www" },
      ],
    },
  },
  {
    ports: [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 53, hostPort: 5353, protocol: "udp" },
    ],
    health: { status: "healthy", failingStreak: 0, log: [] },
  },
);

function fits(...filters: readonly string[]): boolean {
  return parseContainerFilters(filters).fits(web);
}

describe("the filters of ps", () => {
  test.each<[string, boolean]>([
    ["name=web", true],
    ["name=eb-", true],
    ["name=^web-1$", true],
    ["name=^/web-1$", true],
    ["name=^web$", false],
    ["name=w.*1", true],
    ["id=aaaa", true],
    ["id=b", false],
    ["label=app", true],
    ["label=app=shop", true],
    ["label=app=sho", false],
    ["label=toString", false],
    ["label=empty=", true],
    ["status=running", true],
    ["status=exited", false],
    ["exited=0", false],
    ["health=healthy", true],
    ["health=none", false],
    ["volume=data", true],
    ["volume=/var/lib/data", true],
    ["volume=/var/lib/data/", true],
    ["volume=/www", true],
    ["volume=/srv/www", true],
    ["volume=dat", false],
    ["publish=8080", true],
    ["publish=8080/tcp", true],
    ["publish=8080/udp", false],
    ["publish=80", false],
    ["publish=8000-8100", true],
    ["publish=5000-6000/udp", true],
    ["publish=8081-8090", false],
  ])("%s is %j", (filter, expected) => {
    expect(fits(filter)).toBe(expected);
  });

  test("of one key any value may fit, of labels and of several keys all have to", () => {
    expect(fits("name=other", "name=web")).toBe(true);
    expect(fits("status=exited", "status=running")).toBe(true);
    expect(fits("label=app", "label=empty")).toBe(true);
    expect(fits("label=app", "label=other")).toBe(false);
    expect(fits("name=web", "id=b")).toBe(false);
  });

  test("what has ended is known by its exit code, and publishes nothing any more", () => {
    const ended = fakeContainer(
      { meta: { name: "job" }, config: { image: "x" } },
      { phase: "exited", exitCode: 3, ports: [{ containerPort: 80, hostPort: 8080 }] },
    );
    expect(parseContainerFilters(["exited=3"]).fits(ended)).toBe(true);
    expect(parseContainerFilters(["exited=0"]).fits(ended)).toBe(false);
    expect(parseContainerFilters(["health=none"]).fits(ended)).toBe(true);
    expect(parseContainerFilters(["publish=8080"]).fits(ended)).toBe(false);
  });

  test.each<[Parameters<typeof fakeContainer>[1], string]>([
    [{ phase: "exited", restartAt: new Date(0) }, "restarting"],
    [{ phase: "exited" }, "exited"],
    [{ phase: "deleting" }, "removing"],
    [{ phase: "created" }, "created"],
    [{ phase: "paused" }, "paused"],
    [{ phase: "unknown" }, "unknown"],
  ])("%j is %s to Docker's users", (status, word) => {
    const container = fakeContainer({ meta: { name: "job" }, config: { image: "x" } }, status);
    expect(parseContainerFilters([`status=${word}`]).fits(container)).toBe(true);
    expect(parseContainerFilters(["status=running"]).fits(container)).toBe(false);
  });

  test.each<[string, boolean]>([
    ["status=running", true],
    ["exited=1", true],
    ["name=x", false],
    ["ancestor=x", false],
  ])("%s means what has ended, too: %j", (filter, expected) => {
    expect(parseContainerFilters([filter]).withEnded).toBe(expected);
  });

  test.each([
    "web",
    "=web",
    "foo=bar",
    "status=up",
    "status=",
    "health=well",
    "exited=none",
    "name=(",
    "label=",
    "label==x",
    "publish=http",
    "publish=90-80",
    "publish=70000",
    "publish=80/icmp",
  ])("%j is refused", (text) => {
    expect(() => parseContainerFilters([text])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("what is refused is told with what there is", () => {
    expect(() => parseContainerFilters(["is-task=true"])).toThrow(
      expect.objectContaining({
        hint: "--filter must be one of ancestor, before, exited, health, id, label, name, network, publish, since, status, volume, each with a value",
      }),
    );
  });
});
