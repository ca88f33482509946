import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { timed } from "../measure/timed.js";
import { ctr, removeCtrContainer } from "../peers/ctr.js";
import { engineRun } from "../peers/engine-run.js";
import { findProgram, runProgram } from "../peers/program.js";
import type { Contender, Contest, MissingPeer, Scale, Scenario } from "../scenario.js";
import type { Stage } from "../stage/stage.js";

const PACKAGE = dirname(createRequire(import.meta.url).resolve("@voiyd/cli/package.json"));

export const PROGRAM: string = join(PACKAGE, "bin", "voiyd.cjs");

function node(stage: Stage, name: string, role: Contender["role"], args: readonly string[]): Contender {
  return { name, role, sample: () => timed(() => runProgram(process.execPath, args, stage)) };
}

/** The command as a single file; built, unless it is there and of today's program. */
async function singleFile(): Promise<string> {
  await runProgram(process.execPath, ["executable/build.mjs", "--if-needed"], { env: process.env, cwd: PACKAGE });
  return join(PACKAGE, "dist", "voiyd");
}

/** Who says a version, beside us. */
async function versionPeers(stage: Stage): Promise<Pick<Contest, "contenders" | "missing">> {
  const contenders: Contender[] = [];
  const missing: MissingPeer[] = [];
  for (const name of ["docker", "podman", "nerdctl", "ctr"]) {
    const path = await findProgram(name);
    if (path === undefined) missing.push({ name, why: "not installed" });
    else
      contenders.push({
        name: `${name} --version`,
        role: "peer",
        sample: () => timed(() => runProgram(path, ["--version"], stage)),
      });
  }
  return { contenders, missing };
}

export const cliVersion: Scenario = {
  name: "cli-version",
  title: "`voiyd --version`",
  unit: "ms",
  rounds: 25,
  targets: [{ against: "node -e 0", atMost: 1.3 }],
  async open(stage) {
    const { contenders, missing } = await versionPeers(stage);
    return {
      contenders: [
        node(stage, "voiyd --version", "ours", [PROGRAM, "--version"]),
        node(stage, "node -e 0", "floor", ["-e", "0"]),
        ...contenders,
      ],
      missing,
      close: async () => undefined,
    };
  },
};

export const cliVersionSingle: Scenario = {
  name: "cli-version-single",
  title: "`voiyd --version`, as a single file",
  unit: "ms",
  rounds: 25,
  targets: [{ against: "docker --version", atMost: 1 }],
  async open(stage) {
    const file = await singleFile();
    const { contenders, missing } = await versionPeers(stage);
    return {
      contenders: [
        { name: "voiyd --version", role: "ours", sample: () => timed(() => runProgram(file, ["--version"], stage)) },
        node(stage, "the same, on Node.js", "peer", [PROGRAM, "--version"]),
        node(stage, "node -e 0", "floor", ["-e", "0"]),
        ...contenders,
      ],
      missing,
      close: async () => undefined,
    };
  },
};

/** Runs containers that do nothing; resolves with how to remove them. */
async function runSleepers(stage: Stage, count: number): Promise<() => Promise<void>> {
  const names = Array.from({ length: count }, (_, index) => `ps-${index}`);
  for (const name of names) {
    await stage.runtime.run({
      meta: { name },
      config: { image: stage.busybox, args: ["sleep", "3600"], network: "none" },
    });
  }
  return async () => {
    await Promise.all(names.map((name) => stage.runtime.delete(name)));
  };
}

/** Who lists containers, beside us: with `ctr`, ours; else their own. */
async function listPeers(stage: Stage): Promise<Pick<Contest, "contenders" | "missing">> {
  const { ready, missing } = await stage.engines();
  const ctr = ["--address", stage.host.address, "--namespace", "voiyd", "tasks", "ls"];
  return {
    contenders: [
      { name: "ctr tasks ls", role: "peer", sample: () => timed(() => runProgram("ctr", ctr, stage)) },
      ...ready.map(({ name, path }): Contender => ({
        name: `${name} ps`,
        role: "peer",
        sample: () => timed(() => runProgram(path, ["ps"], stage)),
      })),
    ],
    missing,
  };
}

export const cliPs: Scenario = {
  name: "cli-ps",
  title: "`voiyd ps` with 100 containers",
  unit: "ms",
  rounds: 25,
  targets: [{ against: "node -e 0", atMost: 2 }],
  async open(stage, scale: Scale) {
    const close = await runSleepers(stage, scale.pick(100, 2));
    const { contenders, missing } = await listPeers(stage);
    return {
      contenders: [
        node(stage, "voiyd ps", "ours", [PROGRAM, "ps"]),
        node(stage, "node -e 0", "floor", ["-e", "0"]),
        ...contenders,
      ],
      missing,
      close,
    };
  },
};

export const cliPsSingle: Scenario = {
  name: "cli-ps-single",
  title: "`voiyd ps` with 100 containers, as a single file",
  unit: "ms",
  rounds: 25,
  targets: [{ against: "docker ps", atMost: 1.5 }],
  async open(stage, scale: Scale) {
    const file = await singleFile();
    const close = await runSleepers(stage, scale.pick(100, 2));
    const { contenders, missing } = await listPeers(stage);
    return {
      contenders: [
        { name: "voiyd ps", role: "ours", sample: () => timed(() => runProgram(file, ["ps"], stage)) },
        node(stage, "the same, on Node.js", "peer", [PROGRAM, "ps"]),
        node(stage, "node -e 0", "floor", ["-e", "0"]),
        ...contenders,
      ],
      missing,
      close,
    };
  },
};

export const cliRun: Scenario = {
  name: "cli-run",
  title: "`voiyd run -d`, with the default network and a port, as a command",
  unit: "ms",
  rounds: 9,
  targets: ["docker", "podman", "nerdctl"].map((name) => ({ against: `${name} run -d`, atMost: 0.8 })),
  async open(stage) {
    const { ready, missing } = await stage.engines();
    const engines = ready.map((engine) => engineRun(stage, engine, ["-p", "80"]));
    let number = 0;
    const run = ["run", "-d", "--pull", "never", "-p", "80"];
    return {
      contenders: [
        {
          name: "voiyd run -d",
          role: "ours",
          async sample() {
            const name = `command-${number++}`;
            const args = [PROGRAM, ...run, "--name", name, stage.busybox, "sleep", "3600"];
            const milliseconds = await timed(() => runProgram(process.execPath, args, stage));
            await stage.runtime.delete(name);
            return milliseconds;
          },
        },
        {
          name: "ctr run -d (no network)",
          role: "peer",
          async sample() {
            const id = `command-ctr-${number++}`;
            const milliseconds = await timed(() =>
              ctr(stage, "run", "-d", "--null-io", stage.busybox, id, "sleep", "3600"),
            );
            await removeCtrContainer(stage, id);
            return milliseconds;
          },
        },
        ...engines,
      ],
      missing,
      close: async () => undefined,
    };
  },
};
