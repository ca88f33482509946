import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../command-line/parse.js";
import { readContainerRequest } from "./container-request.js";
import { RUN_OPTIONS } from "./run-options.js";

const FIXTURES = join(import.meta.dirname, "../../../runtime-containerd/fixtures/docker");

/** What `docker run` of Docker 28 takes. */
const OF_DOCKER =
  `add-host annotation attach blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile
  cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems detach
  detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops
  disable-content-trust dns dns-option dns-search domainname entrypoint env env-file expose gpus group-add health-cmd
  health-interval health-retries health-start-interval health-start-period health-timeout hostname init interactive
  io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory label label-file link link-local-ip log-driver log-opt
  mac-address memory memory-reservation memory-swap memory-swappiness mount name network network-alias no-healthcheck
  oom-kill-disable oom-score-adj pid pids-limit platform privileged publish publish-all pull quiet read-only restart rm
  runtime security-opt shm-size sig-proxy stop-signal stop-timeout storage-opt sysctl tmpfs tty ulimit use-api-socket user
  userns uts volume volume-driver volumes-from workdir`.split(/\s+/);
const OF_NERDCTL = `cgroup-conf cosign-certificate-identity cosign-certificate-identity-regexp
  cosign-certificate-oidc-issuer cosign-certificate-oidc-issuer-regexp cosign-key init-binary ipfs-address pidfile rdt-class
  rootfs systemd umask verify`.split(/\s+/);
/** Letters that stand for flags, by flag. */
const SHORT: Readonly<Record<string, string>> = {
  "cpu-shares": "c",
  detach: "d",
  env: "e",
  hostname: "h",
  label: "l",
  memory: "m",
  publish: "p",
  "publish-all": "P",
  quiet: "q",
  user: "u",
  volume: "v",
  workdir: "w",
};
/** Flags that come with what they are about: logs, restarts, health and platforms. */
const WITH_THEIR_SUBJECT = `log-driver log-opt restart health-cmd health-interval health-retries health-start-interval
  health-start-period health-timeout no-healthcheck platform`.split(/\s+/);

describe("the flags of docker run and nerdctl run", () => {
  test("are all known by the same names and letters", () => {
    const missing = [...OF_DOCKER, ...OF_NERDCTL].filter((flag) => !Object.hasOwn(RUN_OPTIONS, flag));
    expect(missing.filter((flag) => !WITH_THEIR_SUBJECT.includes(flag))).toEqual([]);
    for (const [flag, short] of Object.entries(SHORT))
      expect(`${flag} ${RUN_OPTIONS[flag]?.short}`).toBe(`${flag} ${short}`);
  });

  test("are all in the README, those that are refused too", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
    const missing = Object.keys(RUN_OPTIONS).filter(
      (flag) => !readme.includes(`--${flag.replace(/^cosign-.*/, "cosign-")}`),
    );
    expect(missing).toEqual([]);
  });

  test("have a help text that begins in lower case and fits a line", () => {
    for (const [flag, { help }] of Object.entries(RUN_OPTIONS)) {
      expect(`${flag}: ${help}`).toMatch(/^[a-z0-9-]+: [^A-Z.](?!.*\.$).{0,110}$|: (?:GPUs|CPUs) /);
    }
  });
});

interface Case {
  readonly name: string;
  readonly flags: readonly string[];
  readonly args?: readonly string[];
}

const { cases } = fixture("flags.json", (value): value is { readonly cases: readonly Case[] } => "cases" in value);
const configurations = fixture(
  "configurations.json",
  (value): value is Readonly<Record<string, object>> => "nothing" in value,
);

/** A recording is our own writing: only that it is the right one is checked. */
function fixture<Value>(name: string, isRight: (value: object) => value is Value & object): Value {
  const text = readFileSync(join(FIXTURES, name), "utf8").replaceAll("<work>", "/work");
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || !isRight(value)) throw new TypeError(`${name} is another file`);
  return value;
}

/** Beside this stands `docker.test.ts` of the runtime: what the configurations become, compared with what Docker makes of the flags. */
describe("what Docker was recorded with means the same here", () => {
  const sources = { env: {}, cwd: "/", readFile: (): Promise<string> => Promise.resolve("<custom>") };

  for (const { name, flags, args = [] } of cases) {
    test(name, async () => {
      const parsed = parseCommandLine([...flags, "plain", ...args], RUN_OPTIONS, { interspersed: false });
      const { request } = await readContainerRequest(parsed, "web", sources);
      expect(request.config).toEqual({ image: "plain", noNewPrivileges: false, ...configurations[name] });
    });
  }
});
