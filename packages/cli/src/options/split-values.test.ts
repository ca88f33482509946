import { describe, expect, test } from "@jest/globals";
import { type ContainerConfig, RuntimeError } from "@voiyd/runtime-api";
import { parseCommandLine } from "../command-line/parse.js";
import { readContainerRequest } from "./container-request.js";
import { RUN_OPTIONS } from "./run-options.js";

const sources = { env: {}, cwd: "/", readFile: (): Promise<string> => Promise.resolve("") };

async function configOf(...flags: readonly string[]): Promise<ContainerConfig> {
  const parsed = parseCommandLine([...flags, "image"], RUN_OPTIONS, { interspersed: false });
  return (await readContainerRequest(parsed, "web", sources)).request.config;
}

describe("several values in one, as nerdctl takes them, are what the flag given several times is", () => {
  test.each([
    ["--dns", "1.1.1.1", "8.8.8.8"],
    ["--dns-search", "one.example", "two.example"],
    ["--dns-opt", "ndots:2", "rotate"],
    ["--publish", "8080:80", "127.0.0.1:9000-9001:90-91/udp"],
    ["--add-host", "a:10.0.0.1", "b:::1"],
    ["--device", "/dev/null", "/dev/zero:/dev/z:r"],
    ["--ulimit", "nofile=1024:2048", "core=0"],
    ["--cap-add", "NET_ADMIN", "SYS_TIME"],
    ["--cap-drop", "CHOWN", "KILL"],
    ["--group-add", "video", "20"],
    ["--network", "front", "back"],
  ])("%s %s,%s", async (flag, one, other) => {
    expect(await configOf(flag, `${one},${other}`)).toEqual(await configOf(flag, one, flag, other));
  });

  test.each([
    ["--cap-add", "NET_ADMIN,"],
    ["--dns", "1.1.1.1,,8.8.8.8"],
    ["--dns", '"1.1.1.1'],
    ["--publish", "80,"],
    ["--network", "front,,back"],
  ])("%s %s has a value that is none, and is refused", async (flag, text) => {
    await expect(configOf(flag, text)).rejects.toBeInstanceOf(RuntimeError);
  });
});

test("a comma in a variable, a label or a file's name stays where it is", async () => {
  const parsed = parseCommandLine(["-e", "A=1,2", "-l", "b=3,4", "image"], RUN_OPTIONS, { interspersed: false });
  const { request } = await readContainerRequest(parsed, "web", sources);
  expect(request.config.envvars).toEqual([{ name: "A", value: "1,2" }]);
  expect(request.meta.labels).toEqual({ b: "3,4" });
});

test("--gpus may be given several times", async () => {
  const { devices } = await configOf("--gpus", "device=0", "--gpus", "device=1");
  expect(devices).toEqual([{ cdi: "nvidia.com/gpu=0" }, { cdi: "nvidia.com/gpu=1" }]);
});
