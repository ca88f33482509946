import { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect } from "@jest/globals";
import type { ImageSpec } from "@voiyd/harness";
import { RuntimeError } from "@voiyd/runtime-api";
import { busyboxMount, publishLayers } from "../fixture/bare-image.js";
import { outputOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";

type Layers = NonNullable<ImageSpec["layers"]>;

const ACCOUNTS: Layers[number] = {
  files: {
    etc: { directory: true },
    "etc/passwd": "root:x:0:0::/:/bin/sh\nlow:x:70:71::/:/bin/sh\n",
    "etc/group": "root:x:0:\nlow:x:71:\nmore:x:72:low\n",
  },
};
const UNRELATED: Layers[number] = { files: { "etc/other": "x" } };

/** Images of several layers, and who `low` is in them. */
const IMAGES: Readonly<Record<string, readonly [layers: Layers, who: string]>> = {
  "a lower layer": [[ACCOUNTS, UNRELATED, { files: { "etc/third": "y" } }], "70 71 72"],
  "a layer that is hidden": [
    [ACCOUNTS, { files: { etc: { opaque: true }, "etc/group": "root:x:0:\n" } }],
    "USER_NOT_FOUND",
  ],
  "a file that was removed": [[ACCOUNTS, { files: { "etc/passwd": { whiteout: true } } }], "USER_NOT_FOUND"],
  "a link within the image": [
    [
      ACCOUNTS,
      {
        files: {
          "etc/passwd": { symlink: "../usr/accounts" },
          usr: { directory: true },
          "usr/accounts": "low:x:80:71::/:/bin/sh\n",
        },
      },
    ],
    "80 71 72",
  ],
};

const ID = "/busybox id";

await describeOnHost("users by name, from the image's own files", (test) => {
  for (const snapshotter of ["overlayfs", "native"] as const) {
    test(
      `with the snapshotter ${snapshotter}, without anything mounted`,
      async (stage) => {
        await using stack = stage.open({ snapshotter });
        const mounts = [await busyboxMount()];
        const found: Record<string, string> = {};
        for (const [index, [name, [layers]]] of Object.entries(IMAGES).entries()) {
          const image = await publishLayers(stage, `test/users-${snapshotter}-${String(index)}`, layers);
          await stack.runtime.pullImage(image);
          const args = [
            "/busybox",
            "sh",
            "-c",
            `echo $(${ID} -u) $(${ID} -G | /busybox tr ' ' '\\n' | /busybox sort -n)`,
          ];
          try {
            await stack.runtime.run({
              meta: { name: "who" },
              config: { image, user: "low", network: "none", args, mounts },
            });
            found[name] = (await outputOf(stack.runtime, "who")).stdout.trim();
          } catch (error) {
            if (!(error instanceof RuntimeError)) throw error;
            found[name] = error.code;
          } finally {
            await stack.runtime.delete("who");
            await stack.runtime.removeImage(image);
          }
        }
        expect(found).toEqual(Object.fromEntries(Object.entries(IMAGES).map(([name, [, who]]) => [name, who])));
      },
      { keepsImages: true },
    );
  }

  test(
    "starts no program, but a tar for a folder that several layers have, and that once",
    async (stage) => {
      await using stack = stage.open({ snapshotter: "overlayfs" });
      const mounts = [await busyboxMount()];
      const single = await publishLayers(stage, "test/users-single", [ACCOUNTS]);
      const several = await publishLayers(stage, "test/users-several", [ACCOUNTS, UNRELATED]);
      const started: string[][] = [];
      for (const image of [single, single, several, several]) {
        await stack.runtime.pullImage(image);
        started.push(
          await programsOf(() =>
            stack.runtime.run({
              meta: { name: "who" },
              config: { image, user: "low", network: "none", args: ["/busybox", "true"], mounts },
            }),
          ),
        );
        await stack.runtime.delete("who");
      }
      // The first asks the OCI runtime what it can do.
      expect(started.slice(1)).toEqual([[], ["tar"], []]);
      for (const image of [single, several]) await stack.runtime.removeImage(image);
    },
    { keepsImages: true },
  );
});

/** The programs that this process starts while `action` goes on. */
async function programsOf(action: () => Promise<unknown>): Promise<string[]> {
  const started: ChildProcess[] = [];
  const note = (message: unknown): void => {
    // Told before the child knows what it will run.
    if (typeof message === "object" && message !== null && "process" in message) {
      if (message.process instanceof ChildProcess) started.push(message.process);
    }
  };
  subscribe("child_process", note);
  try {
    await action();
  } finally {
    unsubscribe("child_process", note);
  }
  return started.map(({ spawnfile }) => spawnfile);
}
