import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import { output, voiyd } from "./voiyd.js";

await describeOnHost("the command line's image commands", (test) => {
  test("tag, push, save, rmi, load, history, inspect, verify and prune, as Docker's users know them", async (stage) => {
    const reference = await stage.publishBusybox("test/cli-images", { config: { cmd: ["true"], labels: { n: "2" } } });
    const tag = `${stage.registry.host}/test/cli-tagged:v1`;
    const archive = join(stage.directory, "cli.tar");
    await output(stage, "pull", "-q", reference);
    await output(stage, "tag", reference, tag);
    expect(await output(stage, "push", tag)).toMatch(/^\S+cli-tagged:v1: digest: sha256:[0-9a-f]{64}\n$/);
    await output(stage, "save", "-o", archive, tag);
    expect((await stat(archive)).size).toBeGreaterThan(500_000);
    expect(await output(stage, "rmi", reference, tag)).toBe(`Untagged: ${reference}\nUntagged: ${tag}\n`);
    expect((await voiyd(stage, "rmi", tag)).code).toBe(1);
    expect(await output(stage, "load", "-i", archive)).toBe(`Loaded image: ${tag}\n`);
    expect(await output(stage, "history", tag)).toContain("LAYER");
    expect(JSON.parse(await output(stage, "inspect", "--type", "image", tag))).toEqual([
      expect.objectContaining({ name: tag, config: expect.objectContaining({ cmd: ["true"] }) }),
    ]);
    expect(await output(stage, "image", "verify", tag)).toBe(`${tag}: ok\n`);
    expect(await output(stage, "image", "prune", "-a", "--dry-run")).toContain(`Would remove: ${tag}`);
    await output(stage, "tag", tag, reference);
    expect(await output(stage, "untag", reference)).toBe(`Untagged: ${reference}\n`);
    expect(await voiyd(stage, "untag", tag)).toMatchObject({ code: 1, stderr: expect.stringContaining("only name") });
    await output(stage, "image", "rm", tag);
  });
});
