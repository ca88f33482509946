import { readFile } from "node:fs/promises";
import { type Execute, execute } from "../process/execute.js";
import { findStaticBusybox } from "../requirements/static-busybox.js";
import { buildImage } from "./build-image.js";
import type { BuiltImage, FileSpec, ImageSpec, LayerSpec } from "./image-spec.js";
import { hostArchitecture } from "./platform.js";

/** What `/www/index.html` of {@link busyboxImage} says. */
export const INDEX_HTML = "<!doctype html><title>voiyd</title><p>It runs.</p>\n";

const PASSWD = [
  "root:x:0:0:root:/root:/bin/sh",
  "app:x:1000:1000:app:/home/app:/bin/sh",
  "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
  "",
].join("\n");
const GROUP = ["root:x:0:", "app:x:1000:", "extra:x:2000:app", "nogroup:x:65534:", ""].join("\n");

async function programLayer(run: Execute): Promise<LayerSpec> {
  const busybox = await findStaticBusybox();
  if (busybox === undefined) throw new Error("no static busybox on this machine; Debian's package is busybox-static");
  const applets = (await run(busybox, ["--list"])).stdout
    .split("\n")
    .filter((name) => name !== "" && name !== "busybox");
  return {
    files: {
      bin: { directory: true },
      "bin/busybox": { content: await readFile(busybox), mode: 0o755 },
      ...Object.fromEntries(applets.map((name): [string, FileSpec] => [`bin/${name}`, { symlink: "busybox" }])),
    },
  };
}

const filesLayer: LayerSpec = {
  files: {
    dev: { directory: true },
    etc: { directory: true },
    "etc/passwd": PASSWD,
    "etc/group": GROUP,
    home: { directory: true },
    "home/app": { directory: true, uid: 1000, gid: 1000 },
    proc: { directory: true },
    root: { directory: true, mode: 0o700 },
    sys: { directory: true },
    tmp: { directory: true, mode: 0o1777 },
    usr: { directory: true },
    "usr/bin": { directory: true },
    "usr/bin/env": { symlink: "/bin/busybox" },
    var: { directory: true },
    www: { directory: true },
    "www/index.html": INDEX_HTML,
  },
};

/**
 * The image that most tests run: a static busybox with all its applets, users root, app (1000, also in group extra) and
 * nobody (65534), and a page in `/www`. An index of two platforms: this machine's, and one that cannot run here.
 * Its command is `sh`; `httpd -f -p 80 -h /www` serves the page.
 */
export async function busyboxImage(
  directory: string,
  overrides: Partial<ImageSpec> = {},
  run: Execute = execute,
): Promise<BuiltImage> {
  const program = await programLayer(run);
  const architecture = hostArchitecture();
  const foreign: LayerSpec = {
    files: { bin: { directory: true }, "bin/busybox": { content: "a program of another architecture", mode: 0o755 } },
  };
  return buildImage({
    directory,
    config: { cmd: ["sh"] },
    platforms: [
      { os: "linux", architecture, layers: [program, filesLayer] },
      { os: "linux", architecture: architecture === "arm64" ? "amd64" : "arm64", layers: [foreign, filesLayer] },
    ],
    ...overrides,
  });
}
