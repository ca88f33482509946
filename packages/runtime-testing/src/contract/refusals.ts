import type { Container, ContainerConfig, ContainerRequest, RuntimeErrorCode } from "@voiyd/runtime-api";
import { LABEL_MAX_BYTES, NAME_MAX_LEN } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith } from "./rejections.js";
import type { Promised, Stage } from "./stage.js";

const BAD_NAMES = [
  "",
  ".",
  "..",
  "-dash",
  "_line",
  "a/b",
  "../up",
  "a b",
  "a\nb",
  "a\0",
  "ä",
  "x".repeat(NAME_MAX_LEN + 1),
];

const BAD_LABELS: readonly (readonly [string, string])[] = [
  ["", "no key"],
  ["voiyd/name", "ours"],
  ["voiyd.io/phase", "ours"],
  ["containerd.io/restart.loguri", "binary:///bin/sh"],
  ["big", "x".repeat(LABEL_MAX_BYTES)],
];

const BAD_CONFIGS: Readonly<Record<string, Partial<ContainerConfig>>> = {
  "an empty image": { image: "" },
  "an image that is no reference": { image: "not an image" },
  "an image with a host option in it": { image: "../../etc/passwd" },
  "an argument with NUL": { args: ["a\0b"] },
  "an entrypoint with NUL": { entrypoint: ["a\0b"] },
  "a variable without a name": { envvars: [{ name: "", value: "x" }] },
  "a variable with = in its name": { envvars: [{ name: "A=B", value: "x" }] },
  "a variable with NUL in its value": { envvars: [{ name: "A", value: "x\0y" }] },
  "a relative working directory": { workingDir: "tmp" },
  "a hostname with a space": { hostname: "a b" },
  "a mount on a relative path": { mounts: [{ type: "tmpfs", destination: "data" }] },
  "a mount on the root": { mounts: [{ type: "tmpfs", destination: "/" }] },
  "a mount with ..": { mounts: [{ type: "tmpfs", destination: "/a/../../b" }] },
  "two mounts at one place": {
    mounts: [
      { type: "tmpfs", destination: "/a" },
      { type: "tmpfs", destination: "/a/" },
    ],
  },
  "a bind mount from a relative path": { mounts: [{ type: "bind", source: "data", destination: "/data" }] },
  "a container port of 0": { network: "default", portMappings: [{ containerPort: 0, hostPort: 8080 }] },
  "a host port above 65535": { network: "default", portMappings: [{ containerPort: 80, hostPort: 65536 }] },
  "one host port twice": {
    network: "default",
    portMappings: [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 81, hostPort: 8080 },
    ],
  },
  "ports without a network": { network: "none", portMappings: [{ containerPort: 80, hostPort: 8080 }] },
  "a host address that is none": {
    network: "default",
    portMappings: [{ containerPort: 80, hostPort: 8080, hostIp: "localhost" }],
  },
  "a uid that wraps around": { user: "4294967296" },
  "a user with three parts": { user: "a:b:c" },
  "a capability that does not exist": { capabilities: { add: ["CAP_EVERYTHING"] } },
  "a network that is a path": { network: "../net" },
  "too little memory": { resources: { memory: 1024 } },
  "no CPU": { resources: { cpus: 0 } },
  "a signal that does not exist": { stopSignal: "SIGNAL" },
  "a negative stop timeout": { stopTimeoutMs: -1 },
};

