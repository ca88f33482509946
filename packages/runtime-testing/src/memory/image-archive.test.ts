import { describe, expect, test } from "@jest/globals";
import { type TarFile, writeTar } from "../archive/tar.js";
import { type NamedImage, readImages, writeImages } from "./image-archive.js";
import type { FileTree } from "./memory-files.js";
import type { MemoryImage } from "./options.js";
import { storedImage } from "./stored-image.js";

const whole: Required<MemoryImage> = {
  entrypoint: ["greet"],
  args: ["you", "a=b"],
  envvars: [{ name: "PLACE", value: "memory=here" }],
  workingDir: "/srv",
  user: "app",
  users: ["root", "app"],
  stopSignal: "SIGUSR1",
  size: 5_000_000,
};

const entry = { mode: 0o640, modified: new Date(1_700_000_000_000) };
/** Longer than the first of the two fields that a name has in an archive. */
const long = `/${"folder/".repeat(20)}file`;

const files: FileTree = new Map([
  ["/", { ...entry, kind: "directory", content: new Uint8Array() }],
  ["/srv", { ...entry, kind: "directory", content: new Uint8Array() }],
  [long, { ...entry, kind: "file", content: Uint8Array.from(Buffer.from("content")) }],
]);

function named(name: string, image: MemoryImage, tree: FileTree = new Map()): NamedImage {
  return { name, stored: storedImage(name, image, tree) };
}

function archiveOf(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([path, content]): TarFile => ({
    path,
    kind: "file",
    mode: 0o644,
    modified: new Date(0),
    content: Buffer.from(content),
  }));
  return writeTar(entries);
}

describe("an archive of images in memory", () => {
  test("brings back all that an image is", () => {
    const images = [
      named("registry.example/whole:1", whole),
      named("registry.example/bare:1", { users: ["root"] }),
      named("registry.example/bare:2", { users: ["root"] }),
    ];
    expect(readImages(writeImages(images))).toEqual(images);
    expect(new Set(images.map(({ stored }) => stored.digest)).size).toBe(3);
  });

  test("brings back the files that an image was made with", () => {
    const [image] = readImages(writeImages([named("registry.example/files:1", whole, files)]));
    expect([...(image?.stored.files ?? [])]).toEqual([...files].filter(([path]) => path !== "/"));
    expect(image?.stored.content).toEqual(whole);
  });

  test("is not made of an image whose digest was made up", () => {
    const name = `registry.example/app@sha256:${"a".repeat(64)}`;
    expect(() => writeImages([named(name, whole)])).toThrow(expect.objectContaining({ code: "UNIMPLEMENTED" }));
  });

  const missing = JSON.stringify({
    manifests: [
      {
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: `sha256:${"a".repeat(64)}`,
        annotations: { "io.containerd.image.name": "registry.example/app:1" },
      },
    ],
  });
  test.each([
    ["without an index", {}],
    ["whose index is no JSON", { "index.json": "{" }],
    ["whose index is no object", { "index.json": "null" }],
    ["whose index has something else in the list's place", { "index.json": '{"manifests":{"0":1}}' }],
    ["whose images have no names", { "index.json": '{"manifests":[{"digest":"sha256:1"}]}' }],
    ["without the blob of an image", { "index.json": missing }],
    [
      "with an index in an image's place",
      { "index.json": missing.replace("image.manifest.v1+json", "image.index.v1+json") },
    ],
  ])("%s is refused", (_name, files) => {
    expect(() => readImages(archiveOf(files))).toThrow(expect.objectContaining({ code: "IMAGE_INVALID" }));
  });
});
