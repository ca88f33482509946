import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@jest/globals";
import { findStaticBusybox } from "@voiyd/harness";
import { RUNTIME_ERROR_CODES } from "@voiyd/runtime-api";
import { outputOf, refusal } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { type HostileImage, HOSTILE_IMAGES } from "./hostile-images.js";

/** Images that are tried side by side. */
const AT_ONCE = 4;

const MARK = "hostile";

/** Files of the host that an image would like to read, change or make. */
async function canaries(stage: Stage): Promise<unknown> {
  const folder = join(stage.directory, "canary");
  const text = (path: string): Promise<string> => readFile(path, "utf8");
  return {
    own: await text(join(folder, "file")),
    folder: await readdir(folder),
    accounts: await Promise.all(["/etc/shadow", "/etc/passwd", "/etc/group"].map(text)),
    changed: await Promise.all(["/etc", "/root", "/proc/sys/kernel/core_pattern"].map(lastChange)),
    etc: await readdir("/etc"),
    root: await readdir("/root"),
    top: await readdir("/"),
    made: (await readdir("/tmp")).filter((name) => name.includes(MARK)),
  };
}

/** Whatever the kernel answers from is new each time: there it is the content. */
async function lastChange(path: string): Promise<string> {
  return path.startsWith("/proc/") ? readFile(path, "utf8") : String((await stat(path)).mtimeMs);
}

/**
 * What the first process of each image tries: to find the host's canary by its content, and to leave a mark wherever the
 * image's volumes and traps may lead. That it was alive and came to its end is its last word.
 */
const HARM = [
  "for place in / /trap /trap/x /data /data/x /data/y /etc /tmp /root /proc/1/root/tmp /proc/1/cwd /proc/self/fd/7; do",
  `echo x > $place/${MARK} 2>/dev/null`,
  "done",
  "echo '|/tmp/hostile' > /proc/sys/kernel/core_pattern 2>/dev/null",
  "/busybox mknod /tmp/sda b 8 0 2>/dev/null && /busybox head -c 1 /tmp/sda >/dev/null 2>&1 && echo read a disk",
  "/busybox find / -path /proc -prune -o -path /sys -prune -o -type f -exec /busybox grep -l untouched-by-any-image {} +",
  "echo tried",
].join("\n");

/** An image's labels that have become containerd's, where they do things; undefined when none has. */
async function labelsTaken(stage: Stage, name: string, { config }: HostileImage): Promise<string | undefined> {
  const id = await stage.main.runtime.id(name);
  const { container } = await stage.main.client.containers.get({ id });
  const taken = Object.entries(config?.labels ?? {}).filter(([key, value]) => container?.labels[key] === value);
  return taken.length === 0 ? undefined : `labels that came from the image: ${taken.map(([key]) => key).join(", ")}`;
}

/** How much memory this process has, in bytes: the images are read in it. */
const memory = (): number => process.memoryUsage().rss;
const MOST_MEMORY = 256 * 1024 * 1024;

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
        entrypoint: ["/busybox", "sh", "-c", HARM],
        mounts: [{ type: "bind", source: busybox, destination: "/busybox", readOnly: true }],
      },
    });
    const { stdout } = await outputOf(runtime, name);
    const { exitCode } = await runtime.wait(name);
    // Where the image's own words are looked at again.
    await runtime.stop(name);
    if (stdout !== "tried\n" || exitCode !== 0)
      return `ended with ${String(exitCode)} and said ${JSON.stringify(stdout)}`;
    return (await labelsTaken(stage, name, image)) ?? "runs";
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
      await mkdir(join(stage.directory, "canary"), { recursive: true });
      await writeFile(join(stage.directory, "canary/file"), "untouched-by-any-image");
      const before = await canaries(stage);
      expect(new Set(HOSTILE_IMAGES.map(({ name }) => name)).size).toBeGreaterThanOrEqual(60);
      const used = memory();
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
      expect(await stage.main.runtime.version()).toMatch(/^containerd\//);
      expect(memory() - used).toBeLessThan(MOST_MEMORY);
      for (const { name } of await stage.main.runtime.listImages())
        if (name.includes("/test/hostile-")) await stage.main.runtime.removeImage(name);
    },
    { timeoutMs: 600_000, keepsImages: true },
  );

  test("would be seen: an image that is let at the host's files finds the canary, and changes it", async (stage) => {
    const folder = join(stage.directory, "canary");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "file"), "untouched-by-any-image");
    const before = await canaries(stage);
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "let-in" },
      config: {
        image: stage.busybox,
        network: "none",
        entrypoint: ["/busybox", "sh", "-c", HARM],
        mounts: [
          { type: "bind", source: (await findStaticBusybox()) ?? "", destination: "/busybox", readOnly: true },
          { type: "bind", source: folder, destination: "/trap" },
        ],
      },
    });
    try {
      expect((await outputOf(runtime, "let-in")).stdout).toBe("/trap/file\ntried\n");
      expect(await canaries(stage)).not.toEqual(before);
      expect(await readdir(folder)).toContain(MARK);
    } finally {
      await runtime.delete("let-in");
      await rm(folder, { recursive: true });
    }
  });
});
