import { expect } from "@jest/globals";
import { findStaticBusybox, hostArchitecture, type PlatformSpec } from "@voiyd/harness";
import { output, voiyd } from "../cli/voiyd.js";
import { busyboxMount } from "../fixture/bare-image.js";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";

const HOST = `linux/${hostArchitecture()}`;
const FOREIGN = hostArchitecture() === "arm64" ? "linux/amd64" : "linux/arm64";

/** An image that says for which platform it is. It has no program, so that no emulator is needed. */
function publish(stage: Stage, name: string, ...platforms: readonly string[]): Promise<string> {
  return stage.publish(name, {
    platforms: platforms.map((text): PlatformSpec => {
      const [os = "", architecture = ""] = text.split("/");
      return {
        os,
        architecture,
        layers: [
          {
            files: {
              ...{ proc: { directory: true }, sys: { directory: true }, dev: { directory: true } },
              "is-for": `${text}\n`,
            },
          },
        ],
        config: { env: [`IS_FOR=${text}`] },
      };
    }),
  });
}

const SAY = "/busybox cat /is-for; /busybox echo $IS_FOR";

await describeOnHost("the platform that a container asks for", (test) => {
  test("is the one whose files and configuration it has, and the host's where it asks for none", async (stage) => {
    const { runtime } = stage.main;
    const image = await publish(stage, "test/both", HOST, FOREIGN);
    await runtime.pullImage(image, { allPlatforms: true });
    const mounts = [await busyboxMount()];
    for (const [name, platform] of [
      ["plain", undefined],
      ["host", HOST],
      ["foreign", FOREIGN],
      ["short", FOREIGN.slice("linux/".length)],
    ] as const) {
      const config = { image, network: "none", mounts, args: ["/busybox", "sh", "-c", SAY] };
      await runtime.run({ meta: { name }, config: platform === undefined ? config : { ...config, platform } });
      try {
        const expected = name === "foreign" || name === "short" ? FOREIGN : HOST;
        expect(await outputOf(runtime, name)).toEqual({ stdout: `${expected}\n${expected}\n`, stderr: "" });
      } finally {
        await runtime.delete(name);
      }
    }
    expect((await runtime.inspectImage(image)).config.env).toEqual([`IS_FOR=${HOST}`]);
    const foreign = await runtime.inspectImage(image, { platform: FOREIGN });
    expect(foreign).toMatchObject({ platform: FOREIGN, config: { env: [`IS_FOR=${FOREIGN}`] } });
    await runtime.removeImage(image);
  });

  test("is an error where the image is here for another one, or nobody has it", async (stage) => {
    const { runtime } = stage.main;
    const image = await publish(stage, "test/hosts-alone", HOST, FOREIGN);
    await runtime.pullImage(image);
    const ask = (platform: string): Promise<{ code: string; message: string; hint: string | undefined }> =>
      refusal(runtime.create({ meta: { name: "none" }, config: { image, network: "none", platform } }));
    expect(await ask(FOREIGN)).toEqual({
      code: "IMAGE_PLATFORM_MISMATCH",
      message: `image ${image} is here, and not for ${FOREIGN}`,
      hint: `pull it for ${FOREIGN}`,
    });
    expect(await ask("linux/s390x")).toMatchObject({ code: "IMAGE_PLATFORM_MISMATCH" });
    expect(await ask("plan9/amd64")).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await runtime.list()).toEqual([]);
    await runtime.removeImage(image);
  });

  test("is pulled by --platform where it is not here, unless --pull never says otherwise", async (stage) => {
    const image = await publish(stage, "test/by-flag", HOST, FOREIGN);
    await stage.main.runtime.pullImage(image);
    const busybox = `${(await findStaticBusybox()) ?? ""}:/busybox:ro`;
    const run = ["run", "-q", "--rm", "--network", "none", "-v", busybox, "--platform", FOREIGN];
    const refused = await voiyd(stage, ...run, "--pull", "never", image, "/busybox", "true");
    expect([refused.code, refused.stderr]).toEqual([
      125,
      `voiyd: image ${image} is here, and not for ${FOREIGN}\nhint: pull it for ${FOREIGN}\n`,
    ]);
    expect(await output(stage, ...run, image, "/busybox", "sh", "-c", SAY)).toBe(`${FOREIGN}\n${FOREIGN}\n`);
    const missing = await voiyd(stage, "run", "--rm", "--platform", "linux/s390x", image, "/busybox", "true");
    expect([missing.code, missing.stderr]).toEqual([
      125,
      expect.stringMatching(/is not for linux\/s390x\nhint: it is there for /),
    ]);
    await stage.main.runtime.removeImage(image);
  });
});
