import { describe, expect, test } from "@jest/globals";
import { fakeContainer } from "../testing/fake-container.js";
import { fakeRuntime } from "../testing/fake-runtime.js";
import { FakeSurroundings } from "../testing/fake-surroundings.js";
import { COMMANDS } from "./table.js";

/** What `docker help`, and the help of its groups, tell of containers, images, networks and the host. */
const DOCKERS: readonly string[] = [
  ...[
    "attach",
    "commit",
    "cp",
    "create",
    "diff",
    "events",
    "exec",
    "export",
    "history",
    "images",
    "info",
    "inspect",
    "kill",
  ],
  ...[
    "load",
    "login",
    "logout",
    "logs",
    "pause",
    "port",
    "ps",
    "pull",
    "push",
    "rename",
    "restart",
    "rm",
    "rmi",
    "run",
  ],
  ...["save", "start", "stats", "stop", "tag", "top", "unpause", "update", "version", "wait"],
  ...[
    "attach",
    "commit",
    "cp",
    "create",
    "diff",
    "exec",
    "export",
    "inspect",
    "kill",
    "list",
    "logs",
    "ls",
    "pause",
    "port",
  ].map((name) => `container ${name}`),
  ...["prune", "ps", "remove", "rename", "restart", "rm", "run", "start", "stats", "stop", "top", "unpause"].map(
    (name) => `container ${name}`,
  ),
  ...["update", "wait"].map((name) => `container ${name}`),
  ...["history", "inspect", "list", "load", "ls", "prune", "pull", "push", "remove", "rm", "save", "tag"].map(
    (name) => `image ${name}`,
  ),
  ...["connect", "create", "disconnect", "inspect", "list", "ls", "prune", "remove", "rm"].map(
    (name) => `network ${name}`,
  ),
  ...["df", "events", "info", "prune"].map((name) => `system ${name}`),
];

describe("Docker's names for commands", () => {
  test("are all there", () => {
    const names = new Set(COMMANDS.map(({ name }) => name));
    expect(DOCKERS.filter((name) => !names.has(name))).toEqual([]);
  });

  test("stand in the usage lines of the commands that they lead to", async () => {
    for (const { name, load } of COMMANDS.filter(({ name }) => !name.startsWith("__"))) {
      expect((await load()).usage).toMatch(new RegExp(`^${name}(?: [^a-z]|$)`));
    }
  });

  test("container inspect shows no images", async () => {
    const around = new FakeSurroundings(
      fakeRuntime([fakeContainer({ meta: { name: "web" }, config: { image: "nginx" } })]).runtime,
    );
    expect(await around.main("container", "inspect", "web")).toBe(0);
    expect(await around.main("container", "inspect", "nginx")).toBe(1);
    expect(around.stderr.text).toBe('voiyd: there is no container "nginx"\n');
    expect(await around.main("inspect", "nginx")).toBe(0);
  });
});