/** What is wrong with a request is said before anything is made, and what goes wrong later leaves nothing. */
export function refusalsContract(promised: Promised): void {
  for (const [description, config] of Object.entries(BAD_CONFIGS)) {
    promised(`INVALID_ARGUMENT for ${description}`, async (stage) => {
      await leavesNothing(stage, "INVALID_ARGUMENT", stage.request(stage.harness.programs.sleepForever, config));
    });
  }

  promised("INVALID_ARGUMENT for each bad name", async (stage) => {
    for (const name of BAD_NAMES) {
      const { config } = stage.request(stage.harness.programs.sleepForever);
      await leavesNothing(stage, "INVALID_ARGUMENT", { meta: { name }, config });
    }
  });

  promised("INVALID_ARGUMENT for each bad label", async (stage) => {
    for (const label of BAD_LABELS) {
      const labels = Object.fromEntries([label]);
      await leavesNothing(
        stage,
        "INVALID_ARGUMENT",
        stage.request(stage.harness.programs.sleepForever, {}, { labels }),
      );
    }
  });

  promised("INVALID_ARGUMENT for a version that it does not know", async (stage) => {
    const request = { ...stage.request(stage.harness.programs.sleepForever), version: "container/v999" };
    await leavesNothing(stage, "INVALID_ARGUMENT", request);
  });

  promised("INVALID_ARGUMENT keeps secrets to itself", async (stage) => {
    const request = stage.request(stage.harness.programs.sleepForever, {
      envvars: [{ name: "A", value: "hunter2\0" }],
    });
    const error = await rejectsWith("INVALID_ARGUMENT", stage.runtime.run(request));
    assertSame(JSON.stringify([error.message, error.hint, error.details]).includes("hunter2"), false);
  });

  promised("IMAGE_NOT_FOUND for an image that has not been pulled", async (stage) => {
    const { missingImage, programs } = stage.harness;
    await leavesNothing(stage, "IMAGE_NOT_FOUND", stage.request(programs.sleepForever, { image: missingImage }));
  });

  promised("IMAGE_PLATFORM_MISMATCH for an image that is here for another platform", async (stage) => {
    const { programs } = stage.harness;
    const platform = "linux/nobody-has-it";
    await leavesNothing(stage, "IMAGE_PLATFORM_MISMATCH", stage.request(programs.sleepForever, { platform }));
  });

  promised("COMMAND_NOT_FOUND for a command that is not in the image", async (stage) => {
    const { commandThatDoesNotExist } = stage.harness.programs;
    await leavesNothing(stage, "COMMAND_NOT_FOUND", stage.request(commandThatDoesNotExist));
  });

  promised("COMMAND_NOT_EXECUTABLE for something that is no program", async (stage) => {
    const { commandThatIsNotExecutable } = stage.harness.programs;
    await leavesNothing(stage, "COMMAND_NOT_EXECUTABLE", stage.request(commandThatIsNotExecutable));
  });

  promised("USER_NOT_FOUND for a user that is not in the image", async (stage) => {
    const { sleepForever } = stage.harness.programs;
    await leavesNothing(stage, "USER_NOT_FOUND", stage.request(sleepForever, { user: "nosuchuser" }));
  });

  promised("NAME_IN_USE for the name of another container, and tells whose", async (stage) => {
    const { harness, runtime } = stage;
    const owner = await stage.run(harness.programs.sleepForever);
    const { config } = owner;
    const error = await rejectsWith("NAME_IN_USE", runtime.run({ meta: { name: owner.meta.name }, config }), [
      owner.meta.name,
    ]);
    assertSame(JSON.stringify(error.details).includes(owner.status.id), true, "the details hold the owner's id");
    assertSame(idsOf(await runtime.list()), [owner.status.id]);
    assertSame((await runtime.get(owner.meta.name)).status.phase, "running");
  });

  promised("NAME_IN_USE for the name of a container that has exited", async (stage) => {
    const owner = await stage.runToItsEnd(stage.harness.programs.exitWith(3));
    await rejectsWith("NAME_IN_USE", stage.runtime.run({ meta: { name: owner.meta.name }, config: owner.config }));
    assertSame((await stage.runtime.get(owner.meta.name)).status.exitCode, 3);
  });

  promised("a name stays free when its run has failed", async (stage) => {
    const { commandThatDoesNotExist, sleepForever } = stage.harness.programs;
    const failing = stage.request(commandThatDoesNotExist);
    await leavesNothing(stage, "COMMAND_NOT_FOUND", failing);
    const container = await stage.runtime.run({ ...failing, config: { ...failing.config, args: sleepForever } });
    assertSame(container.status.phase, "running");
  });
}

async function leavesNothing(stage: Stage, code: RuntimeErrorCode, request: ContainerRequest): Promise<void> {
  const before = idsOf(await stage.runtime.list());
  await rejectsWith(code, stage.runtime.run(request));
  assertSame(idsOf(await stage.runtime.list()), before, "the refused container left something");
}

function idsOf(containers: readonly Container[]): string[] {
  return containers.map(({ status }) => status.id).sort();
}
