import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig, ContainerRequest } from "@voiyd/runtime-api";
import { parseCommandLine } from "../command-line/parse.js";
import { readContainerRequest } from "./container-request.js";
import { RUN_OPTIONS } from "./run-options.js";

const sources = {
  env: { TERM: "dumb" },
  cwd: "/home/ada",
  readFile: (path: string): Promise<string> =>
    path === "a.env" ? Promise.resolve("FROM_FILE=1\n") : Promise.reject(new Error("ENOENT")),
};

function read(...args: readonly string[]): Promise<ContainerRequest> {
  return readContainerRequest(parseCommandLine(args, RUN_OPTIONS, { interspersed: false }), "web", sources);
}

const plain: ContainerConfig = { image: "nginx", noNewPrivileges: false };

describe("the request of a run command line", () => {
  test.each<[string[], Partial<ContainerConfig>]>([
    [[], {}],
    [
      ["-e", "A=1", "-e", "TERM", "-e", "ABSENT"],
      {
        envvars: [
          { name: "A", value: "1" },
          { name: "TERM", value: "dumb" },
        ],
      },
    ],
    [["--env-file", "a.env"], { envvars: [{ name: "FROM_FILE", value: "1" }] }],
    [["-v", "./x:/y:ro"], { mounts: [{ type: "bind", source: "/home/ada/x", destination: "/y", readOnly: true }] }],
    [["--tmpfs", "/t:size=1m"], { mounts: [{ type: "tmpfs", destination: "/t", size: 1_048_576 }] }],
    [["-p", "80"], { portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }] }],
    [["-u", "ada:users"], { user: "ada:users" }],
    [["-w", "/srv"], { workingDir: "/srv" }],
    [["--entrypoint", "sh"], { entrypoint: ["sh"] }],
    [["--entrypoint", ""], { entrypoint: [] }],
    [["-h", "box"], { hostname: "box" }],
    [["--privileged"], { privileged: true }],
    [["--privileged=false"], {}],
    [["--cap-add", "net_admin", "--cap-drop", "ALL"], { capabilities: { add: ["net_admin"], drop: ["ALL"] } }],
    [["--cap-drop", "ALL"], { capabilities: { drop: ["ALL"] } }],
    [["--net", "host"], { network: "host" }],
    [
      ["-m", "512m", "--cpus", "1.5", "--pids-limit", "100"],
      { resources: { memory: 536_870_912, cpus: 1.5, pids: 100 } },
    ],
    [["--pids-limit", "0"], { resources: { pids: -1 } }],
    [["--pids-limit", "-1"], { resources: { pids: -1 } }],
    [["--read-only"], { readOnlyRootfs: true }],
    [["--security-opt", "no-new-privileges"], { noNewPrivileges: true }],
    [["--stop-signal", "INT", "--stop-timeout", "3"], { stopSignal: "INT", stopTimeoutMs: 3000 }],
  ])("%j", async (options, expected) => {
    expect(await read(...options, "nginx")).toEqual({
      meta: { name: "web", labels: {} },
      config: { ...plain, ...expected },
    });
  });

  test("what follows the image belongs to the container", async () => {
    const { config } = await read("-d", "nginx", "-d", "--name", "x", "--", "-e");
    expect(config).toEqual({ ...plain, args: ["-d", "--name", "x", "--", "-e"] });
  });

  test("labels", async () => {
    expect((await read("-l", "a=1", "--label", "b", "nginx")).meta.labels).toEqual({ a: "1", b: "" });
  });

  test.each<[string[], string]>([
    [["-m", "1m"], "resources.memory"],
    [["--cpus", "many"], "--cpus"],
    [["--env-file", "b.env"], "--env-file: b.env cannot be read: ENOENT"],
    [["-l", "voiyd.io/name=x"], "labels"],
    [["-p", "80:80", "-p", "80:81"], "portMappings[1].hostPort"],
    [["--net", "host", "-p", "80"], "portMappings"],
    [["-u", "0:0:0"], "user"],
    [["-w", "srv"], "workingDir"],
    [["-v", "/a:b"], "mounts[0].destination"],
    [["--cap-add", "FLY"], "capabilities"],
    [["--stop-signal", "SIGFOO"], "stopSignal"],
  ])("%j is refused, by name", async (options, name) => {
    await expect(read(...options, "nginx")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining(name),
    });
  });
});
