import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { findStaticBusybox } from "@voiyd/harness";
import { RUNTIME_ERROR_CODES } from "@voiyd/runtime-api";
import { refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { type HostileImage, HOSTILE_IMAGES } from "./hostile-images.js";

/** Images that are tried side by side. */
const AT_ONCE = 4;

/** Files of the host that an image would like to read, change or make. */
async function canaries(stage: Stage): Promise<unknown> {
  const folder = join(stage.directory, "canary");
  return {
    own: await readFile(join(folder, "file"), "utf8"),
    folder: await readdir(folder),
    shadow: (await stat("/etc/shadow")).mtimeMs,
    passwd: (await stat("/etc/passwd")).mtimeMs,
    etc: await readdir("/etc"),
    root: await readdir("/root"),
    made: (await readdir("/tmp")).filter((name) => name.includes("hostile")),
  };
}

async function outcomeOf(stage: Stage, image: HostileImage, index: number, busybox: string): Promise<string> {
  const { runtime } = stage.main;
  const name = `hostile-${String(index)}`;
  const reference = await stage.publish(`test/hostile-${String(index)}`, {
    layers: [
      { files: { proc: { directory: true }, sys: { directory: true }, dev: { directory: true } } },
      ...(image.files === undefined ? [] : [{ files: image.files }]),
    ],
    ...(image.config === undefined ? {} : { config: image.config }),
  });
  const attempt = async (): Promise<string> => {
    await runtime.pullImage(reference);
    await runtime.run({
      meta: { name },
      config: {
        image: reference,
        network: "none",
        entrypoint: [
          "/busybox",
          "sh",
          "-c",
          "/busybox touch /written; /busybox find / -xdev -name 'nothing' >/dev/null 2>&1; exit 0",
        ],
        mounts: [{ type: "bind", source: busybox, destination: "/busybox", readOnly: true }],
      },
    });
    await runtime.wait(name);
    await runtime.stop(name);
    return "runs";
  };
  let outcome = "";
  const error = await refusal(
    attempt().then((result) => {
      outcome = result;
    }),
  ).catch(() => undefined);
  await runtime.delete(name);
  if (outcome !== "") return outcome;
  const code: string = error?.code ?? "nothing";
  return RUNTIME_ERROR_CODES.some((known) => known === code)
    ? code
    : `an error that is not typed: ${error?.message ?? code}`;
}

await describeOnHost("images that were made to do harm", (test) => {
  test(
    "run harmlessly or are refused with a code, and the host is as it was",
    async (stage) => {
      const busybox = (await findStaticBusybox()) ?? "";
      await mkdir(join(stage.directory, "canary"));
      await writeFile(join(stage.directory, "canary/file"), "untouched");
      const before = await canaries(stage);
      expect(HOSTILE_IMAGES.length).toBeGreaterThanOrEqual(60);
      const outcomes: string[] = [];
      const left = HOSTILE_IMAGES.entries();
      const work = async (): Promise<void> => {
        for (const [index, image] of left)
          outcomes[index] = `${image.name}: ${await outcomeOf(stage, image, index, busybox)}`;
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      expect(outcomes).toEqual(HOSTILE_IMAGES.map(({ name, outcome }) => `${name}: ${outcome}`));
      expect(await canaries(stage)).toEqual(before);
      expect(await stage.main.runtime.list()).toEqual([]);
      for (const { name } of await stage.main.runtime.listImages())
        if (name.includes("/test/hostile-")) await stage.main.runtime.removeImage(name);
    },
    { timeoutMs: 600_000, keepsImages: true },
  );
});
